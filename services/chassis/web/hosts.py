"""The host of a web address as it is looked up, against letters that look like others."""

from urllib.parse import unquote, urlsplit

import idna


def host_on_the_wire(address: str) -> str:
    """Return the host in ASCII (`xn--...`) if it is written in any other way, else nothing.

    Browsers take other letters, and letters written as `%D0%BE`, and look up what this returns.
    """
    try:
        typed = urlsplit(address).hostname or ""
    except ValueError:
        return ""
    wire = _in_ascii(unquote(typed))
    return "" if wire == typed else wire


def _in_ascii(host: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except UnicodeError:
        # Browsers are less strict, with emoji for example: each label as it would be written.
        return ".".join(_label(each) for each in host.split("."))


def _label(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"
