"""The notifier's rules: which letters there are, and which of them are still sent."""
