"""Booking over HTTP: the API for organizers, attendees and programs, and the pages."""
