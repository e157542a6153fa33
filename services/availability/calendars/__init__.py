"""Organizers' own calendars: connected, read for busy times, written to, each by its adapter."""
