"""One organizer, two attendees, availability, policy and the clock: any history of them."""

import asyncio
import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from services.booking.domain import page
from services.booking.domain.meeting_type import Settings
from services.booking.meeting_types.commands import create_type
from services.booking.page.commands import change_page
from services.booking.page.decisions import allow_pages
from services.booking.page.streams import PAGE
from services.booking.read_models import MODELS
from services.booking.store import store
from services.chassis.events.rebuild import rebuild
from services.chassis.runtime.cause import current_cause
from tests.builders import NOW, profile, settings
from tests.integration.stateful.answering import Approve, AskToMove, Decline, Verdict
from tests.integration.stateful.changing import Cancel, MoveTo
from tests.integration.stateful.checking import differences, gaps
from tests.integration.stateful.commands import KINDS, ORGANIZER, Command, OfBooking, kind_id
from tests.integration.stateful.holding import Confirm, Extend, Prove, Release
from tests.integration.stateful.model import Kind, Model
from tests.integration.stateful.organizing import (
    ChangeKind,
    DeleteKind,
    FireTimers,
    IssueLink,
    RevokeLink,
    TurnPage,
)
from tests.integration.stateful.process import HOLD, PROVE_WITHIN, Process, emptied, set_clock
from tests.integration.stateful.visiting import Book, Reserve

VERA, OTTO = "vera@visitors.example", "otto@visitors.example"
# Two days of one week; an hour may begin at each half hour, so that neighbours share some of it.
STARTS = [
    NOW.replace(hour=9) + timedelta(days=days, minutes=30 * half)
    for days in (1, 2)
    for half in range(6)
]
WAITS = [
    timedelta(seconds=11),
    timedelta(minutes=2),
    HOLD - timedelta(seconds=1),
    HOLD,
    timedelta(hours=1),
    timedelta(hours=23),
]

starts, which = st.sampled_from(STARTS), st.sampled_from([0, 0, 0, 1, 1, 2, 3])
emails = st.sampled_from([VERA, VERA, OTTO])
parties = st.sampled_from(["attendee", "attendee", "attendee", "organizer"])
kinds = st.sampled_from([*KINDS, "private"])
links = st.sampled_from([0, 0, 0, 1, None])

RESERVE = st.builds(Reserve, kinds, starts, parties, links)
BOOK = st.builds(
    Book,
    kind=kinds,
    start=starts,
    by=parties,
    through_link=links,
    email=emails,
    accepted=st.sampled_from([True, True, True, False]),
)
CONFIRM = st.builds(Confirm, which, emails, parties)
ON_HOLDS = st.one_of(st.builds(Extend, which), st.builds(Release, which), st.builds(Prove, which))
MOVE = st.builds(MoveTo, which, starts, parties)
CANCEL = st.builds(Cancel, which, parties)
ANSWER = st.one_of(
    st.builds(Approve, which), st.builds(Decline, which), st.builds(AskToMove, which)
)
VERDICT = st.builds(
    Verdict, which, st.sampled_from([0, 1, 2, 3]), st.sampled_from([True, True, True, False])
)
LINK = st.one_of(
    st.builds(
        IssueLink,
        st.just("private"),
        st.sampled_from([1, 1, 2]),
        st.sampled_from([timedelta(minutes=3), timedelta(days=2)]),
    ),
    st.builds(RevokeLink, which),
)
KIND = st.one_of(
    st.builds(ChangeKind, kinds, st.just("enabled"), st.booleans()),
    st.builds(ChangeKind, kinds, st.just("approval_required"), st.booleans()),
    st.builds(ChangeKind, kinds, st.just("max_per_day"), st.sampled_from([1, 2, None])),
    st.builds(ChangeKind, st.just("private"), st.just("visibility"), st.just("public")),
    st.builds(DeleteKind, kinds),
)
PAGE_TURNED = st.builds(
    TurnPage, st.sampled_from(["denied", "allowed", "unpublished", "published"])
)
TIMERS = st.builds(FireTimers)
ANY = st.one_of(
    *(RESERVE, RESERVE, CONFIRM, CONFIRM, ON_HOLDS, MOVE, CANCEL, ANSWER, VERDICT, VERDICT),
    *(LINK, KIND, PAGE_TURNED, TIMERS),
)


def limited(**changes: Any) -> Settings:
    """Return a public type with limits."""
    return replace(
        settings(duration_minutes=60, increment_minutes=30, visibility="public"),
        max_per_day=1,
        max_per_week=3,
        max_active_per_attendee=2,
        approval_deadline_minutes=24 * 60,
        **changes,
    )


class Histories(RuleBasedStateMachine):
    """Each step is done and predicted; the store must be as the model says."""

    # Set by whoever runs it: the loop, two processes on one database.
    runner: asyncio.Runner
    processes: tuple[Process, Process]

    @initialize()
    def begin(self) -> None:
        self.model = Model(now=NOW, hold=HOLD, prove_within=PROVE_WITHIN)
        self.model.kinds = {
            "plain": Kind(limited(slug="plain")),
            "approved": Kind(limited(slug="approved", approval_required=True)),
            "verified": Kind(limited(slug="verified", verification_required=True)),
            "private": Kind(replace(limited(slug="private"), visibility="private", max_per_day=2)),
        }
        self.runner.run(self._begin())
        self.do(IssueLink("private", 1, timedelta(days=2)))

    async def _begin(self) -> None:
        database = self.processes[0].database
        await emptied(database)
        async with database.transaction() as connection:
            stream = PAGE.stream(ORGANIZER)
            loaded = (await store.load(connection, stream)).get(stream)
            made = loaded.decide(page.CreatePage(ORGANIZER, profile(time_zone="UTC")))
            await store.append(connection, str(ORGANIZER), [made], at=NOW)
        for work in (
            lambda c: allow_pages(c, {ORGANIZER: current_cause()}),
            lambda c: change_page(c, ORGANIZER, page.PublishPage()),
            *(self._making(name) for name in KINDS),
        ):
            async with database.transaction() as connection:
                await work(connection)

    def _making(self, name: str) -> Any:
        made = self.model.kinds[name].settings
        return lambda c: create_type(c, kind_id(name), ORGANIZER, made)

    @rule(command=st.one_of(RESERVE, RESERVE, BOOK))
    def ask_for_a_time(self, command: Command) -> None:
        self.do(command)

    @precondition(lambda self: self.model.bookings)
    @rule(command=st.one_of(CONFIRM, ON_HOLDS, VERDICT, VERDICT))
    def go_on_with_a_hold(self, command: Command) -> None:
        self.do(command)

    @precondition(lambda self: self.model.bookings)
    @rule()
    def let_availability_accept(self) -> None:
        for number, each in self.model.bookings.items():
            start, _ = each.requests[-1]
            if (number, start) not in self.model.verdicts:
                self.do(Verdict(number, len(each.requests) - 1, accepted=True))

    @precondition(lambda self: self.deadlines())
    @rule(
        which=which,
        early=st.sampled_from([timedelta(seconds=1), timedelta(0)]),
        command=st.one_of(CONFIRM, CONFIRM, ON_HOLDS, ANSWER, VERDICT, MOVE),
    )
    def act_at_a_deadline(self, which: int, early: timedelta, command: OfBooking) -> None:
        deadlines = self.deadlines()
        deadline, number = deadlines[which % len(deadlines)]
        self.later(max(deadline - early, self.model.now) - self.model.now)
        newer = sum(1 for each in self.model.bookings if each > number)
        self.do(replace(command, booking=newer))

    @precondition(lambda self: self.model.bookings)
    @rule(command=st.one_of(MOVE, MOVE, CANCEL, ANSWER))
    def change_a_booking(self, command: Command) -> None:
        self.do(command)

    @rule(command=st.one_of(LINK, LINK, KIND, PAGE_TURNED))
    def change_what_is_offered(self, command: Command) -> None:
        self.do(command)

    @rule(seconds=st.sampled_from(WAITS), fire=st.booleans())
    def wait(self, seconds: timedelta, fire: bool) -> None:
        self.later(seconds)
        if fire:
            self.do(FireTimers())

    @rule(one=ANY, other=ANY)
    def at_one_moment(self, one: Command, other: Command) -> None:
        self.do(one, other)

    @rule(kind=kinds, one=starts, other=starts, link=links)
    def two_want_a_time(self, kind: str, one: datetime, other: datetime, link: int | None) -> None:
        same_day = other.replace(day=one.day)
        self.do(*(Reserve(kind, start, "attendee", link) for start in (one, same_day)))

    def teardown(self) -> None:
        if not hasattr(self, "model"):
            return
        url = self.processes[0].database.url
        compared = self.runner.run(rebuild(url, MODELS, dry_run=True))

        assert [] == self.runner.run(gaps(self.processes[0]))
        assert [] == [each for each in compared if each.added or each.removed]

    def deadlines(self) -> list[tuple[datetime, int]]:
        """Return the deadlines that are to come, with the numbers of their bookings."""
        found = [
            (each.move.expires_at if each.move else each.expires_at, number)
            for number, each in self.model.bookings.items()
            if each.move or each.status in ("held", "unverified", "requested")
        ]
        return sorted(each for each in found if each[0] > self.model.now)

    def later(self, seconds: timedelta) -> None:
        """Let that much time pass."""
        self.model.now += seconds
        self.runner.run(set_clock(self.processes[0].database, self.model.now))

    def do(self, *asked: Command) -> None:
        """Do the commands at one moment in two processes: it comes to what some order does."""
        numbers: list[int] = []
        commands = [each for one in asked if (each := one.aimed(self.model, numbers))]
        if commands:
            self.model = self.runner.run(self._done(commands))
            self.later(timedelta(seconds=1))

    async def _done(self, commands: list[Command]) -> Model:
        """Return the model after them; fail where the service has done something else."""
        doing = zip(commands, self.processes, strict=False)
        outcomes = await asyncio.gather(*(each.outcome(process) for each, process in doing))
        expected = [
            (dict(zip(order, predicted, strict=True)), model)
            for order in itertools.permutations(range(len(commands)))
            for predicted, model in _predictions(self.model, [commands[each] for each in order])
        ]
        seen = dict(enumerate(outcomes))
        possible = [model for predicted, model in expected if predicted == seen]

        assert possible, f"{commands} came to {outcomes}, not {[each for each, _ in expected]}"
        found = [await differences(self.processes[0], model) for model in possible]

        assert [] in found, f"{commands} came to {outcomes}; {found}"
        return possible[found.index([])]


def _predictions(model: Model, commands: list[Command]) -> list[tuple[tuple[str, ...], Model]]:
    """Return what may come of the commands, one after the other."""
    so_far: list[tuple[tuple[str, ...], Model]] = [((), model)]
    for command in commands:
        so_far = [
            ((*outcomes, outcome), after)
            for outcomes, before in so_far
            for outcome, after in command.predictions(before)
        ]
    return so_far
