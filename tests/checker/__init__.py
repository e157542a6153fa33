"""The checker: compares what clients were told with store, topics, read models and inbox."""
