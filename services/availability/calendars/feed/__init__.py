"""Calendars that a server publishes at an address, as Google, Outlook and Apple do: read only."""
