"""Slots and reasons against an oracle that looks at each minute by itself."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.availability.domain.busy import Buffers, Claim, busy_times
from services.availability.domain.intervals import merge, micros
from services.availability.domain.reasons import explain, verdict
from services.availability.domain.slots import MeetingType, Offer
from tests.unit.availability.offers import offered
from tests.unit.availability.oracle import MINUTE, ZONES_AND_DATES, Oracle

DAYS = 3
WEEK_MINUTES = 7 * 1440


@dataclass(frozen=True)
class Case:
    """A meeting type, an organizer's busy times, and a moment, around a clock change."""

    meeting_type: MeetingType
    first: datetime
    now: datetime
    busy: tuple[tuple[datetime, datetime], ...]

    def offer(self) -> Offer:
        """Return what the product is asked."""
        intervals = merge((micros(start), micros(end)) for start, end in self.busy)
        return Offer(self.meeting_type, page_open=True, busy=intervals, now=self.now)

    def oracle(self) -> Oracle:
        """Return what knows the answers."""
        return Oracle(self.meeting_type, self.first, DAYS)


# Clock changes are at night, and people write whole hours: both are made likely.
clocks = st.one_of(
    st.sampled_from([0, 60, 90, 120, 150, 180, 240, 540, 1020, 1320, 1380, 1439]),
    st.integers(0, 1439),
)


def _range(begins: int, ends: int) -> tuple[int, int]:
    return begins, ends if ends > begins else ends + 1440


days = st.lists(st.builds(_range, clocks, clocks), max_size=3).map(tuple)
always = st.just(((0, 1440),))
weeks = st.one_of(
    st.tuples(*[days] * 7),
    st.tuples(*[st.one_of(always, always, days)] * 7),
    st.tuples(*[always] * 7),
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a case; now and busy times are to the second, not to the minute."""
    zone, change = draw(st.sampled_from(ZONES_AND_DATES))
    first = change - timedelta(days=1)
    short = st.sampled_from([5, 15, 20, 30, 45, 50, 60, 90])
    meeting_type = MeetingType(
        duration_minutes=draw(st.one_of(short, st.integers(5, 1440))),
        increment_minutes=draw(st.one_of(short, st.integers(5, 240))),
        min_lead_minutes=draw(st.sampled_from([0, 0, 60, 1440])),
        max_lead_minutes=draw(st.sampled_from([2880, 86400])),
        time_zone=zone,
        hours=draw(weeks),
    )
    second = st.integers(-86400, DAYS * 86400)
    lasting = st.one_of(st.integers(0, 7200), st.integers(0, 200).map(lambda five: five * 300))
    busy = draw(st.lists(st.tuples(second, lasting), max_size=12))
    return Case(
        meeting_type,
        first,
        now=first + timedelta(seconds=draw(st.integers(-86400, 86400))),
        busy=tuple(
            (first + timedelta(seconds=at), first + timedelta(seconds=at + length))
            for at, length in busy
        ),
    )


@given(cases())
@settings(deadline=None)
def test_the_slots_are_exactly_the_minutes_that_the_oracle_allows(case: Case) -> None:
    oracle = case.oracle()
    allowed = [
        at
        for at in (case.first + count * MINUTE for count in range(DAYS * 1440))
        if oracle.is_offered(at, case.now, case.busy)
    ]

    slots = offered(case.offer(), case.first, case.first + timedelta(days=DAYS))

    assert [slot.start for slot in slots] == allowed
    assert {slot.end - slot.start for slot in slots} <= {
        case.meeting_type.duration_minutes * MINUTE
    }


@given(cases(), st.integers(0, DAYS * 1440 - 60))
@settings(deadline=None)
def test_explain_agrees_with_offered_for_every_minute(case: Case, after: int) -> None:
    offer = case.offer()
    begin = case.first + after * MINUTE
    slots = {slot.start for slot in offered(offer, begin, begin + 60 * MINUTE)}

    for at in (begin + count * MINUTE for count in range(60)):
        assert (at in slots) == all(reason.passed for reason in explain(offer, at))


@given(cases(), st.integers(0, DAYS * 1440 - 1))
@settings(deadline=None)
def test_each_rule_says_what_the_oracle_says(case: Case, after: int) -> None:
    oracle = case.oracle()
    at = case.first + after * MINUTE
    meeting_type = case.meeting_type

    reasons = explain(case.offer(), at)

    assert verdict(case.offer(), at) == tuple(reason for reason in reasons if not reason.passed)
    assert {reason.rule: reason.passed for reason in reasons} == {
        "meeting_type_known": True,
        "page_open": True,
        "enabled": True,
        "inside_hours": oracle.fits(at),
        "on_grid": oracle.on_grid(at) or not oracle.is_open(at),
        "minimum_lead": at >= case.now + meeting_type.min_lead_minutes * MINUTE,
        "horizon": at < case.now + meeting_type.max_lead_minutes * MINUTE,
        "free": oracle.is_free(at, case.busy),
    }


@given(cases(), st.integers(0, DAYS * 1440), st.integers(0, DAYS * 1440))
@settings(deadline=None)
def test_asking_for_part_of_the_time_gives_that_part_of_the_slots(
    case: Case, one: int, other: int
) -> None:
    begin, end = (case.first + at * MINUTE for at in sorted((one, other)))
    slots = offered(case.offer(), case.first, case.first + timedelta(days=DAYS))

    part = offered(case.offer(), begin, end)

    assert part == [slot for slot in slots if begin <= slot.start < end]


@given(cases(), st.dictionaries(st.integers(-3, DAYS + 2), days, min_size=1, max_size=4))
@settings(deadline=None)
def test_on_a_date_of_its_own_its_own_ranges_count(
    case: Case, ranges: dict[int, tuple[tuple[int, int], ...]]
) -> None:
    date = (case.first.date() - datetime(1970, 1, 1, tzinfo=UTC).date()).days
    overrides = tuple((date + after, each) for after, each in sorted(ranges.items()))
    overridden = replace(case, meeting_type=replace(case.meeting_type, date_overrides=overrides))
    oracle = overridden.oracle()
    assume(oracle.longest_run() < WEEK_MINUTES)  # hours without a gap begin anew at midnight
    allowed = [
        at
        for at in (case.first + count * MINUTE for count in range(DAYS * 1440))
        if oracle.is_offered(at, case.now, case.busy)
    ]

    slots = offered(overridden.offer(), case.first, case.first + timedelta(days=DAYS))

    assert [slot.start for slot in slots] == allowed


minutes = st.sampled_from([0, 0, 5, 15, 30, 60, 720])
buffers = st.builds(Buffers, minutes, minutes)


@given(cases(), buffers, st.lists(buffers, min_size=12, max_size=12))
@settings(deadline=None)
def test_the_larger_gap_counts_and_gaps_are_not_added(
    case: Case, own: Buffers, theirs: list[Buffers]
) -> None:
    taken = [
        Claim(UUID(int=number), start, end, None, theirs[number])
        for number, (start, end) in enumerate(case.busy)
        if start < end
    ]
    length = case.meeting_type.duration_minutes * MINUTE
    merged = busy_times(taken, case.now, buffers=own)

    for at in (case.first + count * 7 * MINUTE for count in range(DAYS * 200)):
        mine = (at - own.before * MINUTE, at + length + own.after * MINUTE)
        free = all(
            not (mine[0] < claim.end and claim.start < mine[1])
            and not (
                at < claim.end + claim.buffers.after * MINUTE
                and claim.start - claim.buffers.before * MINUTE < at + length
            )
            for claim in taken
        )
        assert free == all(
            micros(at + length) <= start or end <= micros(at) for start, end in merged
        )
