"""Hosts in letters that look like others."""

import pytest

from services.chassis.web.hosts import host_on_the_wire


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://zoom.us/j/1", ""),
        ("https://Zoom.US/j/1", ""),
        ("https://xn--zm-fmca.us/j/1", ""),
        ("https://meet.example:8443/a?b#c", ""),
        ("https://z\u043e\u043em.us/j/1", "xn--zm-fmca.us"),
        ("https://z%D0%BE%D0%BEm.us/j/1", "xn--zm-fmca.us"),
        ("https://\uff5a\uff4f\uff4f\uff4d.us/j/1", "zoom.us"),
        ("https://m\u00f8de.example/", "xn--mde-0na.example"),
        ("https://i\u2764.ws/", "xn--i-7iq.ws"),
        ("https://meet.example\u3002evil.example/", "meet.example.evil.example"),
        ("https://[", ""),
        ("", ""),
    ],
)
def test_a_host_that_is_not_written_in_ascii_is_named_as_it_is_looked_up(
    address: str, host: str
) -> None:
    assert host_on_the_wire(address) == host
