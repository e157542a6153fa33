"""A page: what each command comes to in each state, as one table."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

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
    PageRegularHoursChanged,
    PageUnpublished,
)
from services.booking.domain.page_email import (
    EndEmailRequest,
    PageEmailRequested,
    PageEmailRequestEnded,
    ProveEmail,
    RequestEmail,
)
from services.booking.domain.refusals import (
    EmailLinkEnded,
    PageMissing,
    StateConflict,
)
from services.booking.domain.weekly_hours import WeeklyHours
from tests.builders import (
    ANNA,
    NOW,
    profile,
)
from tests.decision_table import DecisionTable, Row

CREATED = page.PageCreated(ANNA, profile())
JITSI = OnlineMeeting(provider="jitsi", url_template="https://meet.example/{booking_id}")
FIRST, SECOND = (UUID(int=number) for number in (1, 2))
LATER = NOW + timedelta(days=1)
WAITING = PageEmailRequested(request_id=FIRST, requested_at=NOW, expires_at=LATER)
ENDED = PageEmailRequestEnded(request_id=FIRST, reason="proven", ended_at=NOW)
EMAIL_COMMANDS = (
    "ask for email",
    "prove email",
    "prove email, late",
    "withdraw email",
    "expire email, early",
    "expire email",
)
COMMANDS: Mapping[str, page.Command] = {
    "create": page.CreatePage(ANNA, profile(display_name="Anna B.")),
    "change": page.ChangePage(profile(display_name="Anna B.")),
    "publish": page.PublishPage(),
    "unpublish": page.UnpublishPage(),
    "renew": page.RenewAddress("anna-of-bridges"),
    "online": page.SetOnlineMeeting(JITSI),
    "hours": page.SetRegularHours(WeeklyHours(sat=(("10:00", "14:00"),))),
    "allow": page.AllowPage(),
    "deny": page.DenyPage("ews_on"),
    "ask for email": RequestEmail(request_id=SECOND, expires_at=LATER, at=NOW),
    "prove email": ProveEmail(request_id=FIRST, email="own@x.example", at=NOW),
    "prove email, late": ProveEmail(request_id=FIRST, email="own@x.example", at=LATER),
    "withdraw email": EndEmailRequest(reason="withdrawn", at=NOW),
    "expire email, early": EndEmailRequest(reason="expired", at=NOW),
    "expire email": EndEmailRequest(reason="expired", at=LATER),
}
STATES: Mapping[str, tuple[page.Event, ...]] = {
    "absent": (),
    "absent, allowed": (page.PageAllowed(),),
    "draft": (CREATED,),
    "draft, denied": (CREATED, page.PageDenied("ews_on")),
    "published": (CREATED, page.PagePublished()),
    "open": (page.PageAllowed(), CREATED, page.PagePublished()),
    "email waiting": (CREATED, WAITING),
    "email proven": (CREATED, WAITING, ENDED),
}
ABSENT: Row = {
    "create": [PageCreated],
    "change": PageMissing,
    "publish": PageMissing,
    "unpublish": PageMissing,
    "renew": PageMissing,
    "online": PageMissing,
    "hours": PageMissing,
    "allow": [PageAllowed],
    "deny": [PageDenied],
    **dict.fromkeys(EMAIL_COMMANDS, PageMissing),
}
DRAFT: Row = {
    "create": StateConflict,
    "change": [PageChanged],
    "publish": [PagePublished],
    "unpublish": [],
    "renew": [PageAddressRenewed],
    "online": [PageOnlineMeetingChanged],
    "hours": [PageRegularHoursChanged],
    "allow": [PageAllowed],
    "deny": [PageDenied],
    "ask for email": [PageEmailRequested],
    "prove email": EmailLinkEnded,
    "prove email, late": EmailLinkEnded,
    "withdraw email": [],
    "expire email, early": [],
    "expire email": [],
}
PUBLISHED: Row = {**DRAFT, "publish": [], "unpublish": [PageUnpublished]}
TABLE: Mapping[str, Row] = {
    "absent": ABSENT,
    "absent, allowed": {**ABSENT, "allow": []},
    "draft": DRAFT,
    "draft, denied": {**DRAFT, "deny": []},
    "published": PUBLISHED,
    "open": {**PUBLISHED, "allow": []},
    "email waiting": {
        **DRAFT,
        "ask for email": [PageEmailRequestEnded, PageEmailRequested],
        "prove email": [PageEmailRequestEnded, PageChanged],
        "withdraw email": [PageEmailRequestEnded],
        "expire email": [PageEmailRequestEnded],
    },
    "email proven": DRAFT,
}

DECISIONS = DecisionTable(page, STATES, COMMANDS, TABLE)


@pytest.mark.parametrize(("state", "command"), DECISIONS.all())
def test_each_page_answers_each_command_as_the_table_says(state: str, command: str) -> None:
    DECISIONS.check(state, command)


def test_no_pair_of_a_page_is_left_out() -> None:
    DECISIONS.check_complete()
