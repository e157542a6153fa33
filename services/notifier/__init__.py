"""The notifier: the mails that bookings owe to both parties, each sent once."""
