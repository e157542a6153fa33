"""Another mail address for a page: given what happened, when it is asked for or proven, then."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from services.booking.domain import page
from services.booking.domain.page_email import (
    EndEmailRequest,
    PageEmailRequested,
    PageEmailRequestEnded,
    ProveEmail,
    RequestEmail,
)
from services.booking.domain.refusals import EmailLinkEnded, StateConflict
from tests.builders import ANNA, NOW, profile
from tests.specification import specification

given = specification(page.DECIDER)

FIRST, SECOND, THIRD, FOURTH = (UUID(int=number) for number in range(1, 5))
CREATED = page.PageCreated(ANNA, profile())
OWN = "own@x.example"


def minutes(count: int) -> datetime:
    return NOW + timedelta(minutes=count)


def ask(request_id: UUID = FIRST, at: datetime = NOW) -> RequestEmail:
    return RequestEmail(request_id=request_id, expires_at=at + timedelta(days=1), at=at)


def asked(request_id: UUID = FIRST, at: datetime = NOW) -> PageEmailRequested:
    return PageEmailRequested(
        request_id=request_id, requested_at=at, expires_at=at + timedelta(days=1)
    )


def ended(request_id: UUID, reason: str, at: datetime = NOW) -> PageEmailRequestEnded:
    return PageEmailRequestEnded(request_id=request_id, reason=reason, ended_at=at)  # type: ignore[arg-type]  # a parameter of tests


def prove(request_id: UUID = FIRST, at: datetime = NOW) -> ProveEmail:
    return ProveEmail(request_id=request_id, email=OWN, at=at)


def test_a_link_is_mailed_once_for_a_request() -> None:
    given(CREATED).when(ask()).then(asked())
    given(CREATED, asked()).when(ask(at=minutes(1))).then()


def test_the_opened_link_gives_the_page_its_address_and_stops_working() -> None:
    proven = page.PageChanged(ANNA, profile(email=OWN, email_proven=True))

    given(CREATED, asked()).when(prove()).then(ended(FIRST, "proven"), proven)
    given(CREATED, asked(), ended(FIRST, "proven"), proven).when(prove()).refused(EmailLinkEnded)


def test_another_address_ends_the_link_to_the_one_before() -> None:
    replaced = ended(FIRST, "replaced", minutes(1))

    given(CREATED, asked()).when(ask(SECOND, minutes(1))).then(replaced, asked(SECOND, minutes(1)))
    given(CREATED, asked(), replaced, asked(SECOND, minutes(1))).when(prove()).refused(
        EmailLinkEnded
    )


@pytest.mark.parametrize("reason", ["withdrawn", "expired"])
def test_what_is_withdrawn_or_too_late_proves_nothing(reason: str) -> None:
    given(CREATED, asked(), ended(FIRST, reason)).when(prove()).refused(EmailLinkEnded)


def test_a_link_ends_with_its_time_whenever_its_timer_fires() -> None:
    over = NOW + timedelta(days=1)

    given(CREATED, asked()).when(prove(at=over)).refused(EmailLinkEnded)
    given(CREATED, asked()).when(EndEmailRequest(reason="expired", at=over)).then(
        ended(FIRST, "expired", over)
    )
    given(CREATED, asked()).when(EndEmailRequest(reason="expired", at=NOW)).then()


def test_the_fourth_letter_of_an_hour_is_refused_and_after_the_hour_it_is_sent() -> None:
    happened = [
        CREATED,
        *(asked(each, minutes(n)) for n, each in enumerate((FIRST, SECOND, THIRD))),
    ]

    given(*happened).when(ask(FOURTH, minutes(59))).refused(StateConflict)
    given(*happened).when(ask(FOURTH, minutes(60))).then(
        ended(THIRD, "replaced", minutes(60)), asked(FOURTH, minutes(60))
    )
