"""Every state of every decider meets every command, and a table says what comes of it."""

from collections.abc import Mapping
from typing import Any, get_args

import pytest

from services.booking.domain import booking, meeting_type, page, private_link
from services.booking.domain.booking import (
    BookingCancelled,
    BookingConfirmed,
    BookingRescheduled,
    ReleaseHold,
    SlotReleased,
    SlotReserved,
)
from services.booking.domain.meeting_type import (
    MeetingTypeChanged,
    MeetingTypeCreated,
    MeetingTypeDeleted,
)
from services.booking.domain.page import (
    PageAddressRenewed,
    PageAllowed,
    PageChanged,
    PageCreated,
    PageDenied,
    PagePublished,
    PageUnpublished,
)
from services.booking.domain.private_link import (
    LinkExpired,
    LinkUseConsumed,
    LinkUseReturned,
    LinkUseTaken,
    PrivateLinkChanged,
    PrivateLinkIssued,
)
from services.booking.domain.refusals import (
    HoldOver,
    LinkDead,
    LinkInUse,
    NotAvailable,
    NotFound,
    SlotNotOffered,
    StateConflict,
)
from tests.builders import (
    ANNA,
    COFFEE_TYPE,
    FIRST_BOOKING,
    NOW,
    SECOND_BOOKING,
    TUESDAY,
    WEDNESDAY,
    after,
    cancel,
    cancelled,
    complete,
    confirm,
    confirmed,
    limits,
    link_issued,
    move,
    move_reserved,
    profile,
    reserve,
    reserved,
    settings,
)
from tests.specification import Decider

Cell = list[type] | type[Exception]


class Page:
    decider = Decider(page.INITIAL, page.decide, page.evolve)
    created = page.PageCreated(ANNA, profile())
    commands: Mapping[str, page.Command] = {
        "create": page.CreatePage(ANNA, profile(display_name="Anna B.")),
        "change": page.ChangePage(profile(display_name="Anna B.")),
        "publish": page.PublishPage(),
        "unpublish": page.UnpublishPage(),
        "renew": page.RenewAddress("anna-of-bridges"),
        "allow": page.AllowPage(),
        "deny": page.DenyPage("ews_on"),
    }
    states: Mapping[str, tuple[page.Event, ...]] = {
        "absent": (),
        "absent, allowed": (page.PageAllowed(),),
        "draft": (created,),
        "draft, denied": (created, page.PageDenied("ews_on")),
        "published": (created, page.PagePublished()),
        "open": (page.PageAllowed(), created, page.PagePublished()),
    }
    absent: Mapping[str, Cell] = {
        "create": [PageCreated],
        "change": NotFound,
        "publish": NotFound,
        "unpublish": NotFound,
        "renew": NotFound,
        "allow": [PageAllowed],
        "deny": [PageDenied],
    }
    draft: Mapping[str, Cell] = {
        "create": StateConflict,
        "change": [PageChanged],
        "publish": [PagePublished],
        "unpublish": [],
        "renew": [PageAddressRenewed],
        "allow": [PageAllowed],
        "deny": [PageDenied],
    }
    published: Mapping[str, Cell] = {**draft, "publish": [], "unpublish": [PageUnpublished]}
    table: Mapping[str, Mapping[str, Cell]] = {
        "absent": absent,
        "absent, allowed": {**absent, "allow": []},
        "draft": draft,
        "draft, denied": {**draft, "deny": []},
        "published": published,
        "open": {**published, "allow": []},
    }


class MeetingType:
    decider = Decider(meeting_type.INITIAL, meeting_type.decide, meeting_type.evolve)
    created = meeting_type.MeetingTypeCreated(ANNA, "Europe/Copenhagen", settings(), 1)
    commands: Mapping[str, meeting_type.Command] = {
        "create": meeting_type.CreateMeetingType(ANNA, "Europe/Copenhagen", settings()),
        "change": meeting_type.ChangeMeetingType("Europe/Copenhagen", settings(title="Tea")),
        "delete": meeting_type.DeleteMeetingType(),
    }
    states: Mapping[str, tuple[meeting_type.Event, ...]] = {
        "absent": (),
        "offered": (created,),
        "deleted": (created, meeting_type.MeetingTypeDeleted()),
    }
    table: Mapping[str, Mapping[str, Cell]] = {
        "absent": {"create": [MeetingTypeCreated], "change": NotFound, "delete": NotFound},
        "offered": {
            "create": StateConflict,
            "change": [MeetingTypeChanged],
            "delete": [MeetingTypeDeleted],
        },
        "deleted": {"create": StateConflict, "change": NotFound, "delete": []},
    }


class PrivateLink:
    """Each command comes from the first booking; in `held by another` the second has the use."""

    decider = Decider(private_link.INITIAL, private_link.decide, private_link.evolve)
    taken = private_link.LinkUseTaken(FIRST_BOOKING)
    consumed = private_link.LinkUseConsumed(FIRST_BOOKING)
    commands: Mapping[str, private_link.Command] = {
        "issue": private_link.IssueLink(ANNA, COFFEE_TYPE, limits(), NOW),
        "change": private_link.ChangeLink(limits(label="For the autumn fair"), NOW),
        "take": private_link.TakeUse(FIRST_BOOKING, NOW),
        "return": private_link.ReturnUse(FIRST_BOOKING),
        "consume": private_link.ConsumeUse(FIRST_BOOKING, NOW),
        "revoke": private_link.RevokeLink(NOW),
        "kill": private_link.KillLink("type_deleted", NOW),
        "expire, early": private_link.ExpireLink(NOW),
        "expire": private_link.ExpireLink(after(days=90)),
    }
    states: Mapping[str, tuple[private_link.Event, ...]] = {
        "absent": (),
        "active": (link_issued(),),
        "held": (link_issued(), taken),
        "held by another": (link_issued(), private_link.LinkUseTaken(SECOND_BOOKING)),
        "consumed": (
            link_issued(),
            taken,
            consumed,
            private_link.LinkExpired(COFFEE_TYPE, "consumed", NOW),
        ),
        "expired": (link_issued(), private_link.LinkExpired(COFFEE_TYPE, "ttl", NOW)),
        "expired, held": (link_issued(), taken, private_link.LinkExpired(COFFEE_TYPE, "ttl", NOW)),
        "revoked": (link_issued(), private_link.LinkExpired(COFFEE_TYPE, "revoked", NOW)),
        "revoked, held": (
            link_issued(),
            taken,
            private_link.LinkExpired(COFFEE_TYPE, "revoked", NOW),
        ),
    }
    active: Mapping[str, Cell] = {
        "issue": StateConflict,
        "change": [PrivateLinkChanged],
        "take": [LinkUseTaken],
        "return": [],
        "consume": StateConflict,
        "revoke": [LinkExpired],
        "kill": [LinkExpired],
        "expire, early": [],
        "expire": [LinkExpired],
    }
    dead: Mapping[str, Cell] = {
        "issue": StateConflict,
        "change": LinkDead,
        "take": LinkDead,
        "return": [],
        "consume": LinkDead,
        "revoke": [],
        "kill": [],
        "expire, early": [],
        "expire": [],
    }
    table: Mapping[str, Mapping[str, Cell]] = {
        "absent": dict.fromkeys(commands, NotFound) | {"issue": [PrivateLinkIssued]},
        "active": active,
        "held": {
            **active,
            "take": [],
            "return": [LinkUseReturned],
            "consume": [LinkUseConsumed, LinkExpired],
        },
        "held by another": {**active, "take": LinkInUse},
        "consumed": {**dead, "take": [], "consume": []},
        "expired": {**dead, "consume": StateConflict},
        "expired, held": {
            **dead,
            "take": [],
            "return": [LinkUseReturned],
            "consume": [LinkUseConsumed],
        },
        "revoked": dead,
        "revoked, held": {**dead, "take": [], "return": [LinkUseReturned]},
    }


class Booking:
    decider = Decider(booking.INITIAL, booking.decide, booking.evolve)
    commands: Mapping[str, booking.Command] = {
        "reserve": reserve(),
        "reserve another time": reserve(slot=WEDNESDAY),
        "confirm": confirm(),
        "release": ReleaseHold("released", after(minutes=1)),
        "release, swept": ReleaseHold("timeout", after(hours=3)),
        "release, denied": ReleaseHold("policy_disabled", after(minutes=1)),
        "release, rejected": ReleaseHold("rejected", after(minutes=1), TUESDAY),
        "move": move(),
        "complete": complete(),
        "cancel": cancel(),
    }
    released = SlotReleased(ANNA, TUESDAY, "timeout", "new")
    states: Mapping[str, tuple[booking.Event, ...]] = {
        "vacant": (),
        "held": (reserved(),),
        "confirmed": (reserved(), confirmed()),
        "moving": (reserved(), confirmed(), move_reserved()),
        "cancelled": (reserved(), confirmed(), cancelled()),
        "released": (reserved(), released),
        "rejected": (reserved(), SlotReleased(ANNA, TUESDAY, "rejected", "new")),
        "denied": (reserved(), SlotReleased(ANNA, TUESDAY, "policy_disabled", "new")),
    }
    over: Mapping[str, Cell] = {
        "reserve": StateConflict,
        "reserve another time": StateConflict,
        "confirm": HoldOver,
        "release": [],
        "release, swept": [],
        "release, denied": [],
        "release, rejected": [],
        "move": StateConflict,
        "complete": [],
        "cancel": StateConflict,
    }
    table: Mapping[str, Mapping[str, Cell]] = {
        "vacant": dict.fromkeys(commands, NotFound)
        | {"reserve": [SlotReserved], "reserve another time": [SlotReserved]},
        "held": {
            "reserve": [],
            "reserve another time": StateConflict,
            "confirm": [BookingConfirmed],
            "release": [SlotReleased],
            "release, swept": [SlotReleased],
            "release, denied": [SlotReleased],
            "release, rejected": [SlotReleased],
            "move": StateConflict,
            "complete": [],
            "cancel": StateConflict,
        },
        "confirmed": {
            "reserve": StateConflict,
            "reserve another time": StateConflict,
            "confirm": [],
            "release": StateConflict,
            "release, swept": [],
            "release, denied": [],
            "release, rejected": [],
            "move": [SlotReserved],
            "complete": [],
            "cancel": [BookingCancelled],
        },
        "moving": {
            "reserve": StateConflict,
            "reserve another time": StateConflict,
            "confirm": [],
            "release": [SlotReleased],
            "release, swept": [SlotReleased],
            "release, denied": [SlotReleased],
            "release, rejected": [],
            "move": [],
            "complete": [BookingRescheduled],
            "cancel": [SlotReleased, BookingCancelled],
        },
        "cancelled": {**over, "confirm": StateConflict, "cancel": []},
        "released": over,
        "rejected": {**over, "confirm": SlotNotOffered},
        "denied": {**over, "confirm": NotAvailable},
    }


CASES = (Page, MeetingType, PrivateLink, Booking)
PAIRS = [
    pytest.param(case, state, command, id=f"{case.__name__}: {state} / {command}")
    for case in CASES
    for state in case.states
    for command in case.commands
]


@pytest.mark.parametrize(("case", "state", "command"), PAIRS)
def test_each_state_answers_each_command_as_the_table_says(
    case: Any, state: str, command: str
) -> None:
    folded = case.decider.fold(case.states[state])

    assert case.table[state][command] == case.decider.outcome(folded, case.commands[command])


@pytest.mark.parametrize("case", CASES)
def test_the_table_has_exactly_the_pairs(case: Any) -> None:
    pairs = {(state, command) for state in case.states for command in case.commands}

    assert pairs == {(state, command) for state, row in case.table.items() for command in row}


@pytest.mark.parametrize(
    ("case", "module"),
    [(Page, page), (MeetingType, meeting_type), (PrivateLink, private_link), (Booking, booking)],
)
def test_no_state_command_or_event_is_left_out(case: Any, module: Any) -> None:
    folded = [case.decider.fold(events) for events in case.states.values()]
    cells = [cell for row in case.table.values() for cell in row.values()]
    caused = {kind for cell in cells if isinstance(cell, list) for kind in cell}

    assert set(get_args(module.State)) == {type(state) for state in folded}
    assert set(get_args(module.Command)) == {type(each) for each in case.commands.values()}
    assert set(get_args(module.Event)) == caused
