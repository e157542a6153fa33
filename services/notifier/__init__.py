"""The notifier: the mails about bookings to both parties, each sent once."""
