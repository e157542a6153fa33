"""What is noted about a link, and whom it is for: each rule at, below and above its bound."""

from dataclasses import replace
from typing import Any

import pytest

from services.booking.domain.private_link.details import (
    NOT_ADDRESSED,
    Addressee,
    LinkDetails,
    detail_faults,
    refuse_if_not_addressed,
)
from services.booking.domain.refusals import Fault, Invalid

VERA = Addressee(name="Vera Visitor", email="vera@visitors.example")


def noted(name: str, text: str) -> LinkDetails:
    """Return details with that text in one field."""
    changes: dict[str, Any] = {name: text}
    return replace(LinkDetails(), **changes)


def pointers(details: LinkDetails) -> list[str]:
    """Return the places of what is wrong."""
    return [fault.pointer for fault in detail_faults(details)]


@pytest.mark.parametrize(("name", "longest"), [("label", 100), ("reference", 200)])
def test_label_and_reference_are_one_line_and_may_be_empty(name: str, longest: int) -> None:
    assert [] == pointers(noted(name, ""))
    assert [] == pointers(noted(name, "x" * longest))
    assert [f"/{name}"] == pointers(noted(name, "x" * (longest + 1)))
    assert [f"/{name}"] == pointers(noted(name, "two\nlines"))


def test_a_link_is_for_up_to_20_people() -> None:
    people = tuple(Addressee(name="", email=f"v{n}@visitors.example") for n in range(21))

    assert [] == pointers(LinkDetails(addressees=people[:20]))
    assert ["/addressees"] == pointers(LinkDetails(addressees=people))


def test_everything_wrong_with_an_addressee_is_named() -> None:
    faulty = Addressee(name="two\nlines", email="nowhere")

    assert ["/addressees/1/name", "/addressees/1/email"] == pointers(
        LinkDetails(addressees=(VERA, faulty))
    )


def test_nobody_is_named_twice_whatever_the_letters() -> None:
    again = Addressee(name="V.", email="VERA@visitors.example")

    assert [Fault("/addressees/1/email", "Must be named once.")] == list(
        detail_faults(LinkDetails(addressees=(VERA, again)))
    )


def test_an_addressee_is_known_by_their_address_in_any_letters() -> None:
    refuse_if_not_addressed(LinkDetails(addressees=(VERA,)), "Vera@Visitors.example")


@pytest.mark.parametrize("details", [LinkDetails(addressees=(VERA,)), LinkDetails()])
def test_anybody_else_is_refused_also_once_all_addressees_are_erased(details: LinkDetails) -> None:
    with pytest.raises(Invalid) as refused:
        refuse_if_not_addressed(details, "mallory@visitors.example")

    assert (Fault("/attendee/email", NOT_ADDRESSED),) == refused.value.faults
