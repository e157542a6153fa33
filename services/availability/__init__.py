"""The availability service: a projected view of free and busy, slots, verdicts on reservations."""
