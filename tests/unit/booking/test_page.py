"""A page: what its organizer says, and when visitors see it."""

from dataclasses import replace

import pytest

from services.booking.domain import page
from services.booking.domain.handle import RESERVED_HANDLES
from services.booking.domain.location import InPerson, Online
from services.booking.domain.online_meeting import OnlineMeeting, meeting_url
from services.booking.domain.page import (
    AllowPage,
    ChangePage,
    CreatePage,
    DenyPage,
    PageAddressRenewed,
    PageAllowed,
    PageChanged,
    PageCreated,
    PageDenied,
    PageOnlineMeetingChanged,
    PagePublished,
    PageRegularHoursChanged,
    PageUnpublished,
    PublishPage,
    RenewAddress,
    SetOnlineMeeting,
    SetRegularHours,
    UnpublishPage,
    is_allowed,
    is_open,
)
from services.booking.domain.profile import Profile, SignedIn, proven_email
from services.booking.domain.refusals import Invalid, PageMissing, StateConflict
from services.booking.domain.weekly_hours import NO_HOURS, USUAL_HOURS, WeeklyHours
from tests.builders import ANNA, profile
from tests.specification import specification

PAGE = page.DECIDER
given = specification(PAGE)

CREATED = PageCreated(ANNA, profile())


def test_a_page_begins_with_its_organizer_s_profile() -> None:
    given().when(CreatePage(ANNA, profile())).then(CREATED)


def test_creating_the_same_page_again_changes_nothing() -> None:
    given(CREATED).when(CreatePage(ANNA, profile())).then()


def test_creating_a_second_page_is_refused() -> None:
    given(CREATED).when(CreatePage(ANNA, profile(handle="anna-too"))).refused(StateConflict)


def test_changing_nothing_changes_nothing() -> None:
    given(CREATED).when(ChangePage(profile())).then()


def test_a_change_carries_the_whole_profile() -> None:
    moved = profile(time_zone="Atlantic/Faroe", time_zone_locked=True)

    given(CREATED).when(ChangePage(moved)).then(PageChanged(ANNA, moved))


def test_publishing_twice_and_unpublishing_twice_changes_nothing() -> None:
    given(CREATED, PagePublished()).when(PublishPage()).then()
    given(CREATED, PagePublished(), PageUnpublished()).when(UnpublishPage()).then()


def test_publishing_before_there_is_a_page_is_refused() -> None:
    given().when(PublishPage()).refused(PageMissing)


def test_a_renewed_address_replaces_the_old_one() -> None:
    renewed = PageAddressRenewed("anna-of-bridges")

    given(CREATED).when(RenewAddress("anna-of-bridges")).then(renewed)
    given(CREATED, renewed).when(RenewAddress("anna-of-bridges")).then()
    given(CREATED, renewed).when(ChangePage(profile())).then(PageChanged(ANNA, profile()))


def test_a_page_is_closed_until_the_policy_has_allowed_it() -> None:
    published: list[page.Event] = [CREATED, PagePublished()]

    assert not is_open(PAGE.fold(published))
    assert is_open(PAGE.fold([*published, PageAllowed()]))


def test_the_policy_may_allow_a_page_before_there_is_one() -> None:
    given().when(AllowPage()).then(PageAllowed())

    assert not is_open(PAGE.fold([PageAllowed()]))
    assert is_open(PAGE.fold([PageAllowed(), CREATED, PagePublished()]))


def test_a_page_is_open_only_when_published_and_allowed() -> None:
    opened: list[page.Event] = [CREATED, PageAllowed(), PagePublished()]

    assert not is_open(PAGE.fold([CREATED, PageAllowed()]))
    assert not is_open(PAGE.fold([*opened, PageDenied("ews_on")]))
    assert not is_open(PAGE.fold([*opened, PageUnpublished()]))
    assert is_open(PAGE.fold([*opened, PageDenied("ews_on"), PageAllowed()]))


def test_an_unpublished_page_is_still_allowed() -> None:
    assert is_allowed(PAGE.fold([CREATED, PageAllowed()]))
    assert not is_allowed(PAGE.fold([CREATED, PagePublished()]))
    assert not is_allowed(PAGE.fold([CREATED, PageAllowed(), PageDenied("ews_on")]))


def test_a_repeated_decision_of_the_policy_adds_no_event() -> None:
    denied = PageDenied("ews_on")

    given(denied).when(DenyPage("ews_on")).then()
    given(denied).when(DenyPage("licence")).then(PageDenied("licence"))
    given(PageAllowed()).when(AllowPage()).then()


@pytest.mark.parametrize(
    "handle", ["ab", "anna", "anna-b", "4711", "a" * 64, "bridges-and-tunnels-2"]
)
def test_a_handle_is_short_and_readable(handle: str) -> None:
    given().when(CreatePage(ANNA, profile(handle=handle))).then(
        PageCreated(ANNA, profile(handle=handle))
    )


@pytest.mark.parametrize(
    "handle",
    [
        "",
        "a",
        "Anna",
        "änna",
        "anna_b",
        "-anna",
        "anna-",
        "an--na",
        "an/na",
        "anna\n",
        "a" * 65,
        "admin",
        "bookwith",
        "api",
    ],
)
def test_a_malformed_or_reserved_handle_is_refused(handle: str) -> None:
    created = given().when(CreatePage(ANNA, profile(handle=handle))).refused(Invalid)
    renewed = given(CREATED).when(RenewAddress(handle)).refused(Invalid)

    assert [fault.pointer for fault in created.faults] == ["/handle"]
    assert created.faults == renewed.faults


@pytest.mark.parametrize(
    ("faulty", "pointer"),
    [
        (profile(display_name=" "), "/display_name"),
        (profile(display_name="x" * 101), "/display_name"),
        (profile(display_name="Anna\r\nBcc: all@bridges.example"), "/display_name"),
        (profile(display_name="Anna \u202e reversed"), "/display_name"),
        (profile(display_name="Anna \ud800"), "/display_name"),
        (profile(email="anna"), "/email"),
        (profile(email="anna@bridges"), "/email"),
        (profile(email="anna@bridges.example\n"), "/email"),
        (profile(email="anna@b@bridges.example"), "/email"),
        (profile(email="anna@" + "b" * 250 + ".example"), "/email"),
        (profile(locale="Danish"), "/locale"),
        (profile(locale="da_DK"), "/locale"),
        (profile(time_zone=""), "/time_zone"),
    ],
)
def test_a_faulty_profile_is_refused(faulty: Profile, pointer: str) -> None:
    refusal = given(CREATED).when(ChangePage(faulty)).refused(Invalid)

    assert [pointer] == [fault.pointer for fault in refusal.faults]


@pytest.mark.parametrize("name", ["Søren Ærø", "안나", "أنا", "Ana 👩‍🚀"])
def test_a_name_may_be_written_in_any_script(name: str) -> None:
    given(CREATED).when(ChangePage(profile(display_name=name))).then(
        PageChanged(ANNA, profile(display_name=name))
    )


@pytest.mark.parametrize("email", ["a@münchen.example", "a@xn--mnchen-3ya.example", "a@B.example"])
def test_a_domain_may_be_written_as_it_is_shown_or_as_it_is_sent(email: str) -> None:
    given(CREATED).when(ChangePage(profile(email=email))).then(
        PageChanged(ANNA, profile(email=email))
    )


def test_all_faults_of_a_profile_are_named_at_once() -> None:
    faulty = profile(handle="", display_name="", email="", time_zone="", locale="")

    refusal = given().when(CreatePage(ANNA, faulty)).refused(Invalid)

    assert [fault.pointer for fault in refusal.faults] == [
        "/handle",
        "/display_name",
        "/email",
        "/time_zone",
        "/locale",
    ]
    assert "Must not be empty." in str(refusal)


@pytest.mark.parametrize(
    ("longest", "too_long", "pointer", "most"),
    [
        (profile(display_name="x" * 100), profile(display_name="x" * 101), "/display_name", 100),
        (profile(time_zone="x" * 64), profile(time_zone="x" * 65), "/time_zone", 64),
    ],
)
def test_a_name_and_a_zone_have_their_longest(
    longest: Profile, too_long: Profile, pointer: str, most: int
) -> None:
    given(CREATED).when(ChangePage(longest)).then(PageChanged(ANNA, longest))
    refusal = given(CREATED).when(ChangePage(too_long)).refused(Invalid)

    assert [(pointer, f"Must have at most {most} characters.")] == [
        (fault.pointer, fault.detail) for fault in refusal.faults
    ]


@pytest.mark.parametrize("handle", sorted(RESERVED_HANDLES))
def test_a_handle_that_would_pass_for_the_service_is_reserved(handle: str) -> None:
    faulty = given().when(CreatePage(ANNA, profile(handle=handle))).refused(Invalid)
    renewed = given(CREATED).when(RenewAddress(handle)).refused(Invalid)

    sentence = f"{handle!r} is reserved, or reads like a name that is; choose another one."
    assert sentence == str(faulty) == str(renewed)


def test_a_page_of_before_keeps_a_handle_that_is_reserved_by_now() -> None:
    old = PageCreated(ANNA, profile(handle="payroll"))
    changed = profile(handle="payroll", time_zone="Asia/Tokyo")

    given(old).when(ChangePage(changed)).then(PageChanged(ANNA, changed))
    given(old).when(ChangePage(profile(handle="hr"))).refused(Invalid)


def test_the_online_meeting_of_a_page_is_set_once_and_must_be_joinable() -> None:
    jitsi = OnlineMeeting(provider="jitsi", url_template="https://meet.example/{booking_id}")
    off = replace(jitsi, enabled=False)

    given(CREATED).when(SetOnlineMeeting(jitsi)).then(PageOnlineMeetingChanged(jitsi))
    given(CREATED, PageOnlineMeetingChanged(jitsi)).when(SetOnlineMeeting(jitsi)).then()
    given(CREATED, PageOnlineMeetingChanged(jitsi)).when(SetOnlineMeeting(off)).then(
        PageOnlineMeetingChanged(off)
    )
    given(CREATED).when(SetOnlineMeeting(replace(jitsi, url_template="http://x"))).refused(Invalid)


def test_regular_hours_are_set_once_for_all_types() -> None:
    early = WeeklyHours(mon=(("07:00", "11:30"), ("12:00", "15:00")))

    given(CREATED).when(SetRegularHours(USUAL_HOURS)).then()
    given(CREATED).when(SetRegularHours(early)).then(PageRegularHoursChanged(early))
    given(CREATED, PageRegularHoursChanged(early)).when(SetRegularHours(early)).then()
    given(CREATED).when(SetRegularHours(NO_HOURS)).refused(Invalid)
    given(CREATED).when(SetRegularHours(WeeklyHours(sun=(("9", "10"),)))).refused(Invalid)


def test_an_online_place_has_its_own_address_whatever_the_page_adds() -> None:
    jitsi = OnlineMeeting(provider="jitsi", url_template="https://meet.example/{booking_id}")
    own = Online("url", "https://own.example/")

    assert "https://own.example/" == meeting_url(own, jitsi, ANNA)
    assert f"https://meet.example/{ANNA}" == meeting_url(InPerson("Here"), jitsi, ANNA)
    assert meeting_url(InPerson("Here"), replace(jitsi, enabled=False), ANNA) is None
    assert meeting_url(InPerson("Here"), None, ANNA) is None


@pytest.mark.parametrize(
    ("asked", "claimed", "current", "proven"),
    [
        (None, "anna@x.example", None, "anna@x.example"),
        ("ANNA@X.example", "anna@x.example", "old@x.example", "anna@x.example"),
        (None, "", "old@x.example", "old@x.example"),
        ("bo@x.example", "anna@x.example", "bo@x.example", None),
        ("bo@x.example", "", None, None),
    ],
)
def test_an_organizer_s_address_is_that_of_their_sign_in(
    asked: str | None, claimed: str, current: str | None, proven: str | None
) -> None:
    signed_in = SignedIn(name="Anna", email=claimed)

    page_before = profile(email=current) if current else None
    if proven is None:
        with pytest.raises(Invalid):
            proven_email(asked, signed_in, page_before)
    else:
        assert (proven, False) == proven_email(asked, signed_in, page_before)


@pytest.mark.parametrize(
    ("asked", "claimed", "becomes"),
    [
        (None, "anna@x.example", ("own@x.example", True)),
        (None, "changed@x.example", ("own@x.example", True)),
        (None, "", ("own@x.example", True)),
        ("OWN@x.example", "anna@x.example", ("own@x.example", True)),
        ("anna@x.example", "anna@x.example", ("anna@x.example", False)),
        ("bo@x.example", "anna@x.example", None),
        ("bo@x.example", "", None),
    ],
)
def test_an_address_that_was_proven_stays_until_that_of_the_sign_in_is_asked_for(
    asked: str | None, claimed: str, becomes: tuple[str, bool] | None
) -> None:
    signed_in = SignedIn(name="Anna", email=claimed)
    own = profile(email="own@x.example", email_proven=True)

    if becomes is None:
        with pytest.raises(Invalid):
            proven_email(asked, signed_in, own)
    else:
        assert becomes == proven_email(asked, signed_in, own)
