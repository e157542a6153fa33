"""What the policy service refuses, in words for the administrator."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from services.policy.domain.patterns import MOST

FIELDS = {
    "ews_allow_list": "EwsAllowList",
    "ews_block_list": "EwsBlockList",
    "domains": "Domains",
}


class Refusal(Exception):
    """A rule forbids the command; its text is a sentence for whoever asked."""


class Invalid(Refusal):
    """A part of the request cannot be taken; `pointer` is its place.

    `user_id` is the user whose change it is, where a request has many.
    """

    user_id: UUID | None = None

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer


@contextmanager
def about(user_id: UUID) -> Iterator[None]:
    """Note whose change it is that cannot be taken."""
    try:
        yield
    except Invalid as fault:
        fault.user_id = user_id
        raise


class ReasonMissing(Refusal):
    """A change without a reason; `pointer` is the place in the request that lacks it."""

    pointer = "/reason"

    def __init__(self) -> None:
        super().__init__("Say why: every change of a policy is kept with its reason.")


class ListTooLong(Invalid):
    """A list would have more entries than anybody can keep in view."""

    def __init__(self, name: str, length: int) -> None:
        detail = f"The list would have {length:,} entries; at most {MOST:,} are kept."
        super().__init__(f"/{FIELDS[name]}", detail)


class SharingPolicyUnknown(Invalid):
    """A user is given a sharing policy that is not there."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        there = ", ".join(sorted(known))
        super().__init__(
            "/sharing_policy", f"There is no sharing policy {name!r}; there are: {there}."
        )


class NotFound(Refusal):
    """What is asked about is not there."""


class Conflict(Refusal):
    """Things are such that this cannot be done."""


def refuse_long(name: str, entries: tuple[str, ...]) -> tuple[str, ...]:
    """Return the list; raise ListTooLong."""
    if len(entries) > MOST:
        raise ListTooLong(name, len(entries))
    return entries
