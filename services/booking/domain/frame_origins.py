"""The origins whose pages may show a meeting type in a frame, written as browsers write them.

They become part of a header: whatever a browser would read in another way is refused.
"""

import re
from collections.abc import Iterator, Sequence

from services.booking.domain.refusals import Fault

MOST_ORIGINS = 20
LONGEST_ORIGIN = 260
EXAMPLE = "https://www.example.com"
_LOOPBACK = ("localhost", "127.0.0.1")
_DEFAULT_PORTS = {"https": "443", "http": "80"}
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f]")
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NUMBERS = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)")
_PORT = re.compile("[1-9][0-9]{0,4}")


def frame_origins_faults(origins: Sequence[str]) -> Iterator[Fault]:
    """Yield what is wrong with the origins."""
    if len(origins) > MOST_ORIGINS:
        yield Fault("/frame_origins", f"Must be at most {MOST_ORIGINS} origins.")
    for place, origin in enumerate(origins):
        pointer = f"/frame_origins/{place}"
        if detail := _text_fault(origin) or _origin_fault(origin):
            yield Fault(pointer, detail)
        elif origin in origins[:place]:
            yield Fault(pointer, "Must be different from the others.")


def _text_fault(origin: str) -> str | None:
    """Return what is wrong with the text, whatever it names."""
    if len(origin) > LONGEST_ORIGIN:
        return f"Must have at most {LONGEST_ORIGIN} characters."
    if _UNPRINTABLE.search(origin):
        return "Must not contain spaces or control characters."
    if "*" in origin:
        return "Must name one host; * is not accepted."
    if not origin.isascii():
        return "Must be in ASCII; a host with other letters has a form with xn--."
    if origin != origin.lower():
        return "Must be in lower case, as browsers write it."
    return None


def _origin_fault(origin: str) -> str | None:
    scheme, _, rest = origin.partition("://")
    if scheme not in _DEFAULT_PORTS or not rest:
        return f"Must be an origin that begins with https://, such as {EXAMPLE}."
    if "@" in rest:
        return "Must not contain a user name or a password."
    if re.search(r"[/\\?#]", rest):
        return f"Must end after the host or its port, without a path: {EXAMPLE}."
    host, colon, port = rest.partition(":")
    return _host_fault(scheme, host) or (_port_fault(scheme, port) if colon else None)


def _host_fault(scheme: str, host: str) -> str | None:
    if host.startswith("["):
        return "Must have the name of a host: browsers take no IPv6 address here."
    if not _HOST.fullmatch(host) or len(host) > 253:
        return f"Must have the name of a host, such as {EXAMPLE}."
    if _NUMBERS.fullmatch(host) and host not in _LOOPBACK:
        return "Must have the name of a host: browsers take no other IP address than 127.0.0.1."
    if scheme == "http" and host not in _LOOPBACK:
        return "Must begin with https://; http:// is for localhost and 127.0.0.1 only."
    return None


def _port_fault(scheme: str, port: str) -> str | None:
    if not _PORT.fullmatch(port) or int(port) > 65535:
        return "Must have a port from 1 to 65535 behind the colon."
    if port == _DEFAULT_PORTS[scheme]:
        return f"Must be without :{port}, which browsers leave out."
    return None
