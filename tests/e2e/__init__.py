"""All services as processes, spoken to as the clients does: HTTP, Kafka, mail."""
