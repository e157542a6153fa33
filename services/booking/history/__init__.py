"""What has happened to a booking: its history, its steps, and how it stood at an instant."""
