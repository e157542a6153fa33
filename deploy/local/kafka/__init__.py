"""Kafka of the local stack: one node from Maven's jars."""
