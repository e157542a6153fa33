"""Private links: (1) to (9) of the rules, one test or more for each."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import pytest

from services.booking.domain import private_link
from services.booking.domain.private_link import (
    ChangeLink,
    ConsumeUse,
    EndLink,
    ExpireLink,
    IssueLink,
    LinkUseConsumed,
    LinkUseReturned,
    LinkUseTaken,
    PrivateLinkChanged,
    ReturnUse,
    RevokeLink,
    TakeUse,
)
from services.booking.domain.private_link.details import Addressee, LinkDetails
from services.booking.domain.private_link.limits import Limits
from services.booking.domain.refusals import (
    EndReason,
    Invalid,
    LinkEnded,
    LinkInUse,
    LinkNotYet,
    StateConflict,
)
from tests.builders import (
    ANNA,
    COFFEE_TYPE,
    FIRST_BOOKING,
    NOW,
    SECOND_BOOKING,
    THIRD_BOOKING,
    after,
    limits,
    link_issued,
)
from tests.private_links import CONSUMED, DEADLINE, INSTANT, ISSUED, LINK, TAKEN, ended, given

OFFER = UUID("0ffe0000-0000-7000-8000-000000000001")
FOR_VERA = LinkDetails(addressees=(Addressee(name="Vera", email="vera@visitors.example"),))

# Issuing and changing


def test_a_link_is_issued_with_its_limits() -> None:
    given().when(
        IssueLink(organizer_id=ANNA, meeting_type_id=COFFEE_TYPE, limits=limits(), at=NOW)
    ).then(ISSUED)


def test_an_issued_link_has_its_organizer_its_meeting_type_and_its_limits() -> None:
    assert LINK.fold([ISSUED]) == private_link.Link(
        organizer_id=ANNA, meeting_type_id=COFFEE_TYPE, limits=limits()
    )


@pytest.mark.parametrize("expires_at", [after(hours=1), after(days=366)])
def test_a_link_is_valid_for_an_hour_to_366_days(expires_at: datetime) -> None:
    given().when(
        IssueLink(
            organizer_id=ANNA,
            meeting_type_id=COFFEE_TYPE,
            limits=limits(expires_at=expires_at),
            at=NOW,
        )
    ).then(link_issued(expires_at=expires_at))


@pytest.mark.parametrize(
    ("faulty", "pointer"),
    [
        (limits(expires_at=after(hours=1) - INSTANT), "/expires_at"),
        (limits(expires_at=after(days=366) + INSTANT), "/expires_at"),
        (limits(max_uses=0), "/max_uses"),
        (limits(max_uses=10_001), "/max_uses"),
        (limits(duration_minutes=4), "/duration_minutes"),
        (limits(not_before=after(days=90)), "/not_before"),
    ],
)
def test_a_link_out_of_range_is_refused(faulty: Limits, pointer: str) -> None:
    refusal = (
        given()
        .when(IssueLink(organizer_id=ANNA, meeting_type_id=COFFEE_TYPE, limits=faulty, at=NOW))
        .refused(Invalid)
    )

    assert [pointer] == [fault.pointer for fault in refusal.faults]


def test_all_faults_of_a_link_are_named_at_once() -> None:
    faulty = limits(max_uses=-1, expires_at=NOW)

    refusal = (
        given()
        .when(
            IssueLink(
                organizer_id=ANNA,
                meeting_type_id=COFFEE_TYPE,
                limits=faulty,
                details=LinkDetails(label="\x00"),
                at=NOW,
            )
        )
        .refused(Invalid)
    )

    assert {"/label", "/max_uses", "/expires_at"} == {fault.pointer for fault in refusal.faults}


def test_a_link_for_certain_people_says_so_in_its_event_and_does_not_name_them() -> None:
    given().when(
        IssueLink(
            organizer_id=ANNA,
            meeting_type_id=COFFEE_TYPE,
            limits=limits(),
            details=FOR_VERA,
            at=NOW,
        )
    ).then(link_issued(for_addressees=True))


def test_a_link_is_for_other_people_or_for_everybody_once_that_is_asked_for() -> None:
    bound = link_issued(for_addressees=True)
    to_all = ChangeLink(limits=limits(), details=LinkDetails(), before=FOR_VERA, at=NOW)
    to_vera = ChangeLink(limits=limits(), details=FOR_VERA, before=LinkDetails(), at=NOW)

    given(bound).when(to_all).then(PrivateLinkChanged(COFFEE_TYPE, limits()))
    given(ISSUED).when(to_vera).then(PrivateLinkChanged(COFFEE_TYPE, limits(for_addressees=True)))


def test_a_link_whose_addressees_were_erased_opens_to_nobody_when_its_label_changes() -> None:
    bound = link_issued(for_addressees=True)
    renamed = ChangeLink(
        limits=limits(), details=LinkDetails(label="Erased"), before=LinkDetails(), at=NOW
    )

    given(bound).when(renamed).then(PrivateLinkChanged(COFFEE_TYPE, limits(for_addressees=True)))


def test_the_link_of_an_offer_is_changed_with_the_offer_only() -> None:
    of_offer = private_link.PrivateLinkIssued(
        organizer_id=ANNA, meeting_type_id=COFFEE_TYPE, limits=limits(), offer_id=OFFER
    )

    given(of_offer).when(ChangeLink(limits=limits(max_uses=2), at=NOW)).refused(StateConflict)
    given(of_offer).when(ChangeLink(limits=limits(), at=NOW)).then()
    assert OFFER == private_link.offer_of(LINK.fold([of_offer]))
    assert private_link.offer_of(LINK.fold([ISSUED])) is None
    assert private_link.offer_of(None) is None


def test_a_deployment_may_allow_shorter_links() -> None:
    short = limits(expires_at=after(seconds=2))

    given().when(
        IssueLink(
            organizer_id=ANNA, meeting_type_id=COFFEE_TYPE, limits=short, at=NOW, minimum_seconds=2
        )
    ).then(link_issued(expires_at=after(seconds=2)))


def test_a_link_near_its_deadline_can_get_another_label() -> None:
    renamed = LinkDetails(label="For the last of them")

    given(ISSUED).when(ChangeLink(limits=limits(), details=renamed, at=DEADLINE - INSTANT)).then(
        PrivateLinkChanged(COFFEE_TYPE, limits())
    )


def test_a_change_names_a_faulty_label_and_a_faulty_deadline_at_once() -> None:
    noted = LinkDetails(label="two\nlines")
    change = ChangeLink(limits=limits(expires_at=NOW), details=noted, at=NOW)

    refusal = given(ISSUED).when(change).refused(Invalid)

    assert ["/label", "/expires_at"] == [fault.pointer for fault in refusal.faults]


def test_a_changed_deadline_too_near_is_refused() -> None:
    given(ISSUED).when(ChangeLink(limits=limits(expires_at=after(minutes=1)), at=NOW)).refused(
        Invalid
    )


def test_a_changed_link_follows_its_new_limits() -> None:
    changed = PrivateLinkChanged(COFFEE_TYPE, limits(max_uses=2, expires_at=after(days=10)))
    history = (ISSUED, TAKEN, changed)

    given(*history).when(TakeUse(SECOND_BOOKING, after(days=10) - INSTANT)).then(
        LinkUseTaken(SECOND_BOOKING)
    )
    given(*history).when(TakeUse(SECOND_BOOKING, after(days=10))).refused(LinkEnded)


def test_changing_nothing_changes_nothing() -> None:
    given(ISSUED).when(ChangeLink(limits=limits(), at=NOW)).then()


def test_the_uses_of_a_link_leave_one_besides_those_consumed_which_its_holds_share() -> None:
    history = (
        link_issued(max_uses=5),
        TAKEN,
        CONSUMED,
        LinkUseTaken(SECOND_BOOKING),
        LinkUseTaken(THIRD_BOOKING),
    )

    given(*history).when(ChangeLink(limits=limits(max_uses=1), at=NOW)).refused(Invalid)
    given(*history).when(ChangeLink(limits=limits(max_uses=2), at=NOW)).then(
        PrivateLinkChanged(COFFEE_TYPE, limits(max_uses=2))
    )


def test_a_change_that_would_leave_no_use_is_refused() -> None:
    history = (link_issued(max_uses=2), TAKEN, CONSUMED)

    given(*history).when(ChangeLink(limits=limits(max_uses=1), at=NOW)).refused(Invalid)


def test_an_expired_link_cannot_be_extended() -> None:
    longer = ChangeLink(limits=limits(expires_at=after(days=200)), at=DEADLINE)

    assert given(ISSUED).when(longer).refused(LinkEnded).reason == "ttl"


# Uses


def test_a_hold_takes_a_use() -> None:
    given(ISSUED).when(TakeUse(FIRST_BOOKING, NOW)).then(TAKEN)


def test_a_second_hold_shares_the_last_use() -> None:
    given(ISSUED, TAKEN).when(TakeUse(SECOND_BOOKING, NOW)).then(LinkUseTaken(SECOND_BOOKING))


@pytest.mark.parametrize("max_uses", [1, 3])
def test_ten_holds_at_most_share_the_last_use(max_uses: int) -> None:
    held = [LinkUseTaken(UUID(int=number)) for number in range(max_uses + 9)]
    history = (link_issued(max_uses=max_uses), *held)

    given(*history[:-1]).when(TakeUse(FIRST_BOOKING, NOW)).then(TAKEN)
    given(*history).when(TakeUse(FIRST_BOOKING, NOW)).refused(LinkInUse)


def test_of_those_who_share_the_last_use_the_first_to_confirm_consumes_it() -> None:
    shared = (ISSUED, TAKEN, LinkUseTaken(SECOND_BOOKING))
    used = (*shared, LinkUseConsumed(SECOND_BOOKING), ended("consumed"))

    given(*shared).when(ConsumeUse(SECOND_BOOKING, NOW)).then(
        LinkUseConsumed(SECOND_BOOKING), ended("consumed")
    )
    refusal = given(*used).when(ConsumeUse(FIRST_BOOKING, NOW)).refused(LinkEnded)
    assert "consumed" == refusal.reason
    given(*used).when(ReturnUse(FIRST_BOOKING)).then(LinkUseReturned(FIRST_BOOKING))


def test_a_use_cannot_be_taken_before_the_link_opens() -> None:
    later = link_issued(not_before=after(days=2))

    refusal = given(later).when(TakeUse(FIRST_BOOKING, after(days=2) - INSTANT)).refused(LinkNotYet)
    assert after(days=2) == refusal.opening
    given(later).when(TakeUse(FIRST_BOOKING, after(days=2))).then(TAKEN)


def test_a_released_hold_returns_its_use() -> None:
    given(ISSUED, TAKEN).when(ReturnUse(FIRST_BOOKING)).then(LinkUseReturned(FIRST_BOOKING))
    given(ISSUED, TAKEN, LinkUseReturned(FIRST_BOOKING)).when(TakeUse(SECOND_BOOKING, NOW)).then(
        LinkUseTaken(SECOND_BOOKING)
    )


def test_a_single_use_link_ends_with_its_first_booking() -> None:
    given(ISSUED, TAKEN).when(ConsumeUse(FIRST_BOOKING, NOW)).then(CONSUMED, ended("consumed"))


def test_a_consumed_use_is_not_returned_by_a_cancellation() -> None:
    given(ISSUED, TAKEN, CONSUMED, ended("consumed")).when(ReturnUse(FIRST_BOOKING)).then()


def test_taking_a_use_of_a_consumed_link_is_refused_as_consumed() -> None:
    history = (ISSUED, TAKEN, CONSUMED, ended("consumed"))

    assert (
        given(*history).when(TakeUse(SECOND_BOOKING, NOW)).refused(LinkEnded).reason == "consumed"
    )


def test_a_link_with_two_uses_ends_with_the_second_booking() -> None:
    history = (link_issued(max_uses=2), TAKEN, LinkUseTaken(SECOND_BOOKING))

    given(*history).when(ConsumeUse(SECOND_BOOKING, NOW)).then(LinkUseConsumed(SECOND_BOOKING))
    given(*history, LinkUseConsumed(SECOND_BOOKING)).when(ConsumeUse(FIRST_BOOKING, NOW)).then(
        CONSUMED, ended("consumed")
    )


def test_a_link_without_a_limit_always_has_another_use() -> None:
    history = (link_issued(max_uses=None), TAKEN, CONSUMED, LinkUseTaken(SECOND_BOOKING))

    given(*history).when(TakeUse(THIRD_BOOKING, NOW)).then(LinkUseTaken(THIRD_BOOKING))
    given(*history).when(ConsumeUse(SECOND_BOOKING, NOW)).then(LinkUseConsumed(SECOND_BOOKING))


def test_consuming_a_use_that_is_not_held_is_refused() -> None:
    given(ISSUED).when(ConsumeUse(FIRST_BOOKING, NOW)).refused(StateConflict)


# The deadline


def test_a_use_is_taken_up_to_the_last_instant_before_the_deadline() -> None:
    given(ISSUED).when(TakeUse(FIRST_BOOKING, DEADLINE - INSTANT)).then(TAKEN)


def test_a_use_cannot_be_taken_from_the_deadline_on() -> None:
    assert given(ISSUED).when(TakeUse(FIRST_BOOKING, DEADLINE)).refused(LinkEnded).reason == "ttl"


def test_a_timer_that_fires_early_expires_nothing() -> None:
    given(ISSUED).when(ExpireLink(DEADLINE - INSTANT)).then()


def test_a_late_timer_does_not_extend_the_link() -> None:
    given(ISSUED).when(ExpireLink(after(days=100))).then(ended("ttl", DEADLINE))


def test_a_use_taken_in_time_can_be_consumed_after_the_deadline() -> None:
    given(ISSUED, TAKEN, ended("ttl", DEADLINE)).when(
        ConsumeUse(FIRST_BOOKING, DEADLINE + INSTANT)
    ).then(CONSUMED)


def test_consuming_after_the_deadline_first_expires_the_link_when_its_timer_is_late() -> None:
    given(ISSUED, TAKEN).when(ConsumeUse(FIRST_BOOKING, DEADLINE)).then(
        ended("ttl", DEADLINE), CONSUMED
    )


def test_a_use_returned_after_the_deadline_cannot_be_taken_again() -> None:
    history = (ISSUED, TAKEN, ended("ttl", DEADLINE), LinkUseReturned(FIRST_BOOKING))

    assert (
        given(*history).when(TakeUse(SECOND_BOOKING, DEADLINE)).refused(LinkEnded).reason == "ttl"
    )


def test_a_link_with_uses_left_ends_at_its_deadline() -> None:
    history = (link_issued(max_uses=2), TAKEN, CONSUMED)

    given(*history).when(TakeUse(SECOND_BOOKING, DEADLINE)).refused(LinkEnded)


# Revoking


def test_a_revoked_link_gives_no_use() -> None:
    given(ISSUED).when(RevokeLink(NOW)).then(ended("revoked"))
    refusal = given(ISSUED, ended("revoked")).when(TakeUse(FIRST_BOOKING, NOW)).refused(LinkEnded)

    assert refusal.reason == "revoked"


@pytest.mark.parametrize("reason", ["revoked", "type_deleted", "type_made_public"])
def test_a_use_cannot_be_consumed_after_its_link_was_ended_by_the_organizer(
    reason: EndReason,
) -> None:
    history = (ISSUED, TAKEN, ended(reason))

    assert reason == given(*history).when(ConsumeUse(FIRST_BOOKING, NOW)).refused(LinkEnded).reason
    given(*history).when(ReturnUse(FIRST_BOOKING)).then(LinkUseReturned(FIRST_BOOKING))


@pytest.mark.parametrize("reason", ["type_deleted", "type_made_public"])
def test_a_link_ends_with_its_meeting_type(
    reason: Literal["type_deleted", "type_made_public"],
) -> None:
    given(ISSUED).when(EndLink(reason, NOW)).then(ended(reason))


def test_ending_a_link_again_changes_nothing() -> None:
    given(ISSUED, ended("revoked")).when(RevokeLink(after(hours=1))).then()
    given(ISSUED, ended("revoked")).when(EndLink("type_deleted", after(hours=1))).then()


def test_revoking_after_the_deadline_expires_the_link_at_its_deadline() -> None:
    given(ISSUED).when(RevokeLink(after(days=91))).then(ended("ttl", DEADLINE))
