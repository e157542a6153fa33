"""Budgets: whose network a request comes from, what is counted, what is told, when it is over."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import structlog

from services.chassis.http.budgets.counts import IDLE_SECONDS, SWEEP_SECONDS, SharedCounts, Told
from services.chassis.http.budgets.networks import TrustedProxies, networks_in
from services.chassis.http.budgets.sizes import Budget, budget, leaves_others, sizes
from services.chassis.http.budgets.spending import EXHAUSTED, Budgets, Visitor, spend, visitor
from services.chassis.http.problems import Problem

SECRET = b"s" * 32
NOON = 1_800_000_000.0 - 1_800_000_000.0 % 86400 + 43200


@dataclass(slots=True)
class Clock:
    """A clock that stands until the test moves it."""

    now: float = NOON

    def __call__(self) -> float:
        return self.now


def of_clients(said: str, factor: float = 1) -> Budget:
    return budget("network", said, factor, "Your network has sent a lot.")


def spending(clock: Clock, *budgets: Budget) -> tuple[Budgets, SharedCounts]:
    counts = SharedCounts(SECRET, clock)
    return Budgets(budgets, counts, clock), counts


def refused(act: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as raised:
        act()
    return raised.value


def scope(peer: str | None, *forwarded: str) -> dict[str, object]:
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    return {"type": "http", "client": (peer, 1) if peer else None, "headers": headers}


PROXIES = TrustedProxies(networks_in("10.0.0.0/8, fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "network"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", (), "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", (), "203.0.113.9"),
        (None, (), "unknown"),
        ("", (), "unknown"),
        # A proxy's word counts: the last that is not a proxy itself.
        ("10.0.0.1", ("203.0.113.9",), "203.0.113.9"),
        ("10.0.0.1", ("198.51.100.7, 203.0.113.9, 10.0.0.2",), "203.0.113.9"),
        ("10.0.0.1", ("198.51.100.7", "203.0.113.9"), "203.0.113.9"),
        ("fd00::1", ("2001:db8:1:2::9",), "2001:db8:1:2::/64"),
        ("10.0.0.1", ("203.0.113.9:4711",), "203.0.113.9"),
        ("10.0.0.1", ("[2001:db8:1:2::9]:4711",), "2001:db8:1:2::/64"),
        # Nobody else's does, and what is no address says nothing.
        ("203.0.113.9", ("198.51.100.7",), "203.0.113.9"),
        ("10.0.0.1", ("198.51.100.7, nonsense",), "10.0.0.1"),
        ("10.0.0.1", ("",), "10.0.0.1"),
        ("10.0.0.1", ("10.0.0.3",), "10.0.0.3"),
    ],
)
def test_the_network_is_the_last_that_a_trusted_proxy_names(
    peer: str | None, forwarded: tuple[str, ...], network: str
) -> None:
    assert network == PROXIES.network_of(scope(peer, *forwarded))


def test_without_a_trusted_proxy_no_header_counts() -> None:
    assert "10.0.0.1" == TrustedProxies().network_of(scope("10.0.0.1", "203.0.113.9"))


def test_a_budget_is_refused_when_it_is_used_up_and_is_there_again_in_the_next_window() -> None:
    clock = Clock()
    budgets, _ = spending(clock, of_clients("2/minute"))
    clock.now += 50
    budgets.spend(("network", "a"))
    budgets.spend(("network", "a"))
    over = refused(lambda: budgets.spend(("network", "a")))
    budgets.spend(("network", "b"))

    assert (429, "/problems/budget-exhausted") == (over.status, over.type.path)
    assert {"Retry-After": "10"} == over.headers
    assert (10, "network") == (over.more["retry_after_seconds"], over.more["budget"])

    clock.now += 10
    budgets.spend(("network", "a"))


def test_of_several_windows_the_one_that_ends_last_says_when_to_come_again() -> None:
    clock = Clock()
    budgets, _ = spending(clock, of_clients("1/minute;1/hour"))
    budgets.spend(("network", "a"))

    assert "3600" == refused(lambda: budgets.spend(("network", "a"))).headers["Retry-After"]


def test_what_is_refused_spends_nothing_of_any_budget() -> None:
    small = budget("small", "1/minute", 1, "Too much.")
    budgets, counts = spending(Clock(), of_clients("9/minute"), small)
    budgets.spend(("network", "a"), ("small", "x"))
    counts.take()
    for _ in range(20):
        refused(lambda: budgets.spend(("network", "a"), ("small", "x")))

    assert [] == list(counts.take())


def test_a_request_pays_once_for_one_thing_and_who_is_signed_in_pays_nothing() -> None:
    budgets, _ = spending(Clock(), of_clients("1/minute"))
    caller = Visitor(budgets, "a")
    caller.spend(("network", "a"), ("network", "a"))
    caller.spend(("network", "a"))

    assert visitor.get() is None
    for _ in range(5):
        spend(("network", "a"))


def test_what_is_given_back_can_be_spent_again_and_never_more_than_was_spent() -> None:
    budgets, _ = spending(Clock(), of_clients("2/minute"))
    caller = Visitor(budgets, "a")
    caller.spend(("network", "a"))
    for _ in range(5):
        budgets.give_back(("network", "a"))
    for _ in range(2):
        budgets.spend(("network", "a"))

    refused(lambda: budgets.spend(("network", "a")))


def test_the_factor_multiplies_each_window_and_leaves_at_least_one() -> None:
    def amounts(factor: float) -> list[int]:
        return [item.amount for item in of_clients("10/minute;100/hour", factor).items]

    assert [25, 250] == amounts(2.5)
    assert [1, 1] == amounts(0.001)


@pytest.mark.parametrize("said", ["", "many", "0/minute", "5/fortnight", "-1/minute"])
def test_what_is_no_budget_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        sizes(said)


def test_a_shared_budget_leaves_most_of_it_to_others_in_each_of_its_windows() -> None:
    assert leaves_others("300/minute;3600/hour", "60/minute;600/hour", 4)
    assert not leaves_others("200/minute;3600/hour", "60/minute;600/hour", 4)
    assert not leaves_others("300/minute;2000/hour", "60/minute;600/hour", 4)
    assert not leaves_others("3600/hour", "60/minute", 4)


def test_an_exhausted_budget_is_logged_once_for_each_key_and_window_and_says_not_whose() -> None:
    clock = Clock()
    budgets, _ = spending(clock, of_clients("1/minute"))
    before = EXHAUSTED.labels("network")._value.get()
    with structlog.testing.capture_logs() as lines:
        for whose in ("203.0.113.9", "203.0.113.9", "198.51.100.7"):
            budgets.spend(("network", whose)) if budgets.exhausted_until(
                ("network", whose)
            ) is None else None
            refused(lambda whose=whose: budgets.spend(("network", whose)))  # type: ignore[misc]
        clock.now += 60
        budgets.spend(("network", "203.0.113.9"))
        refused(lambda: budgets.spend(("network", "203.0.113.9")))

    assert 3 == len(lines)
    assert {"budget_exhausted"} == {line["event"] for line in lines}
    assert "113" not in str(lines)
    assert 4 == EXHAUSTED.labels("network")._value.get() - before


def test_until_when_a_budget_is_used_up_can_be_asked() -> None:
    clock = Clock()
    budgets, _ = spending(clock, of_clients("1/minute"))
    budgets.spend(("network", "a"))

    until = budgets.exhausted_until(("network", "a"), ("network", "b"))

    assert until is not None
    assert clock.now + 60 == until.timestamp()
    assert budgets.exhausted_until(("network", "b")) is None


def test_two_processes_that_exchange_what_they_count_share_a_budget() -> None:
    clock = Clock()
    one, counts = spending(clock, of_clients("2/minute"))
    other, others = spending(clock, of_clients("2/minute"))
    one.spend(("network", "a"))
    other.spend(("network", "a"))
    told = [each.take() for each in (counts, others)]
    both = [Told(each.key, 2, each.most, each.ends_at) for each in told[0]]
    counts.told(told[0], both)
    others.told(told[1], both)

    assert [each.key for each in told[0]] == [each.key for each in told[1]]
    for each in (one, other):
        refused(lambda each=each: each.spend(("network", "a")))  # type: ignore[misc]


def test_what_another_process_has_used_up_is_refused_at_the_first_request_here() -> None:
    clock = Clock()
    one, counts = spending(clock, of_clients("1/minute"))
    other, others = spending(clock, of_clients("1/minute"))
    one.spend(("network", "a"))
    others.told([], counts.take())

    refused(lambda: other.spend(("network", "a")))


def test_what_could_not_be_told_is_told_with_the_next() -> None:
    clock = Clock()
    budgets, counts = spending(clock, of_clients("9/minute"))
    budgets.spend(("network", "a"))
    lost = counts.take()
    budgets.spend(("network", "a"))
    counts.not_told(lost)

    assert [2] == [each.used for each in counts.take()]
    assert [] == list(counts.take())


def test_windows_that_are_over_or_hardly_used_are_forgotten_here() -> None:
    clock = Clock()
    budgets, counts = spending(clock, of_clients("4/hour"))
    budgets.spend(("network", "idle"))
    for _ in range(3):
        budgets.spend(("network", "busy"))
    taken = counts.take()
    counts.told(taken, taken)
    clock.now += IDLE_SECONDS + SWEEP_SECONDS
    counts.take()

    assert 1 == len(counts)

    clock.now += 3600
    counts.take()

    assert 0 == len(counts)


def test_neither_address_nor_network_is_kept_and_another_key_gives_other_digests() -> None:
    budgets, counts = spending(Clock(), of_clients("9/minute"))
    budgets.spend(("network", "203.0.113.9"))
    kept = counts.take()[0]
    other = SharedCounts(b"o" * 32, Clock())
    Budgets([of_clients("9/minute")], other).spend(("network", "203.0.113.9"))

    assert 16 == len(kept.key)
    assert kept.key != other.take()[0].key
