"""What is held about an attendee: asked for by mail, seen, downloaded, erased by themselves."""
