"""Where mail is handed in, as the setting says it, and whom it is from."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.chassis.text.mail_address import UnsendableAddress
from services.notifier.mail import MailServer
from services.notifier.settings import NotifierSettings, address_of

REQUIRED: dict[str, Any] = {
    "database_url": "postgresql://localhost/notifier",
    "kafka_bootstrap_servers": "localhost:9092",
    "oidc_issuer": "http://localhost:8090",
    "oidc_audience": "bookwith",
    "organization_namespace": "6f2a0c1e-0000-4000-8000-000000000001",
    "public_url": "http://localhost:8080",
    "token_keys": "1:" + "A" * 43,
    "http_port": 8082,
}


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://127.0.0.1:1025", MailServer("smtp", "127.0.0.1", 1025)),
        ("smtp://mail.example", MailServer("smtp", "mail.example", 25)),
        ("smtps://mail.example/", MailServer("smtps", "mail.example", 465)),
        (
            "smtp+starttls://anna%40mail.example:p%3Aw%2Frd@mail.example",
            MailServer("smtp+starttls", "mail.example", 587, "anna@mail.example", "p:w/rd"),
        ),
        ("smtp://[::1]:2525", MailServer("smtp", "::1", 2525)),
    ],
)
def test_a_url_names_server_port_user_and_password(url: str, server: MailServer) -> None:
    assert MailServer.parse(url) == server


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(MailServer.parse("smtp://me:secret@mail.example"))


@pytest.mark.parametrize(
    "url", ["http://mail.example", "mail.example:25", "smtp://", "smtp://mail.example:port", ""]
)
def test_an_invalid_mail_server_stops_the_service(url: str) -> None:
    with pytest.raises(ValidationError, match="smtp_url"):
        NotifierSettings(**REQUIRED, smtp_url=url)


def test_the_sender_has_a_name_and_an_address() -> None:
    sender = address_of("Bookings of Bridges <bookings@bridges.example>")

    assert sender.display_name == "Bookings of Bridges"
    assert sender.addr_spec == "bookings@bridges.example"


@pytest.mark.parametrize("text", ["Bookings", "", "a@b@c", "<>"])
def test_a_sender_without_an_address_stops_the_service(text: str) -> None:
    with pytest.raises(UnsendableAddress):
        address_of(text)
    with pytest.raises(ValidationError, match="sender"):
        NotifierSettings(**REQUIRED, smtp_url="smtp://mail.example", sender=text)


def test_without_a_sender_the_service_starts_in_tests_only() -> None:
    held = NotifierSettings(**REQUIRED, smtp_url="smtp://mail.example", environment="test")

    assert address_of(held.sender).addr_spec == "no-reply@localhost"
    with pytest.raises(ValidationError, match="sender"):
        NotifierSettings(**REQUIRED, smtp_url="smtp://mail.example")
