"""What an operator reads of an event, and what stays hidden until it is asked for."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.registry import EVENTS_BY_TYPE
from services.operations.event_lines import MASK, event_line, masked

FIXTURES = sorted((Path(__file__).parents[3] / "contracts" / "fixtures").glob("*.json"))


def fixture(name: str) -> tuple[str, Any]:
    [path] = [path for path in FIXTURES if f".{name}.v1" in path.name]
    document = json.loads(path.read_text())
    return EVENTS_BY_TYPE[path.stem].TOPIC, document["body"]


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts(each)]
    return [value] if isinstance(value, str) else []


def test_an_attendee_keeps_only_ids_and_zone() -> None:
    topic, body = fixture("AttendeeRecorded")
    body["answers"] = [{"question_id": "q1", "value": "vera's dog"}]
    body["new_field"] = {"phone": "+45 12 34 56 78"}

    shown = masked(topic, body)

    assert {body["attendee_id"], body["booking_id"], body["time_zone"]} <= set(texts(shown))
    assert body["name"] not in json.dumps(shown)
    assert body["email"] not in json.dumps(shown)
    assert {MASK} == set(texts(shown["new_field"]))
    assert {MASK} == {answer["value"] for answer in shown["answers"]}


@pytest.mark.parametrize("name", ["PageCreated", "BookingConfirmed", "BookingCancelled"])
def test_an_organizers_name_and_address_are_hidden(name: str) -> None:
    topic, body = fixture(name)
    contact = body.get("organizer", body)

    shown = json.dumps(masked(topic, body))

    assert contact["email"] not in shown
    assert contact["display_name"] not in shown


def test_an_address_is_hidden_in_any_text_but_a_uid_is_none() -> None:
    body = {"title": "Talk with vera@example.test", "uid": "01a2@bookwith", "note": ["a@b.test"]}

    assert masked("booking.events.v1", body) == {
        "title": f"Talk with {MASK}",
        "uid": "01a2@bookwith",
        "note": [MASK],
    }


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.name.split(".")[3])
def test_no_event_shows_an_address_in_its_line_or_its_masked_body(path: Path) -> None:
    topic, body = EVENTS_BY_TYPE[path.stem].TOPIC, json.loads(path.read_text())["body"]
    line = event_line(topic, 3, path.name.split(".")[3], body)

    uids = {name: (body or {}).get(name) for name in ("uid", "message_id")}
    shown = [text for text in texts(masked(topic, body)) if "@" in text]

    assert "@" not in line
    assert set(shown) <= set(uids.values())
