"""Bookings: reserve, confirm, move, cancel, release, view."""
