"""Budgets: how much callers who have not signed in may ask for in a while, for all processes."""
