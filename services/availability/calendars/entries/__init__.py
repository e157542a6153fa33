"""Entries of calendars as text (RFC 5545), read for the times that they take and nothing else."""
