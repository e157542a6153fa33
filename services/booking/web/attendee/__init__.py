"""The pages of an attendee: pick a time, book, change, cancel."""
