"""The HTTP edge that every service shares."""
