"""The notifier's rules: which letters there are, which of them still go out, in what order."""
