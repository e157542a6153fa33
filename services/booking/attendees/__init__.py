"""Attendees' own data: the one place for what they say about themselves, apart from the log."""
