"""Capability tokens: derived, compared, taken out of text and put back."""

import base64
import os
from uuid import UUID

import pytest
from nacl.exceptions import CryptoError

from contracts.capabilities import MANAGE, PRIVATE_LINK
from services.chassis.identity.capability_tokens import Grant, KeyRing

BOOKING = UUID("01a211f2-0fc5-778c-a391-b85a03c8df82")


def ring(*numbers: int) -> KeyRing:
    return KeyRing({number: bytes([number]) * 32 for number in numbers})


def test_a_token_gives_its_id_and_generation_back() -> None:
    token = ring(1).issue(MANAGE, BOOKING, generation=3)

    assert ring(1).read(MANAGE, token) == Grant(BOOKING, 3)


def test_the_same_id_gives_the_same_token_in_every_process() -> None:
    assert ring(1).issue(MANAGE, BOOKING) == ring(1).issue(MANAGE, BOOKING)


def test_a_token_opens_only_what_it_is_for() -> None:
    token = ring(1).issue(MANAGE, BOOKING)
    forged = token.replace("bwm_", "bwl_")

    assert ring(1).read(PRIVATE_LINK, token) is None
    assert ring(1).read(PRIVATE_LINK, forged) is None


@pytest.mark.parametrize("place", range(4, 72))
def test_a_token_with_any_letter_changed_opens_nothing(place: int) -> None:
    token = ring(1).issue(MANAGE, BOOKING)
    other = "A" if token[place] != "A" else "B"

    assert ring(1).read(MANAGE, token[:place] + other + token[place + 1 :]) is None


def test_a_token_of_an_older_key_works_until_the_key_is_dropped() -> None:
    token = ring(1).issue(MANAGE, BOOKING)

    assert ring(1, 2).read(MANAGE, token) == Grant(BOOKING, 1)
    assert ring(2).read(MANAGE, token) is None


def test_the_last_key_of_the_ring_signs() -> None:
    assert ring(1, 2).issue(MANAGE, BOOKING) == ring(2).issue(MANAGE, BOOKING)


@pytest.mark.parametrize("text", ["", "bwm_", "bwm_" + "A" * 68, "bwm_" + "é" * 68, "x" * 10_000])
def test_what_is_no_token_opens_nothing(text: str) -> None:
    assert ring(1).read(MANAGE, text) is None


def test_a_sealed_text_is_read_with_the_same_secret_and_ring_only() -> None:
    sealed = ring(1, 2).seal("Vera, bwm_x", "the client's key")

    assert b"Vera" not in sealed
    assert ring(1, 2).unseal(sealed, "the client's key") == "Vera, bwm_x"
    assert ring(2, 3).unseal(sealed, "the client's key") == "Vera, bwm_x"
    assert ring(1).unseal(sealed, "the client's key") is None
    with pytest.raises(CryptoError):
        ring(1, 2).unseal(sealed, "another key")


def test_a_ring_is_read_from_the_setting_with_or_without_padding() -> None:
    secret = os.urandom(32)
    padded = base64.urlsafe_b64encode(secret).decode()
    for text in (f"7:{padded}", f"7:{padded.rstrip('=')}"):
        assert KeyRing.parse(text).issue(MANAGE, BOOKING) == KeyRing({7: secret}).issue(
            MANAGE, BOOKING
        )


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        KeyRing({1: b"short"})
