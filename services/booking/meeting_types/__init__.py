"""Meeting types: what an organizer offers."""
