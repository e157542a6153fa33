"""Mail addresses: which one somebody may type, and how it is written to a mail server."""

import unicodedata
from contextlib import suppress
from functools import lru_cache

import email_validator
from email_validator import ValidatedEmail, validate_email

# Names inside one's own network, and those that tests use; the list is the library's own switch.
for _name in ("local", "localhost", "test"):
    if _name in email_validator.SPECIAL_USE_DOMAIN_NAMES:
        email_validator.SPECIAL_USE_DOMAIN_NAMES.remove(_name)


class UnsendableAddress(ValueError):
    """The text is no mail address that every mail server takes."""


def is_mail_address(text: str) -> bool:
    """Tell whether every mail server takes the address, and its domain can be on the internet."""
    try:
        read = _read(text, typed=True)
    except UnsendableAddress:
        return False
    domain = unicodedata.normalize("NFC", text.rpartition("@")[2]).lower()
    # Otherwise letters that look alike or are invisible would change the domain mailed to.
    return domain in (read.domain, read.ascii_domain)


# Few: a letter asks for the same two or three again and again; no person is to stay in memory.
@lru_cache(maxsize=16)
def wire_form(text: str) -> str:
    """Return the address as mail servers write it; raise UnsendableAddress."""
    written = _read(text, typed=False).ascii_email
    if written is None:
        raise UnsendableAddress("The address has letters that not every mail server takes.")
    return written


def same_address(text: str) -> list[str]:
    """Return all forms of the address in lower case: its domain in its own letters and in ASCII."""
    forms = {text.lower()}
    with suppress(UnsendableAddress):
        read = _read(text, typed=False)
        local = read.local_part.lower()
        forms |= {f"{local}@{domain.lower()}" for domain in (read.domain, read.ascii_domain)}
    return sorted(forms)


def are_same(one: str, other: str) -> bool:
    """Tell whether both are one address, in whatever form each is written."""
    return not set(same_address(one)).isdisjoint(same_address(other))


def _read(text: str, *, typed: bool) -> ValidatedEmail:
    """Return the address read by IDNA 2008; one that is typed has limits that old ones had not."""
    if "=?" in text:  # would be read as an encoded word in a header
        raise UnsendableAddress("The address is not valid.")
    try:
        return validate_email(
            text,
            allow_smtputf8=False,
            strict=typed,
            globally_deliverable=typed,
            check_deliverability=False,
        )
    except ValueError as error:
        raise UnsendableAddress(str(error)) from error
