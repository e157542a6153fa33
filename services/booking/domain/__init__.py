"""The rules of booking: pure deciders that know no clock, no chance and no library."""
