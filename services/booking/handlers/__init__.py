"""Booking's commands: load, decide, append, in one transaction that the caller owns."""
