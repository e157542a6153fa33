"""Where a change comes from, as the audit keeps it."""

import pytest

from services.policy.origin import shortened, way_of


@pytest.mark.parametrize(
    ("network", "kept"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("unknown", "unknown"),
    ],
)
def test_a_network_is_kept_without_its_end(network: str, kept: str) -> None:
    assert kept == shortened(network)


@pytest.mark.parametrize(
    ("path", "agent", "way"),
    [
        ("/api/policy/v1/organization", "python-httpx/1", "api"),
        ("/api/policy/v1/organization", "bookwith/0.1", "command_line"),
        ("/api/policy/v1/users:import", "bookwith/0.1", "import"),
        ("/scim/v2/Users", "Okta", "scim"),
        ("/admin/organization", "Mozilla/5.0", "page"),
    ],
)
def test_the_way_is_told_by_address_and_program(path: str, agent: str, way: str) -> None:
    assert way == way_of(path, agent)
