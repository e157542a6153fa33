"""django-appointment, an open rival, in an environment of its own beside ours."""
