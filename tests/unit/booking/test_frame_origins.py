"""The origins that may show a meeting type in a frame: which are taken, what is said of others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.booking.domain.frame_origins import frame_origins_faults
from services.booking.domain.refusals import Fault
from services.chassis.web.page_headers import page_headers

SCHEME = "Must be an origin that begins with https://, such as https://www.example.com."
PATH = "Must end after the host or its port, without a path: https://www.example.com."
HOST = "Must have the name of a host, such as https://www.example.com."
NUMBERS = "Must have the name of a host: browsers take no other IP address than 127.0.0.1."
PORT = "Must have a port from 1 to 65535 behind the colon."
UNPRINTABLE = "Must not contain spaces or control characters."
PASSWORD = "Must not contain a user name or a password."
WILDCARD = "Must name one host; * is not accepted."
ASCII = "Must be in ASCII; a host with other letters has a form with xn--."
PLAIN_HTTP = "Must begin with https://; http:// is for localhost and 127.0.0.1 only."


@pytest.mark.parametrize(
    "origin",
    [
        "https://www.example.com",
        "https://example.com:8443",
        "https://intranet",
        "https://xn--blbrgrd-fxak7p.example",
        "https://3com.example",
        "http://localhost",
        "http://localhost:8000",
        "http://127.0.0.1:8000",
        "https://127.0.0.1",
    ],
)
def test_an_origin_is_taken_as_browsers_write_it(origin: str) -> None:
    assert [] == list(frame_origins_faults([origin]))


@pytest.mark.parametrize(
    ("origin", "detail"),
    [
        ("", SCHEME),
        ("www.example.com", SCHEME),
        ("https:", SCHEME),
        ("https://", SCHEME),
        ("//www.example.com", SCHEME),
        ("ftp://www.example.com", SCHEME),
        ("javascript:alert(1)", SCHEME),
        ("data:text/html,x", SCHEME),
        ("'self'", SCHEME),
        ("null", SCHEME),
        ("http://www.example.com", PLAIN_HTTP),
        ("http://localhost.example.com", PLAIN_HTTP),
        ("https://www.example.com/", PATH),
        ("https://www.example.com/contact", PATH),
        ("https://www.example.com?x", PATH),
        ("https://www.example.com#x", PATH),
        ("https://www.example.com\\x", PATH),
        ("*", WILDCARD),
        ("https://*", WILDCARD),
        ("https://*.example.com", WILDCARD),
        ("https://www.example.com:*", WILDCARD),
        ("https://anna@www.example.com", PASSWORD),
        ("https://anna:secret@www.example.com", PASSWORD),
        ("https://www.example.com; script-src *", UNPRINTABLE),
        ("https://www.example.com https://b.example", UNPRINTABLE),
        ("https://www.example.com\r\nX-Evil: 1", UNPRINTABLE),
        ("https://www.example.com\t", UNPRINTABLE),
        ("https://www\x00.example.com", UNPRINTABLE),
        ("https://www.example.com;script-src", HOST),
        ("https://www.example.com,https:", HOST),
        ("https://www.example.com'", HOST),
        ("https://-www.example.com", HOST),
        ("https://www..example.com", HOST),
        ("https://www.example.com.", HOST),
        ("https://my_site.example", HOST),
        (f"https://{'x' * 64}.example", HOST),
        (f"https://{'x.' * 130}y", "Must have at most 260 characters."),
        ("https://:443", HOST),
        ("https://10.0.0.7", NUMBERS),
        ("https://2130706433", NUMBERS),
        ("https://0x7f.1", NUMBERS),
        (
            "https://[::1]:8000",
            "Must have the name of a host: browsers take no IPv6 address here.",
        ),
        ("https://WWW.example.com", "Must be in lower case, as browsers write it."),
        ("HTTPS://www.example.com", "Must be in lower case, as browsers write it."),
        ("https://www.example.com:443", "Must be without :443, which browsers leave out."),
        ("http://localhost:80", "Must be without :80, which browsers leave out."),
        ("https://www.example.com:", PORT),
        ("https://www.example.com:0", PORT),
        ("https://www.example.com:08443", PORT),
        ("https://www.example.com:65536", PORT),
        ("https://www.example.com:a", PORT),
        ("https://blåbærgrød.example", ASCII),
        ("https://www.example.com\u202e", ASCII),
        ("https://www.example.com\ud800", ASCII),
    ],
)
def test_what_browsers_would_write_otherwise_is_refused_with_a_sentence(
    origin: str, detail: str
) -> None:
    assert [Fault("/frame_origins/1", detail)] == list(
        frame_origins_faults(["https://a.example", origin])
    )


def test_an_origin_is_listed_once_and_there_are_20_at_most() -> None:
    many = [f"https://{number}.example" for number in range(20)]

    assert [] == list(frame_origins_faults(many))
    assert [Fault("/frame_origins", "Must be at most 20 origins.")] == list(
        frame_origins_faults([*many, "https://another.example"])
    )
    assert [Fault("/frame_origins/2", "Must be different from the others.")] == list(
        frame_origins_faults([*many[:2], many[0]])
    )


@given(st.text(st.sampled_from("htps:/.w-1*;', @[]å\n\x00Ax")) | st.text())
def test_no_origin_that_is_taken_says_anything_else_to_a_browser(text: str) -> None:
    for origin in (text, f"https://{text}", f"https://a{text}.example"):
        if not list(frame_origins_faults([origin])):
            policy = page_headers([origin])["Content-Security-Policy"]
            directives = policy.split("; ")

            assert f"frame-ancestors {origin}" == directives[-1]
            assert not set(origin) & set("*;,'\" \t\r\n@/?#\\") - {"/"}
            assert 2 == origin.count("/")
            assert policy.isascii()
