"""Headers in the outbox: whatever goes in comes out, ours and those of foreign records."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.messaging.headers import Headers, pack, unpack

OURS: Headers = [("ce_id", b"1"), ("ce_subject", "møde".encode()), ("content-type", b"text/plain")]
ANY = st.lists(st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.binary()))


def test_our_own_headers_are_kept_without_json() -> None:
    assert unpack(pack(OURS)) == OURS
    assert not pack(OURS).startswith("[")


@pytest.mark.parametrize(
    "odd",
    [
        [],
        [("", b"")],
        [("a,b", b"1")],
        [("[", b"1")],
        [("a", b"1\x1f2")],
        [("a", b"\x00")],
        [("a", b"\xff\xfe")],
        [("a", b"1"), ("a", b"2")],
    ],
)
def test_foreign_headers_come_out_as_they_went_in(odd: Headers) -> None:
    assert unpack(pack(odd)) == odd


@given(ANY)
def test_any_headers_come_out_as_they_went_in_and_postgresql_can_hold_them(
    headers: list[tuple[str, bytes]],
) -> None:
    packed = pack(headers)

    assert unpack(packed) == headers
    assert "\0" not in packed
