"""The demo: one booking through a private link, a move and a cancel, seen from all sides."""
