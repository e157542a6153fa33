"""`python -m benchmarks.abuse`: a visitor who sends 1,000 requests a minute, and everybody else.

Beside the visitor, who reserves, books for addresses of others and asks for their data, another
one books each few seconds, and the organizer looks at their page. The budgets are those of a
deployment, only that a proxy on this machine says who asks.
"""

import argparse
import asyncio
import math
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import psycopg

from benchmarks import load
from benchmarks.product import ALL_HOURS, HOST, MeetingType, made_type, signed_in
from deploy.local.stack import LocalStack
from services.booking.settings import BookingSettings
from services.chassis.http.budgets.sizes import sizes

A_MINUTE = 1_000
OTHER_SECONDS = 5.0
MEGABYTES = 30
WARM_UP_SECONDS = 10.0
API = "/api/booking/v1"
VISITOR = "203.0.113.9"
ENVIRONMENT = {
    "BOOKWITH_BUDGET_FACTOR": "1",
    "BOOKWITH_FORM_MINIMUM_SECONDS": "0.5",
    "BOOKWITH_TRUSTED_PROXIES": HOST,
}


@dataclass(slots=True)
class Outcome:
    """What was answered to whom, what is there afterwards, and what may be."""

    seconds: float
    visitor: Counter[int] = field(default_factory=Counter)
    others: Counter[int] = field(default_factory=Counter)
    organizer: Counter[int] = field(default_factory=Counter)
    reserved: int = 0
    letters: int = 0
    remembered: int = 0
    grown_megabytes: float = 0.0

    @property
    def most_reserved(self) -> int:
        """The reservations that the budgets of one network allow in the time."""
        return _most("budget_network_holds", self.seconds)

    @property
    def most_written(self) -> int:
        """The writes that the budgets of one network allow in the time."""
        return _most("budget_network", self.seconds)

    def faults(self) -> list[str]:
        """Return a sentence for each bound that is broken."""
        others = sum(self.others.values())
        found = {
            f"others were answered {dict(self.others)}": set(self.others) != {201},
            f"the organizer was answered {dict(self.organizer)}": set(self.organizer) != {200},
            f"{self.reserved} were reserved": self.reserved > self.most_reserved,
            f"{self.letters} letters": self.letters > 2 * (self.most_written + others),
            f"{self.remembered} answers kept": self.remembered > self.most_written,
            f"{self.grown_megabytes:.1f} MB more": self.grown_megabytes > MEGABYTES,
            "nothing was refused": not self.visitor[429],
            "nothing was let through": not self.visitor[201],
        }
        return [fault for fault, is_broken in found.items() if is_broken]


def main() -> int:
    """Run it, print what came of it; 1 when a bound is broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.abuse", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    outcome = asyncio.run(run(parser.parse_args().minutes * 60))
    print(
        f"{outcome.seconds:.0f} s; the visitor was answered {dict(outcome.visitor)}, others"
        f" {dict(outcome.others)}, the organizer {dict(outcome.organizer)}.\n"
        f"Reserved by the visitor: {outcome.reserved} (at most {outcome.most_reserved});"
        f" letters: {outcome.letters}; answers kept: {outcome.remembered}"
        f" (at most {outcome.most_written}); memory of booking: {outcome.grown_megabytes:+.1f} MB."
    )
    for fault in outcome.faults():
        print(f"Broken: {fault}.")
    return int(bool(outcome.faults()))


async def run(seconds: float) -> Outcome:
    """Send the visitor's requests for so long, and others' beside them."""
    with LocalStack(environment=ENVIRONMENT) as stack:
        organizer = await asyncio.to_thread(signed_in, stack, "organizer-1")
        kind = await asyncio.to_thread(made_type, organizer, "all-hours", ALL_HOURS)
        await asyncio.sleep(WARM_UP_SECONDS)
        outcome, booking = Outcome(seconds), _booking_process(stack)
        # The organizer's own commands, which made the page, are remembered as well.
        outcome.remembered = -_number(stack, "booking", "idempotency_keys")
        before = booking.memory_info().rss
        until = time.monotonic() + seconds
        authorization = {"Authorization": f"Bearer {stack.token('organizer-1')}"}
        await asyncio.gather(
            _visitor(stack.url("booking"), kind, until, outcome),
            _others(stack.url("booking"), kind, until, outcome),
            _organizer(stack.url("booking"), authorization, until, outcome),
        )
        outcome.grown_megabytes = (booking.memory_info().rss - before) / 2**20
        _count(stack, outcome)
        return outcome


async def _visitor(url: str, kind: MeetingType, until: float, outcome: Outcome) -> None:
    """Send requests evenly, each on the same connection; none waits for the one before."""
    connection, requests = await load.connect(url), _requests(kind)
    while time.monotonic() < until:
        started = time.monotonic()
        answer = await connection.ask(next(requests))
        outcome.visitor[answer.status] += 1
        await asyncio.sleep(max(60 / A_MINUTE - (time.monotonic() - started), 0))
    connection.close()


def _requests(kind: MeetingType) -> Iterator[bytes]:
    """Yield what the visitor sends: holds, bookings for others, requests for others' data."""
    number = 0
    while True:
        number += 1
        headers = {"X-Forwarded-For": VISITOR, "Idempotency-Key": f"a-visitor-{number:012}"}
        hold: dict[str, Any] = {"meeting_type_id": kind.id, "start": _start(4 * number)}
        yield load.post(f"{API}/bookings", hold, headers)
        named = {"name": "Somebody", "email": f"somebody-{number}@example.org"}
        booked = {**hold, "start": _start(4 * number + 2), "attendee": named}
        yield load.post(f"{API}/bookings", booked, _key(headers, "b"))
        yield load.post(f"{API}/me/requests", {"email": named["email"]}, _key(headers, "c"))


def _key(headers: dict[str, str], which: str) -> dict[str, str]:
    return {**headers, "Idempotency-Key": headers["Idempotency-Key"] + which}


async def _others(url: str, kind: MeetingType, until: float, outcome: Outcome) -> None:
    """Book as people of other networks do."""
    number = 0
    while time.monotonic() < until:
        number += 1
        connection = await load.connect(url)
        attendee = {"name": "A person", "email": f"person-{number}@example.org"}
        asked = {"meeting_type_id": kind.id, "start": _start(2 * number + 1), "attendee": attendee}
        headers = {"X-Forwarded-For": f"198.51.100.{number % 250 + 1}"}
        answer = await connection.ask(load.post(f"{API}/bookings", asked, headers))
        outcome.others[answer.status] += 1
        connection.close()
        await asyncio.sleep(OTHER_SECONDS)


async def _organizer(
    url: str, authorization: dict[str, str], until: float, outcome: Outcome
) -> None:
    """Publish the page again and again, as its organizer may."""
    connection = await load.connect(url)
    while time.monotonic() < until:
        answer = await connection.ask(load.post(f"{API}/page/publish", {}, authorization))
        outcome.organizer[answer.status] += 1
        await asyncio.sleep(OTHER_SECONDS)
    connection.close()


def _start(number: int) -> str:
    """Return a time that is asked for once."""
    day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start = day + timedelta(days=2, minutes=30 * (number % (48 * 50)))
    return start.strftime("%Y-%m-%dT%H:%M:%SZ")


def _booking_process(stack: LocalStack) -> psutil.Process:
    process = next(
        part.process() for name, part in stack.parts().items() if name.startswith("booking")
    )
    assert process is not None
    return process


def _count(stack: LocalStack, outcome: Outcome) -> None:
    """Count the rows that are there afterwards."""
    others = sum(outcome.others.values())
    outcome.reserved = _number(stack, "booking", "bookings") - others
    outcome.remembered += _number(stack, "booking", "idempotency_keys")
    outcome.letters = _number(stack, "notifier", "deliveries")


def _number(stack: LocalStack, database: str, table: str) -> int:
    with psycopg.connect(stack.database_url(database)) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    return int(row[0]) if row else 0


def _most(budget: str, seconds: float) -> int:
    """Return what a budget's own setting allows in the time, which may touch one window more."""
    said = str(BookingSettings.model_fields[budget].default)
    return min(each.amount * (math.ceil(seconds / each.get_expiry()) + 1) for each in sizes(said))


if __name__ == "__main__":
    sys.exit(main())
