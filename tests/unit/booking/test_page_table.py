"""A page: what each command comes to in each state, as one table."""

from collections.abc import Mapping

import pytest

from services.booking.domain import page
from services.booking.domain.online_meeting import OnlineMeeting
from services.booking.domain.page import (
    PageAddressRenewed,
    PageAllowed,
    PageChanged,
    PageCreated,
    PageDenied,
    PageOnlineMeetingChanged,
    PagePublished,
    PageUnpublished,
)
from services.booking.domain.refusals import (
    PageMissing,
    StateConflict,
)
from tests.builders import (
    ANNA,
    profile,
)
from tests.decision_table import DecisionTable, Row

CREATED = page.PageCreated(ANNA, profile())
JITSI = OnlineMeeting(provider="jitsi", url_template="https://meet.example/{booking_id}")
COMMANDS: Mapping[str, page.Command] = {
    "create": page.CreatePage(ANNA, profile(display_name="Anna B.")),
    "change": page.ChangePage(profile(display_name="Anna B.")),
    "publish": page.PublishPage(),
    "unpublish": page.UnpublishPage(),
    "renew": page.RenewAddress("anna-of-bridges"),
    "online": page.SetOnlineMeeting(JITSI),
    "allow": page.AllowPage(),
    "deny": page.DenyPage("ews_on"),
}
STATES: Mapping[str, tuple[page.Event, ...]] = {
    "absent": (),
    "absent, allowed": (page.PageAllowed(),),
    "draft": (CREATED,),
    "draft, denied": (CREATED, page.PageDenied("ews_on")),
    "published": (CREATED, page.PagePublished()),
    "open": (page.PageAllowed(), CREATED, page.PagePublished()),
}
ABSENT: Row = {
    "create": [PageCreated],
    "change": PageMissing,
    "publish": PageMissing,
    "unpublish": PageMissing,
    "renew": PageMissing,
    "online": PageMissing,
    "allow": [PageAllowed],
    "deny": [PageDenied],
}
DRAFT: Row = {
    "create": StateConflict,
    "change": [PageChanged],
    "publish": [PagePublished],
    "unpublish": [],
    "renew": [PageAddressRenewed],
    "online": [PageOnlineMeetingChanged],
    "allow": [PageAllowed],
    "deny": [PageDenied],
}
PUBLISHED: Row = {**DRAFT, "publish": [], "unpublish": [PageUnpublished]}
TABLE: Mapping[str, Row] = {
    "absent": ABSENT,
    "absent, allowed": {**ABSENT, "allow": []},
    "draft": DRAFT,
    "draft, denied": {**DRAFT, "deny": []},
    "published": PUBLISHED,
    "open": {**PUBLISHED, "allow": []},
}

DECISIONS = DecisionTable(page, STATES, COMMANDS, TABLE)


@pytest.mark.parametrize(("state", "command"), DECISIONS.all())
def test_each_page_answers_each_command_as_the_table_says(state: str, command: str) -> None:
    DECISIONS.check(state, command)


def test_no_pair_of_a_page_is_left_out() -> None:
    DECISIONS.check_complete()
