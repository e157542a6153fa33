"""Each field of the page's and the booking's commands with values that it cannot be."""

import json
from typing import Any

from services.chassis.ids import new_id
from tests.component.booking.booking_service import (
    API,
    BookingService,
    Organizer,
    day,
    problem,
    vera,
)

VALUES: tuple[Any, ...] = (
    {"\ud800": 1},
    [{"\u202e": []}],
    [None],
    "\x00",
    "\ud800",
    "\u202egnp.exe",
    "=?utf-8?q?x?=\r\nBcc: all@x.example",
    "x" * 5000,
    10**30,
    -(10**30),
    0.5,
)


async def test_no_field_of_a_page_or_a_booking_takes_what_it_is_not(
    service: BookingService, anna: Organizer
) -> None:
    topic = {"id": "topic", "label": "Topic?", "required": True}
    kind = await anna.meeting_type(questions=[topic])
    page = {name: anna.profile[name] for name in ("handle", "time_zone")}
    online = {"provider": "jitsi", "enabled": True}
    booking = {
        "meeting_type_id": kind["id"],
        "start": day(3),
        "attendee": vera(),
        "answers": [{"question_id": "topic", "value": "Ropes"}],
    }
    commands: list[tuple[str, str, dict[str, Any], tuple[str, ...]]] = [
        ("PUT", "/page", page, ("handle", "email", "time_zone", "locale", "time_zone_locked")),
        ("POST", "/page/renew-address", {}, ("handle", "forward_days")),
        ("PUT", "/page/online-meeting", online, ("provider", "enabled", "url_template")),
        ("POST", f"/meeting-types/{kind['id']}/duplicate", {}, ("slug",)),
        ("POST", "/bookings", booking, ("duration_minutes", "location_index", "answers")),
    ]
    before = await anna.events()

    for method, path, body, fields in commands:
        headers = {} if path == "/bookings" else anna.headers
        for field in fields:
            for value in VALUES:
                answer = await service.booking.http.request(
                    method,
                    API + path,
                    content=json.dumps({**body, field: value}),
                    headers={**headers, "Content-Type": "application/json"},
                )
                assert (422, "invalid") == problem(answer), (path, field, value)

    for value in VALUES[3:]:
        body = {**booking, "answers": [{"question_id": "topic", "value": value}]}
        answer = await service.booking.http.post(f"{API}/bookings", content=json.dumps(body))
        assert answer.status_code in (415, 422), (value, answer.text)
    assert before == await anna.events()


async def test_an_unknown_type_is_not_copied(anna: Organizer) -> None:
    for name in (str(new_id()), "nonsense", "%00"):
        answer = await anna.call("POST", f"/meeting-types/{name}/duplicate")
        assert (404, "not-found") == problem(answer)
