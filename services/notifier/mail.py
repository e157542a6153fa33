"""The mail server over SMTP: one connection for as long as there is something to send."""

from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
)

from services.chassis.runtime.crash_points import reach
from services.notifier.domain.attempts import NOT_CONNECTED, Delayed, Failed

DEFAULT_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


class MailNotAccepted(Exception):
    """The server did not accept the mail; `outcome` says why."""

    def __init__(self, outcome: Delayed | Failed) -> None:
        super().__init__(outcome.cause)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class MailServer:
    """The mail server, and the account to sign in with."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> "MailServer":
        """Read `smtp://user:password@host:port`; also `smtps` and `smtp+starttls`."""
        parts = urlsplit(url)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            raise ValueError("BOOKWITH_SMTP_URL names no mail server")
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=parts.port or DEFAULT_PORTS[parts.scheme],
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )


class SmtpConnection:
    """One sender's connection: opened when it is needed, closed at the first fault."""

    def __init__(self, server: MailServer, *, local_hostname: str, timeout: float) -> None:
        self._server = server
        self._local_hostname = local_hostname
        self._timeout = timeout
        self._client: SMTP | None = None
        self._has_sent = False

    async def connect(self) -> None:
        """Connect, unless it is done; raise MailNotAccepted."""
        if self._client is not None and self._client.is_connected:
            return
        server = self._server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            local_hostname=self._local_hostname,
            timeout=self._timeout,
            use_tls=server.scheme == "smtps",
            start_tls=server.scheme == "smtp+starttls",
        )
        try:
            await client.connect()
        except (SMTPException, OSError) as fault:
            # Whatever the fault, a wrong password too, it lies with the server or a setting.
            raise MailNotAccepted(Delayed(NOT_CONNECTED, _code(fault))) from fault
        self._client, self._has_sent = client, False

    async def send(self, sender: str, recipient: str, mail: EmailMessage) -> bool:
        """Send the mail; tell whether it is the first over this connection.

        Raises MailNotAccepted; whether the server has the mail after all is then not always known.
        """
        client = self._client
        assert client is not None
        content = mail.as_bytes()
        try:
            await client.mail(sender)
            await client.rcpt(recipient)
            reach("notifier.data")
            await client.data(content)
        except (SMTPException, OSError) as fault:
            self.close()
            raise MailNotAccepted(_outcome(fault)) from fault
        except BaseException:
            self.close()  # interrupted between command and reply: not usable any more
            raise
        first, self._has_sent = not self._has_sent, True
        return first

    def close(self) -> None:
        """Close the connection at once, without QUIT."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    async def quit(self) -> None:
        """End the session with QUIT, if there is a connection."""
        if self._client is not None:
            with suppress(SMTPException, OSError):
                await self._client.quit()
            self.close()


# The server wants an account, or a better one (RFC 4954).
_SIGN_IN = frozenset({530, 534, 535, 538})


def _outcome(fault: Exception) -> Delayed | Failed:
    match fault:
        case SMTPResponseException() if _is_setting(fault):
            return Delayed("sender_refused", fault.code)
        case SMTPRecipientRefused(code=code) if code >= 500:
            return Failed("recipient_refused", code)
        case SMTPDataError(code=code) if code >= 500:
            return Failed("refused", code)
        case SMTPResponseException(code=code):
            # A sender that is refused is a setting too.
            return Delayed("sender_refused" if code >= 500 else "temporary", code)
        case _:
            return Delayed("interrupted")


def _is_setting(fault: SMTPResponseException) -> bool:
    """Whether a setting must be corrected, not the mail dropped; "relaying denied" has no code."""
    return fault.code in _SIGN_IN or (fault.code >= 500 and "relay" in fault.message.lower())


def _code(fault: Exception) -> int | None:
    return fault.code if isinstance(fault, SMTPResponseException) else None
