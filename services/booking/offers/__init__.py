"""Offers: times for one person, with the text to paste into a mail and one single-use link."""
