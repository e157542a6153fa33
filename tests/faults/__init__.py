"""Processes killed, parts held down, poison: while people book, and what has become of it."""
