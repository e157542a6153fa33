"""The contracts: what the services publish on Kafka, and all that a subscriber needs to read it."""
