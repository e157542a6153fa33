"""Booking's pages."""
