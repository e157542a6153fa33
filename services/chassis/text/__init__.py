"""What typed text may hold, as pure functions: the domains use them too."""
