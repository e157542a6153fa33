"""Forms: made here or refused, the same booking for the same form, nobody else's ever."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from contracts.problem_types import BY_NAME
from services.booking.web.attendee.draft import Draft, draft_of
from services.booking.web.attendee.problems import NextStep, next_step, problem_pages
from services.booking.web.forms import Forms, instant_of
from services.chassis.http.middleware import BodyLimit
from services.chassis.http.problems import Problem
from services.chassis.identity.capability_tokens import KeyRing
from tests.builders import FIRST_BOOKING, SECOND_BOOKING

KEYS = KeyRing({1: b"k" * 32})
FORMS = Forms(KEYS)
TEN = datetime(2026, 3, 3, 10, tzinfo=UTC)


def test_a_form_sent_twice_makes_one_booking_and_another_time_makes_another() -> None:
    key = FORMS.fresh()
    first = FORMS.booking_id(key, "/with/anna/coffee", TEN)

    assert FORMS.booking_id(key, "/with/anna/coffee", TEN) == first
    assert FORMS.booking_id(key, "/with/anna/coffee", TEN + timedelta(hours=1)) != first
    assert FORMS.booking_id(key, "/with/anna/tea", TEN) != first
    assert FORMS.booking_id(FORMS.fresh(), "/with/anna/coffee", TEN) != first
    assert first.version == 7


def test_bookings_are_ordered_by_when_their_forms_were_made() -> None:
    ids = [FORMS.booking_id(FORMS.fresh(), "/with/anna/coffee", TEN) for _ in range(3)]
    moments = [id_.int >> 80 for id_ in ids]

    assert moments == sorted(moments)
    assert all(UUID(bytes=id_.bytes).variant == id_.variant for id_ in ids)


def test_a_form_key_that_is_not_ours_is_refused() -> None:
    foreign = Forms(KeyRing({1: b"f" * 32}))
    for key in ("", "bwf_x", foreign.fresh(), FORMS.key("cancel", FIRST_BOOKING)):
        with pytest.raises(Problem) as refused:
            FORMS.booking_id(key, "/with/anna/coffee", TEN)
        assert refused.value.status == 403


def test_a_form_key_is_valid_only_for_its_action_and_its_booking() -> None:
    cancel = {"form": FORMS.key("cancel", FIRST_BOOKING)}

    FORMS.check(cancel, "cancel", FIRST_BOOKING)
    for action, booking_id in (("cancel", SECOND_BOOKING), ("confirm", FIRST_BOOKING)):
        with pytest.raises(Problem):
            FORMS.check(cancel, action, booking_id)
    with pytest.raises(Problem):
        FORMS.check({}, "cancel", FIRST_BOOKING)


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2026-03-03T10:00:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00Z"]
)
def test_a_start_that_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(Problem) as refused:
        instant_of(text)

    assert refused.value.status == 422


def test_a_draft_comes_back_from_the_browser_as_it_was() -> None:
    for name in ("Åse \U0001f600", "山田\u3000太郎", "Jean\u00a0Paul", "Mi\u200cra"):
        for draft in (Draft(name, "aase@example.test"), Draft(name, "x", "+45 1", sent=False)):
            assert draft_of(_with_cookie(draft.written())) == draft
    for value in ("", "!", "e30", "WzEsMl0", "W10"):
        assert draft_of(_with_cookie(value)) is None


def _with_cookie(value: str) -> Request:
    headers = [(b"cookie", f"bw_draft={value}".encode())]
    return Request({"type": "http", "headers": headers})


def _house() -> httpx.AsyncClient:
    """Return pages and an API that refuse, behind what tells problems in words."""

    async def refuse(request: Request) -> JSONResponse:
        kind, reason = request.path_params["kind"], request.query_params.get("reason")
        body = {"type": f"/problems/{kind}", "status": BY_NAME[kind].status, "reason": reason}
        headers = {"Retry-After": "2"}
        return JSONResponse(body, BY_NAME[kind].status, headers, "application/problem+json")

    async def fine(request: Request) -> PlainTextResponse:
        return PlainTextResponse("fine")

    async def take(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    async def nobody(request: Request) -> tuple[str, ...]:
        return ()

    routes = [
        Route("/p/{kind}", refuse),
        Route("/with/{kind}", refuse),
        Route("/api/{kind}", refuse),
        Route("/m/fine", fine),
        Route("/m/take", take, methods=["POST"]),
    ]
    app = problem_pages(BodyLimit(Starlette(routes=routes)), nobody)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://house.test")


@pytest.mark.parametrize("kind", [kind for kind in BY_NAME if not kind.startswith("idempotency")])
async def test_every_problem_on_a_page_is_a_page_in_words(kind: str) -> None:
    answer = await _house().get(f"/with/{kind}", headers={"Accept-Language": "da"})

    assert answer.status_code == BY_NAME[kind].status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["retry-after"] == "2"
    assert '<html lang="da">' in answer.text
    assert "/problems/" not in answer.text


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("ttl", "expired"),
        ("consumed", "used"),
        ("revoked", "withdrawn"),
        ("odd", "ask for a new one"),
    ],
)
async def test_the_page_of_a_link_that_has_ended_says_why(reason: str, words: str) -> None:
    answer = await _house().get("/p/link-dead", params={"reason": reason})

    assert answer.status_code == 410
    assert words in answer.text


async def test_the_api_keeps_its_problem_documents() -> None:
    answer = await _house().get("/api/not-found", headers={"Accept": "text/html"})

    assert json.loads(answer.text)["type"] == "/problems/not-found"


async def test_a_response_that_is_no_problem_is_unchanged() -> None:
    answer = await _house().get("/m/fine")

    assert answer.text == "fine"


async def test_a_form_that_is_too_large_is_refused_on_a_page() -> None:
    answer = await _house().post("/m/take", content=b"x" * 70_000)

    assert answer.status_code == 413
    assert "larger than this page takes" in answer.text


@pytest.mark.parametrize(
    ("path", "method", "kind", "way"),
    [
        ("/m/booking/1/cancel", "POST", "change-too-late", NextStep("/m/booking/1", "booking")),
        ("/p/link/1", "POST", "link-in-use", NextStep("/p/link/1", "times")),
        ("/with/anna/tea", "GET", "not-found", NextStep("/with/anna", "page")),
        ("/with/anna/tea", "POST", "forbidden", NextStep("/with/anna/tea", "times")),
        ("/with/anna/tea", "GET", "unavailable", NextStep("/with/anna/tea", "retry")),
        ("/with/anna", "GET", "not-available", None),
        ("/p/link/1", "GET", "link-dead", None),
        ("/m/booking/1", "GET", "not-found", None),
    ],
)
def test_a_problem_page_links_to_where_the_visitor_can_continue(
    path: str, method: str, kind: str, way: NextStep | None
) -> None:
    wanted = way and NextStep(way.path, f"problem.way.{way.words}")

    assert next_step(path, method, kind) == wanted


@dataclass(frozen=True, slots=True)
class Sums:
    """Work that is no work: the answer is the challenge."""

    def challenge(self, booking_id: UUID) -> str:
        return str(booking_id)

    def accepts(self, booking_id: UUID, answer: str) -> bool:
        return answer == str(booking_id)


def made(seconds_ago: float) -> UUID:
    """Return an id that was made so long ago."""
    moment = int((datetime.now(UTC).timestamp() - seconds_ago) * 1000)
    return UUID(int=moment << 80 | 7 << 76 | 8 << 60)


def sent(forms: Forms, seconds_ago: float = 60, **typed: str) -> dict[str, str]:
    return {"shown": forms.guards(FIRST_BOOKING, begun=made(seconds_ago)).shown, **typed}


def test_a_form_that_a_person_has_filled_in_is_taken() -> None:
    assert Forms(KEYS, 0.5).why_not_a_person(sent(FORMS), FIRST_BOOKING) is None
    assert Forms(KEYS, 0.5).why_not_a_person(sent(FORMS, 0.6), FIRST_BOOKING) is None


def test_a_form_that_comes_back_at_once_says_so() -> None:
    forms = Forms(KEYS, 0.5)

    assert "fault.quick" == forms.why_not_a_person(sent(FORMS, 0.3), FIRST_BOOKING)
    assert FORMS.why_not_a_person(sent(FORMS, 0), FIRST_BOOKING) is None  # no bound is set


def test_when_a_form_was_shown_cannot_be_made_up_nor_taken_from_another_form() -> None:
    forms = Forms(KEYS, 0.5)

    assert "fault.quick" == forms.why_not_a_person({}, FIRST_BOOKING)
    assert "fault.quick" == forms.why_not_a_person({"shown": "yesterday"}, FIRST_BOOKING)
    assert "fault.quick" == forms.why_not_a_person(sent(FORMS), SECOND_BOOKING)


def test_what_a_person_does_not_see_stays_empty() -> None:
    assert "fault.trap" == FORMS.why_not_a_person(sent(FORMS, more="x"), FIRST_BOOKING)


def test_work_is_asked_for_only_where_it_is_switched_on() -> None:
    working = Forms(KEYS, proof=Sums())

    assert FORMS.guards(FIRST_BOOKING).challenge is None
    assert str(FIRST_BOOKING) == working.guards(FIRST_BOOKING).challenge
    assert "fault.proof" == working.why_not_a_person(sent(working), FIRST_BOOKING)
    assert working.why_not_a_person(sent(working, proof=str(FIRST_BOOKING)), FIRST_BOOKING) is None
