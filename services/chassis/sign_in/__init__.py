"""Sign-in for pages: the way to the provider and back, the session's cookie, drafts of forms."""
