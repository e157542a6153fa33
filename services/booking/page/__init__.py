"""The organizer's page: its address, its owner's profile, whether it is open."""
