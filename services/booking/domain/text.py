"""The form of text that people type: what fits a line, a paragraph, an address."""

import re
from collections.abc import Iterator

from services.booking.domain.refusals import Fault
from services.chassis.text.mail_address import is_mail_address
from services.chassis.text.typed import is_blank

# Control characters end a mail header; direction overrides make text read as what it is not;
# lone surrogates cannot be stored.
_HARMFUL = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_NOT_IN_LINE = re.compile(f"[\t\n{_HARMFUL}]")
_NOT_IN_PARAGRAPH = re.compile(f"[{_HARMFUL}]")
_ADDRESS_PART = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def line_faults(pointer: str, text: str, longest: int, *, needed: bool = True) -> Iterator[Fault]:
    """Yield what is wrong with text that must fit one line."""
    if needed and is_blank(text):
        yield Fault(pointer, "Must not be empty.")
    if len(text) > longest:
        yield Fault(pointer, f"Must have at most {longest} characters.")
    if _NOT_IN_LINE.search(text):
        yield Fault(pointer, "Must be one line without control characters.")


def paragraph_faults(pointer: str, text: str, longest: int) -> Iterator[Fault]:
    """Yield what is wrong with text that may have several lines and may be empty."""
    if len(text) > longest:
        yield Fault(pointer, f"Must have at most {longest} characters.")
    if _NOT_IN_PARAGRAPH.search(text):
        yield Fault(pointer, "Must not contain control characters.")


def address_part_faults(
    pointer: str, text: str, reserved: frozenset[str] = frozenset()
) -> Iterator[Fault]:
    """Yield what is wrong with a handle or a slug."""
    if not 2 <= len(text) <= 64 or not _ADDRESS_PART.fullmatch(text):
        yield Fault(
            pointer,
            "Must be 2 to 64 lower-case letters a-z, digits and single hyphens between them.",
        )
    elif text in reserved:
        yield Fault(pointer, f"{text!r} is reserved; choose another one.")


def email_faults(pointer: str, text: str) -> Iterator[Fault]:
    """Yield what is wrong with a mail address."""
    if not is_mail_address(text):
        yield Fault(pointer, "Must be a mail address such as name@example.org.")


def locale_faults(pointer: str, text: str) -> Iterator[Fault]:
    """Yield what is wrong with a language tag."""
    if len(text) > 35 or not _LOCALE.fullmatch(text):
        yield Fault(pointer, "Must be a language tag such as en or da-DK.")
