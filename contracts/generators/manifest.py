"""The manifest of topics: what a deployment creates, and whom it lets write and read."""

from typing import Any

from contracts.topics import ALL_TOPICS, Topic


def manifest() -> dict[str, Any]:
    """Return every topic with its settings and its rights."""
    return {"topics": [_described(topic) for topic in ALL_TOPICS]}


def _described(topic: Topic) -> dict[str, Any]:
    return {
        "name": topic.name,
        "summary": topic.summary,
        "key": topic.key,
        "partitions": topic.partitions,
        "config": topic.config(),
        "personal_data": topic.personal_data,
        "write": [topic.publisher],
        "read": list(topic.subscribers),
    }
