"""Meeting types: what may be offered, and what not."""

from typing import Any
from uuid import UUID

import pytest

from services.booking.domain import meeting_type
from services.booking.domain.date_overrides import DateOverride
from services.booking.domain.location import InPerson, Location, Online, Phone, join_url
from services.booking.domain.meeting_type import (
    ChangeMeetingType,
    CreateMeetingType,
    DeleteMeetingType,
    MeetingTypeChanged,
    MeetingTypeCreated,
    MeetingTypeDeleted,
    Reminder,
    chosen_duration,
    chosen_location,
    default_increment,
    default_slug,
    free_slug,
    notice,
    revision_of,
    settings_at,
)
from services.booking.domain.refusals import Invalid, NotFound
from services.booking.domain.slot import Notice
from services.booking.domain.weekly_hours import WeeklyHours
from tests.builders import ANNA, settings
from tests.specification import specification

TYPE = meeting_type.DECIDER
given = specification(TYPE)

HOME = "Europe/Copenhagen"
CREATED = MeetingTypeCreated(
    organizer_id=ANNA, organizer_time_zone=HOME, settings=settings(), revision=1
)
DAY = 1440


def create(**changes: Any) -> CreateMeetingType:
    return CreateMeetingType(
        organizer_id=ANNA, organizer_time_zone=HOME, settings=settings(**changes)
    )


def pointers(**changes: Any) -> list[str]:
    return [fault.pointer for fault in given().when(create(**changes)).refused(Invalid).faults]


def accepted(**changes: Any) -> None:
    given().when(create(**changes)).then(
        MeetingTypeCreated(
            organizer_id=ANNA, organizer_time_zone=HOME, settings=settings(**changes), revision=1
        )
    )


def test_a_type_begins_with_its_first_revision() -> None:
    given().when(create()).then(CREATED)


def test_the_defaults_are_two_hours_lead_and_sixty_days_horizon() -> None:
    plain = meeting_type.Settings(
        title="Tea",
        slug="tea",
        duration_minutes=30,
        increment_minutes=30,
        location=InPerson("The kitchen"),
    )

    assert (plain.min_lead_minutes, plain.max_lead_minutes) == (120, 60 * DAY)
    assert (plain.visibility, plain.hours, plain.description) == ("public", "calendar", "")


@pytest.mark.parametrize(("duration", "increment"), [(5, 5), (29, 29), (30, 30), (60, 30)])
def test_the_default_increment_is_the_duration_and_at_most_half_an_hour(
    duration: int, increment: int
) -> None:
    assert increment == default_increment(duration)


def test_each_change_is_a_revision() -> None:
    tea, cake = settings(title="Tea"), settings(title="Cake")

    given(CREATED).when(ChangeMeetingType(organizer_time_zone=HOME, settings=tea)).then(
        MeetingTypeChanged(organizer_id=ANNA, organizer_time_zone=HOME, settings=tea, revision=2)
    )
    given(
        CREATED,
        MeetingTypeChanged(organizer_id=ANNA, organizer_time_zone=HOME, settings=tea, revision=2),
    ).when(ChangeMeetingType(organizer_time_zone=HOME, settings=cake)).then(
        MeetingTypeChanged(organizer_id=ANNA, organizer_time_zone=HOME, settings=cake, revision=3)
    )


def test_changing_nothing_is_no_revision() -> None:
    given(CREATED).when(ChangeMeetingType(organizer_time_zone=HOME, settings=settings())).then()


def test_an_organizer_s_new_zone_is_a_revision() -> None:
    given(CREATED).when(
        ChangeMeetingType(organizer_time_zone="Asia/Tokyo", settings=settings())
    ).then(
        MeetingTypeChanged(
            organizer_id=ANNA, organizer_time_zone="Asia/Tokyo", settings=settings(), revision=2
        )
    )


def test_a_deleted_type_is_deleted_once_and_never_changed() -> None:
    given(CREATED, MeetingTypeDeleted()).when(DeleteMeetingType()).then()
    given(CREATED, MeetingTypeDeleted()).when(
        ChangeMeetingType(organizer_time_zone=HOME, settings=settings(title="Tea"))
    ).refused(NotFound)


def test_a_deleted_type_keeps_its_last_settings() -> None:
    deleted = TYPE.fold([CREATED, MeetingTypeDeleted()])

    assert deleted == meeting_type.Deleted(
        meeting_type.MeetingType(
            organizer_id=ANNA, organizer_time_zone=HOME, settings=settings(), revision=1
        )
    )


def test_the_cut_off_is_the_minimum_lead_time() -> None:
    assert notice(settings(min_lead_minutes=45)) == Notice(
        min_lead_minutes=45, max_lead_minutes=60 * DAY, cutoff_minutes=45
    )


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("A second opinion", "a-second-opinion"),
        ("Søren & Åses køb", "soeren-aases-koeb"),
        ("Café — crème", "cafe-creme"),
        ("東京", "meeting"),
        ("!", "meeting"),
        ("x" * 63 + " y", "x" * 63),
    ],
)
def test_a_default_slug_is_made_from_the_title(title: str, slug: str) -> None:
    assert slug == default_slug(title)
    accepted(slug=default_slug(title))


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [
        ("duration_minutes", 5, DAY),
        ("increment_minutes", 5, 240),
        ("max_lead_minutes", DAY + 120, 365 * DAY),
    ],
)
def test_each_duration_has_its_range(field: str, least: int, most: int) -> None:
    accepted(**{field: least})
    accepted(**{field: most})

    assert [f"/{field}"] == pointers(**{field: least - 1})
    assert [f"/{field}"] == pointers(**{field: most + 1})


def test_the_lead_time_is_not_negative() -> None:
    accepted(min_lead_minutes=0)

    assert pointers(min_lead_minutes=-1) == ["/min_lead_minutes"]


def test_the_horizon_exceeds_the_lead_time_by_a_day() -> None:
    accepted(min_lead_minutes=0, max_lead_minutes=DAY)
    accepted(min_lead_minutes=3 * DAY, max_lead_minutes=4 * DAY)

    assert pointers(min_lead_minutes=0, max_lead_minutes=DAY - 1) == ["/max_lead_minutes"]
    assert pointers(min_lead_minutes=3 * DAY, max_lead_minutes=4 * DAY - 1) == ["/max_lead_minutes"]


@pytest.mark.parametrize(
    "hours",
    [
        WeeklyHours(mon=(("09:00", "12:00"), ("13:00", "17:00"))),
        WeeklyHours(fri=(("22:00", "02:00"),), sat=(("02:00", "03:00"),)),
        WeeklyHours(sun=(("00:00", "24:00"),)),
        WeeklyHours(tue=(("09:00", "12:00"), ("11:00", "13:00"))),
        WeeklyHours(tue=(("23:59", "00:00"),)),
    ],
)
def test_hours_may_run_into_the_next_day_meet_and_overlap(hours: WeeklyHours) -> None:
    accepted(hours="custom", weekly_hours=hours)


@pytest.mark.parametrize(
    ("hours", "where"),
    [
        (WeeklyHours(), ["/weekly_hours"]),
        (WeeklyHours(mon=(("9:00", "12:00"),)), ["/weekly_hours/mon/0/0"]),
        (WeeklyHours(mon=(("09:00", "12:60"),)), ["/weekly_hours/mon/0/1"]),
        (WeeklyHours(mon=(("24:00", "12:00"),)), ["/weekly_hours/mon/0/0"]),
        (WeeklyHours(mon=(("09:00", "24:01"),)), ["/weekly_hours/mon/0/1"]),
        (WeeklyHours(mon=(("09:00", "12:00\n"),)), ["/weekly_hours/mon/0/1"]),
        (WeeklyHours(sun=(("10:00", "11:00"), ("09:00", "09:00"))), ["/weekly_hours/sun/1"]),
        (WeeklyHours(wed=(("10:00", "11:00"),) * 25), ["/weekly_hours/wed"]),
    ],
)
def test_faulty_hours_are_refused_at_their_place(hours: WeeklyHours, where: list[str]) -> None:
    assert where == pointers(hours="custom", weekly_hours=hours)


@pytest.mark.parametrize(
    "location",
    [
        InPerson("Bridge Street 7"),
        Phone("organizer"),
        Phone("attendee", "+45 12 34 56 78"),
        Online("jitsi", "https://meet.bridges.example/{booking_id}"),
        Online("url", "https://meet.bridges.example/anna?lang=da#room"),
        Online("url", "https://{booking_id}.bridges.example:8443/"),
        Online("teams", "https://teams.bridges.example/l/meetup-join/anna"),
    ],
)
def test_each_kind_of_location_is_accepted(location: Location) -> None:
    accepted(location=location)


@pytest.mark.parametrize(
    ("location", "pointer"),
    [
        (InPerson(""), "/location/address"),
        (Phone("attendee"), "/location/number"),
        (Phone("attendee", ""), "/location/number"),
        (Phone("organizer", "call me"), "/location/number"),
        (Online("jitsi"), "/location/url_template"),
        (Online("jitsi", "https://meet.bridges.example/anna"), "/location/url_template"),
        (Online("teams"), "/location/url_template"),
        (Online("url", "javascript:alert(1)"), "/location/url_template"),
        (Online("url", "https://anna@bridges.example/"), "/location/url_template"),
        (Online("url", "https://bridges.example/{organizer}"), "/location/url_template"),
        (Online("url", "https://bridges.example/a b"), "/location/url_template"),
        (Online("url", "https://bridges.example/\x00"), "/location/url_template"),
        (Online("url", 'https://bridges.example/"><script>'), "/location/url_template"),
        (Online("url", "https:///nowhere"), "/location/url_template"),
        (Online("url", "https://bridges.example/" + "a" * 500), "/location/url_template"),
    ],
)
def test_a_location_where_nobody_can_meet_is_refused(location: Location, pointer: str) -> None:
    assert [pointer] == pointers(location=location)


def test_each_booking_has_its_own_address_online() -> None:
    room = Online("jitsi", "https://meet.bridges.example/{booking_id}")

    assert (
        join_url(room, UUID(int=7))
        == "https://meet.bridges.example/00000000-0000-0000-0000-000000000007"
    )
    assert join_url(Phone("organizer"), UUID(int=7)) is None


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"title": "\t"}, "/title"),
        ({"title": "x" * 121}, "/title"),
        ({"slug": "Second Opinion"}, "/slug"),
        ({"description": "x" * 4001}, "/description"),
        ({"description": "\x1b[2J"}, "/description"),
    ],
)
def test_a_faulty_title_slug_or_description_is_refused(
    changes: dict[str, str], pointer: str
) -> None:
    assert pointer in pointers(**changes)


def test_a_description_may_have_several_lines() -> None:
    accepted(description="Bring:\n\n- the drawing\n- \ttime\n")


def test_all_faults_of_a_type_are_named_at_once() -> None:
    faulty = {
        "title": "",
        "slug": "",
        "duration_minutes": 0,
        "increment_minutes": 0,
        "min_lead_minutes": -1,
        "max_lead_minutes": 0,
        "hours": "custom",
        "location": InPerson(""),
    }

    assert pointers(**faulty) == [
        "/title",
        "/slug",
        "/location/address",
        "/duration_minutes",
        "/increment_minutes",
        "/min_lead_minutes",
        "/max_lead_minutes",
        "/weekly_hours",
    ]


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"duration_minutes": 4}, "Must be from 5 minutes to 24 hours (1440)."),
        ({"increment_minutes": 4}, "Must be from 5 minutes to 4 hours (240)."),
        ({"min_lead_minutes": -1}, "Must not be negative."),
        ({"max_lead_minutes": DAY - 1}, "Must be from 1 day (1440) to 365 days (525600)."),
        (
            {"min_lead_minutes": DAY, "max_lead_minutes": DAY},
            "Must exceed min_lead_minutes by at least a day (1440).",
        ),
        ({"hours": "custom"}, "Custom hours need at least one range."),
        ({"title": "x" * 121}, "Must have at most 120 characters."),
        ({"description": "x" * 4001}, "Must have at most 4000 characters."),
    ],
)
def test_each_fault_of_a_type_says_what_is_possible(changes: dict[str, Any], detail: str) -> None:
    refusal = given().when(create(**changes)).refused(Invalid)

    assert [detail] == [fault.detail for fault in refusal.faults]


def test_a_title_and_a_description_may_be_as_long_as_their_limits() -> None:
    accepted(title="x" * 120, description="x" * 4000)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("ab", "ab"),
        ("a", "meeting"),
        ("", "meeting"),
        ("x" * 64, "x" * 64),
        ("x" * 65, "x" * 64),
        ("Straße 9", "strasse-9"),
        ("-- Tea --", "tea"),
    ],
)
def test_a_slug_has_2_to_64_characters(title: str, slug: str) -> None:
    assert slug == default_slug(title)


def test_a_faulty_change_of_a_type_is_refused_like_a_faulty_beginning() -> None:
    faulty = settings(title="", duration_minutes=0)
    change = ChangeMeetingType(organizer_time_zone=HOME, settings=faulty)

    refusal = given(CREATED).when(change).refused(Invalid)

    assert ["/title", "/duration_minutes"] == [fault.pointer for fault in refusal.faults]


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [
        ("buffer_before_minutes", 0, 720),
        ("buffer_after_minutes", 0, 720),
        ("approval_deadline_minutes", 30, 30 * DAY),
        ("max_per_day", 1, 1000),
        ("max_per_week", 1, 1000),
        ("max_active_per_attendee", 1, 1000),
        ("change_cutoff_minutes", 0, 365 * DAY),
    ],
)
def test_each_limit_of_a_type_has_its_range(field: str, least: int, most: int) -> None:
    accepted(**{field: least})
    accepted(**{field: most})

    assert [f"/{field}"] == pointers(**{field: least - 1}) == pointers(**{field: most + 1})


ROOM, HALL = InPerson("Room 7"), InPerson("The hall")


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"more_durations_minutes": (4, 45)}, ["/durations_minutes/1", "/durations_minutes/2"]),
        ({"more_durations_minutes": tuple(range(50, 62))}, ["/durations_minutes"]),
        ({"more_locations": (InPerson(""),)}, ["/locations/1/address"]),
        ({"more_locations": (ROOM, HALL, ROOM)}, ["/locations/3"]),
        ({"date_overrides": (DateOverride("2026-02-30"),)}, ["/date_overrides"]),
        ({"date_overrides": (DateOverride("2026-2-3"),)}, ["/date_overrides"]),
        ({"date_overrides": (DateOverride("1999-12-31"),)}, ["/date_overrides"]),
        (
            {"date_overrides": (DateOverride("2026-12-31", (("09:00", "25:00"),)),)},
            ["/date_overrides/2026-12-31/0/1"],
        ),
        ({"reminders": (Reminder(minutes_before=4),)}, ["/reminders/0/minutes_before"]),
        ({"reminders": (Reminder(minutes_before=60, text="\x00"),)}, ["/reminders/0/text"]),
        (
            {"reminders": (Reminder(minutes_before=60), Reminder(minutes_before=60, to="both"))},
            ["/reminders/1"],
        ),
        ({"colour": "blue"}, ["/colour"]),
        ({"colour": "#12345"}, ["/colour"]),
        ({"max_per_day": 5, "max_per_week": 4}, ["/max_per_day"]),
    ],
)
def test_a_faulty_setting_is_named_where_it_is(changes: dict[str, Any], where: list[str]) -> None:
    assert where == pointers(**changes)


def test_reminders_to_both_parties_may_go_out_at_the_same_time() -> None:
    accepted(
        reminders=(
            Reminder(minutes_before=60, to="attendee"),
            Reminder(minutes_before=60, to="organizer"),
            Reminder(minutes_before=5),
        )
    )


def test_the_cut_off_of_changes_is_the_type_s_own_if_it_has_one() -> None:
    assert 0 == notice(settings(change_cutoff_minutes=0)).cutoff_minutes
    assert 60 == notice(settings(change_cutoff_minutes=60)).cutoff_minutes


def test_the_settings_of_each_revision_are_known() -> None:
    tea, cake = settings(title="Tea"), settings(title="Cake")
    changed = [
        MeetingTypeChanged(
            organizer_id=ANNA, organizer_time_zone=HOME, settings=each, revision=number
        )
        for number, each in enumerate((tea, cake), start=2)
    ]

    for state in (
        TYPE.fold([CREATED, *changed]),
        TYPE.fold([CREATED, *changed, MeetingTypeDeleted()]),
    ):
        assert 3 == revision_of(state)
        assert [settings(), tea, cake, cake, cake] == [
            settings_at(state, revision) for revision in (1, 2, 3, 4, None)
        ]


def test_a_duration_and_a_place_are_chosen_from_the_type_s_own() -> None:
    several = settings(more_durations_minutes=(60,), more_locations=(HALL,))

    assert [45, 45, 60] == [chosen_duration(several, each) for each in (None, 45, 60)]
    assert [several.location, HALL] == [chosen_location(several, each) for each in (0, 1)]
    for choose, chosen in ((chosen_duration, 30), (chosen_location, 2), (chosen_location, -1)):
        with pytest.raises(Invalid):
            choose(several, chosen)


def test_a_free_slug_gets_a_number_where_it_is_needed() -> None:
    assert "tea" == free_slug("Tea", ())
    assert "tea-2" == free_slug("Tea", {"tea"})
    assert "tea-4" == free_slug("Tea", {"tea", "tea-2", "tea-3"})
    assert f"{'x' * 59}-2" == free_slug("x" * 64, {"x" * 64})
