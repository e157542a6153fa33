"""The local mail inbox: an SMTP server that keeps everything, with a page and JSON to read it."""
