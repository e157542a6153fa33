"""What pages and mails share."""
