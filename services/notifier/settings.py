"""The notifier's settings."""

from email.headerregistry import Address
from email.utils import parseaddr
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from services.chassis.runtime.settings import missing
from services.chassis.text.mail_address import wire_form
from services.chassis.web.brand_settings import BrandSettings
from services.chassis.web.plain_text import header_text

TEST_SENDER = "Bookwith <no-reply@localhost>"


def address_of(text: str) -> Address:
    """Read `Name <address>` or a bare address."""
    name, address = parseaddr(text)
    return Address(header_text(name), addr_spec=wire_form(address))


class NotifierSettings(BrandSettings):
    """What the notifier needs beyond every service's settings."""

    smtp_url: Annotated[
        str,
        Field(
            pattern=r"^(smtp|smtps|smtp\+starttls)://([^\s/@]+@)?(\[[\da-fA-F:]+\]|[^\s/@:]+)"
            r"(:\d{1,5})?/?$",
            repr=False,
            description="smtp://, smtps:// or smtp+starttls://[user:password@]host[:port]; "
            "smtp:// is never encrypted",
        ),
    ]
    sender: Annotated[
        str,
        Field(
            validate_default=True,
            description="who mails are from: Name <address>; required in production",
        ),
    ] = ""
    smtp_timeout_seconds: Annotated[
        float, Field(ge=0.2, le=300, description="how long handing one mail in may take")
    ] = 15.0
    mail_senders: Annotated[
        int,
        Field(
            ge=1, le=32, description="connections to the mail server that a process opens at most"
        ),
    ] = 2

    @field_validator("sender")
    @classmethod
    def _sender(cls, text: str, info: ValidationInfo) -> str:
        if not text:
            if info.data.get("environment", "production") != "test":
                raise missing()  # an address that nobody can answer to, and servers refuse
            return TEST_SENDER
        address_of(text)
        return text
