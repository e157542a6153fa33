"""The checker: compares the answers that clients got with stores, topics, read models and inbox."""
