"""The organizers' pages, behind the sign-in."""
