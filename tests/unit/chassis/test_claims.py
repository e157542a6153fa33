"""What claims of other providers say: where roles stand, in which form, and what is none."""

from typing import Any
from uuid import UUID

import pytest

from services.chassis.identity.claims import ClaimNames, find, principal, role_groups, roles

NAMESPACE = UUID("5b0a3c1e-3f0e-4a7e-9d35-1d0a6f6f7a11")


@pytest.mark.parametrize(
    ("name", "claims"),
    [
        ("roles", {"roles": ["operator"]}),
        ("realm_access.roles", {"realm_access": {"roles": ["operator"]}}),
        ("realm_access.roles", {"realm_access.roles": ["operator"]}),
        ("a.b", {"a": {"b": ["organizer"]}, "a.b": ["operator"]}),
        ("https://example.org/roles", {"https://example.org/roles": ["operator"]}),
        ("https://example.org/app.roles", {"https://example.org/app": {"roles": ["operator"]}}),
        (
            "resource_access.bookwith.roles",
            {"resource_access": {"bookwith": {"roles": "operator"}}},
        ),
        (
            "resource_access.book.with.roles",
            {"resource_access": {"book.with": {"roles": "operator"}}},
        ),
        ("resource_access.x.roles", {"resource_access": {"x.roles": "operator"}}),
        ("a.b.c", {"a.b": {"d": 1}, "a": {"b.c": ["operator"]}}),
        ("roles", {"roles": "operator"}),
    ],
)
def test_roles_are_found_by_a_literal_name_or_by_a_path(name: str, claims: Any) -> None:
    assert roles(find(claims, name)) == {"operator"}


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        ("organizer operator", {"organizer", "operator"}),
        ("organizer,operator", {"organizer", "operator"}),
        (" organizer,\toperator\n", {"organizer", "operator"}),
        (["organizer", "operator"], {"organizer", "operator"}),
        (
            ["organizer", 7, None, True, ["operator"], {"operator": 1}, "", " operator "],
            {"organizer", "operator"},
        ),
        (True, set()),
        (7, set()),
        (0.5, set()),
        (None, set()),
        ("", set()),
        ([], set()),
        ({"organizer": True}, set()),
        ([["organizer"]], set()),
    ],
)
def test_roles_of_any_type_are_read_and_odd_ones_give_none(claim: Any, found: set[str]) -> None:
    assert roles(claim) == found


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"a": None},
        {"a": True},
        {"a": ["b"]},
        {"a": {"c": "d"}},
        {"a": "text"},
    ],
)
def test_a_path_that_leads_nowhere_finds_nothing(claims: Any) -> None:
    assert find(claims, "a.b") is None


@pytest.mark.parametrize(
    "identity",
    [None, 7, True, 0.5, [], ["anna"], {"sub": "anna"}, "", " ", "an\x00na", "\ud800", "an\nna"],
)
def test_an_identity_that_is_no_text_names_nobody(identity: Any) -> None:
    claims = {"sub": identity}

    assert principal(claims, NAMESPACE, ClaimNames()) is None


def test_an_identity_is_found_by_a_path_and_names_of_odd_types_are_left_out() -> None:
    claims = {"person": {"id": "anna"}, "name": 7, "email": ["a@example.test"], "roles": True}

    found = principal(claims, NAMESPACE, ClaimNames(identity="person.id"))

    assert found is not None
    assert (found.identity, found.name, found.email) == ("anna", "anna", "")
    assert found.roles == frozenset()


@pytest.mark.parametrize(
    ("claims", "found"),
    [
        ({"groups": ["Staff of Bridges"]}, {"organizer"}),
        ({"groups": ["/it", "Staff of Bridges"]}, {"organizer", "administrator"}),
        ({"groups": "/it"}, {"administrator"}),
        ({"hd": "bridges.example", "roles": ["operator"]}, {"organizer", "operator"}),
        ({"groups": ["staff of bridges", "/it/guests", 7, None]}, set()),
        ({"groups": {"/it": True}}, set()),
        ({}, set()),
    ],
)
def test_groups_give_the_roles_that_are_set(claims: dict[str, Any], found: set[str]) -> None:
    said = role_groups("organizer=Staff of Bridges, bridges.example;administrator=/it;")
    names = ClaimNames(groups=("groups", "hd"), role_groups=said)
    who = principal({"sub": "anna", **claims}, NAMESPACE, names)

    assert who is not None
    assert found == who.roles


@pytest.mark.parametrize("text", ["organizer", "=staff", "organizer=", "a=x;a=y", "a=,"])
def test_groups_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a role of its own"):
        role_groups(text)
