"""Bookings: reserve, confirm, move, cancel, release, look."""
