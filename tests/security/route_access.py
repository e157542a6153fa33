"""Who may use which route of booking: a new route needs its place here."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any, Literal

from tests.e2e.client import BOOKING, after, person

Caller = Literal[
    "nobody",
    "another organizer",
    "another attendee",
    "an administrator",
    "an operator",
    "its organizer",
    "its attendee",
]
Answer = int | Literal["let in"]
LET_IN: Literal["let in"] = "let in"


class Access(Enum):
    """The kinds of routes, by who may use them."""

    PUBLIC = auto()
    OWN = auto()
    """About the caller's own things: whoever has a page."""
    OWNED = auto()
    """About one thing of an organizer: to others it is not there."""
    BOOKING = auto()
    """About one booking: its organizer and whoever holds its token."""
    ANSWER = auto()
    """About one booking, for its organizer: its attendee is known, and may not."""
    BOOKINGS = auto()
    """The list of one's bookings; with a booking's token that one."""
    ADMINISTRATORS = auto()
    """About a person or an erasure that is not there."""
    SEARCH = auto()
    """For administrators, whether or not anything is found."""
    PROOF = auto()
    """Only whoever was mailed a link that proves their address."""
    DATA_TOKEN = auto()
    """Only whoever was mailed a link to what is held about them."""


_CALLERS: tuple[Caller, ...] = (
    "nobody",
    "another organizer",
    "another attendee",
    "an administrator",
    "an operator",
    "its organizer",
    "its attendee",
)


def _row(*answers: Answer) -> Mapping[Caller, Answer]:
    """Return the answers to the callers in their order; the last is asked about bookings only."""
    return dict(zip(_CALLERS, answers, strict=False))


WANTED: Mapping[Access, Mapping[Caller, Answer]] = {
    Access.PUBLIC: _row(LET_IN, LET_IN, LET_IN, LET_IN, LET_IN, LET_IN),
    Access.OWN: _row(401, LET_IN, 401, LET_IN, 403, LET_IN),
    Access.OWNED: _row(401, 404, 401, 404, 403, LET_IN),
    Access.BOOKING: _row(401, 404, 404, 404, 403, LET_IN, LET_IN),
    Access.ANSWER: _row(401, 404, 404, 404, 403, LET_IN, 403),
    Access.BOOKINGS: _row(401, LET_IN, LET_IN, LET_IN, 403, LET_IN),
    Access.ADMINISTRATORS: _row(401, 403, 401, 404, 403, 403),
    Access.SEARCH: _row(401, 403, 401, LET_IN, 403, 403),
    Access.PROOF: _row(401, 404, 404, 404, 403, 403),
    Access.DATA_TOKEN: _row(401, 401, 401, 401, 401, 401),
}


def _of(access: Access, *routes: str) -> dict[tuple[str, str], Access]:
    """Return the access of `METHOD /path`, the path under the API unless it begins with `//`."""
    found = {}
    for route in routes:
        method, path = route.split(" ")
        whole = path[1:] if path.startswith("//") else f"{BOOKING}{path}"
        found[method, whole] = access
    return found


ACCESS: Mapping[tuple[str, str], Access] = {
    **_of(
        Access.PUBLIC,
        "GET //livez",
        "GET //readyz",
        "GET //problems/{kind}",
        "GET /public/pages/{handle}",
        "GET /public/meeting-types/{type_id}",
        "GET /public/links/{token}",
        "POST /bookings",
        "POST /me/requests",
    ),
    **_of(
        Access.OWN,
        "GET /page",
        "PUT /page",
        "POST /page/publish",
        "POST /page/unpublish",
        "POST /page/renew-address",
        "GET /page/online-meeting",
        "PUT /page/online-meeting",
        "GET /page/regular-hours",
        "PUT /page/regular-hours",
        "GET /page/email-request",
        "POST /page/email-request",
        "DELETE /page/email-request",
        "POST /page/email-request/prove",  # a token that is not theirs is a link that is over
        "GET /meeting-types",
        "POST /meeting-types",
        "GET /offers",
    ),
    **_of(
        Access.OWNED,
        "GET /meeting-types/{type_id}",
        "PATCH /meeting-types/{type_id}",
        "DELETE /meeting-types/{type_id}",
        "POST /meeting-types/{type_id}/duplicate",
        "GET /meeting-types/{type_id}/links",
        "POST /meeting-types/{type_id}/links",
        "GET /links/{link_id}",
        "PATCH /links/{link_id}",
        "DELETE /links/{link_id}",
        "GET /offers/{offer_id}",
        "DELETE /offers/{offer_id}",
        "POST /offers",
    ),
    **_of(
        Access.ANSWER,
        "POST /bookings/{booking_id}/approve",
        "POST /bookings/{booking_id}/decline",
        "POST /bookings/{booking_id}/ask-to-reschedule",
    ),
    **_of(Access.BOOKINGS, "GET /bookings"),
    **_of(
        Access.BOOKING,
        "GET /bookings/{booking_id}",
        "GET /bookings/{booking_id}/invite.ics",
        "PATCH /bookings/{booking_id}",
        "GET /bookings/{booking_id}/history",
        "GET /bookings/{booking_id}/steps",
        "POST /bookings/{booking_id}/confirm",
        "POST /bookings/{booking_id}/release",
        "POST /bookings/{booking_id}/extend",
        "POST /bookings/{booking_id}/reschedule",
        "POST /bookings/{booking_id}/cancel",
    ),
    **_of(
        Access.ADMINISTRATORS,
        "GET /attendees/{attendee_id}",
        "DELETE /attendees/{attendee_id}",
        "GET /me/erasures/{erasure_id}",
    ),
    **_of(Access.SEARCH, "POST /attendees/find"),
    **_of(Access.DATA_TOKEN, "GET /me", "DELETE /me"),
    **_of(Access.PROOF, "POST /bookings/{booking_id}/verify"),
}

# A body that a route takes, so that it is the caller that is judged. Names in braces are things of
# the organizer whose things are asked for.
BODIES: Mapping[tuple[str, str], Any] = {
    (method, f"{BOOKING}{path}"): body
    for (method, path), body in {
        ("PUT", "/page"): {
            "handle": "taken-over",
            "display_name": "X",
            "email": "x@x.example",
            "time_zone": "UTC",
        },
        ("PUT", "/page/online-meeting"): {"provider": "jitsi", "enabled": False},
        ("PUT", "/page/regular-hours"): {"weekly_hours": {"mon": [["09:00", "12:00"]]}},
        ("POST", "/page/email-request"): {"email": "x@x.example"},
        ("POST", "/page/email-request/prove"): {"token": "bwe_" + "A" * 68},
        ("PATCH", "/bookings/{booking_id}"): {"name": "Taken Over"},
        ("POST", "/bookings"): {"meeting_type_id": "{type_id}", "start": after(9, 12)},
        ("POST", "/offers"): {"meeting_type_id": "{type_id}", "starts": [after(9, 14)]},
        ("POST", "/meeting-types"): {"title": "Taken over", "duration_minutes": 30},
        ("PATCH", "/meeting-types/{type_id}"): {"title": "Taken over"},
        ("PATCH", "/links/{link_id}"): {"label": "Taken over"},
        ("POST", "/bookings/{booking_id}/confirm"): {"attendee": person("x@x.example")},
        ("POST", "/bookings/{booking_id}/reschedule"): {"start": after(9, 10)},
        ("POST", "/attendees/find"): {"email": "x@x.example"},
        ("POST", "/me/requests"): {"email": "x@x.example"},
    }.items()
}
