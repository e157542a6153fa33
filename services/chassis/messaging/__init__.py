"""Kafka: what leaves through the outbox, what comes in through a consumer."""
