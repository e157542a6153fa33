"""Attendees' personal data: stored here only, apart from the events, so that it can be erased."""
