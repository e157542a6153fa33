"""The booking service: event-sourced owner of pages, meeting types, private links and bookings."""
