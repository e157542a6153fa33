"""The calendar entry of a booking, which pages and mails hand out alike."""
