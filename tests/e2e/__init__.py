"""All services as processes, spoken to as the world does: HTTP, Kafka, mail."""
