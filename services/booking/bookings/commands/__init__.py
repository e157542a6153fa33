"""What can be done with a booking; each command returns what came of it."""
