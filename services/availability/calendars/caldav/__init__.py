"""CalDAV (RFC 4791, 6578): calendars of Nextcloud, Fastmail, iCloud, Radicale, Xandikos."""
