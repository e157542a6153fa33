"""The AsyncAPI 3.1 document: channels, who sends and who receives, each message."""

from typing import Any

from contracts.event import ContractEvent
from contracts.generators.fixtures import fixtures
from contracts.registry import EVENTS, EVENTS_BY_TOPIC
from contracts.topics import TOPICS, Topic

VERSION = "0.1.0"
BINDING = "0.5.0"  # of AsyncAPI's Kafka bindings
SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"

_DESCRIPTION = (
    "What the services of Bookwith publish on Kafka: CloudEvents 1.0 in binary mode, "
    "ordered for each key."
)
_HEADERS = {
    "ce_id": "The event's id; the same in every copy of it.",
    "ce_specversion": "1.0",
    "ce_type": "The event's type, with its major version.",
    "ce_source": "The service that publishes it.",
    "ce_subject": "The id of the aggregate that it is about.",
    "ce_time": "When it happened, RFC 3339 in UTC.",
    "ce_dataschema": "The `$id` of the body's JSON Schema.",
    "ce_partitionkey": "The record's key.",
    "ce_sequence": "From 1, decimal, without gaps for each key and topic.",
    "ce_correlationid": "The id that the whole journey has in common.",
    "ce_causationid": "The id of the direct cause.",
    "traceparent": "W3C trace context.",
    "content-type": "application/json",
}
_OPTIONAL = {"traceparent"}


def document() -> dict[str, Any]:
    """Return the AsyncAPI document of all events in the registry."""
    records = fixtures()
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Bookwith",
            "version": VERSION,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": {name: part for topic in TOPICS for name, part in _operations(topic)},
        "components": {
            "schemas": {"Headers": _headers()},
            "messages": {event.__name__: _message(event, records[event.TYPE]) for event in EVENTS},
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "summary": topic.summary,
        "messages": {
            event.__name__: {"$ref": f"#/components/messages/{event.__name__}"}
            for event in EVENTS_BY_TOPIC[topic.name]
        },
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "topicConfiguration": {
                    name: value.split(",") if name == "cleanup.policy" else int(value)
                    for name, value in topic.config().items()
                },
                "bindingVersion": BINDING,
            }
        },
    }


def _operations(topic: Topic) -> list[tuple[str, dict[str, Any]]]:
    channel = {"$ref": f"#/channels/{topic.name}"}
    send = {
        "action": "send",
        "channel": channel,
        "summary": f"{topic.publisher} publishes.",
    }
    return [
        (f"{topic.publisher}.sends.{topic.name}", send),
        *(
            (
                f"{group}.receives.{topic.name}",
                {
                    "action": "receive",
                    "channel": channel,
                    "summary": f"{group} subscribes.",
                    "bindings": {
                        "kafka": {
                            "groupId": {"type": "string", "enum": [group]},
                            "bindingVersion": BINDING,
                        }
                    },
                },
            )
            for group in topic.subscribers
        ),
    ]


def _headers() -> dict[str, Any]:
    return {
        "type": "object",
        "required": [name for name in _HEADERS if name not in _OPTIONAL],
        "properties": {
            name: {"type": "string", "description": text} for name, text in _HEADERS.items()
        },
    }


def _message(event: type[ContractEvent], record: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": event.TYPE,
        "title": event.__name__,
        "summary": (event.__doc__ or "").strip(),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/Headers"},
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "payload": {
            "schemaFormat": SCHEMA_FORMAT,
            "schema": {"$ref": f"./schemas/{event.TOPIC}/{event.TYPE}.json"},
        },
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": f"`{event.KEY}`"},
                "bindingVersion": BINDING,
            }
        },
        "examples": [
            {"name": event.__name__, "headers": record["headers"], "payload": record["body"]}
        ],
    }
