"""Who is asking, and what a token permits."""
