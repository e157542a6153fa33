"""Private links: the ways to private meeting types."""
