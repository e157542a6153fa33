"""The mail server over SMTP: connections that are kept for a while, and opened with care."""

import time
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from services.chassis.runtime.crash_points import reach
from services.notifier.domain.attempts import NOT_CONNECTED, Delayed, Failed
from services.notifier.domain.smtp_replies import Step, outcome_of

# Of service 421 the server says that it has enough connections, or closes for another reason.
CLOSING = 421
FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS = 1.0, 30.0
# A connection without mails is kept for the next ones so long; servers allow minutes.
IDLE_SECONDS = 5.0

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


class Backoff:
    """When new connections may be opened: all senders wait once the server has enough of them."""

    def __init__(self) -> None:
        self._pause = FIRST_BACKOFF_SECONDS
        self._until = 0.0

    @property
    def seconds_left(self) -> float:
        """Return for how long no connection is opened; 0 when one may be."""
        return max(0.0, self._until - time.monotonic())

    def refused(self) -> None:
        """Open none for a while, longer each time."""
        self._until = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_BACKOFF_SECONDS)

    def accepted(self) -> None:
        """Begin anew with the shortest pause."""
        self._pause = FIRST_BACKOFF_SECONDS


class SmtpConnection:
    """One sender's connection: opened when it is needed, closed at the first fault."""

    def __init__(
        self,
        server: MailServer,
        *,
        local_hostname: str,
        timeout: float,
        backoff: Backoff | None = None,
    ) -> None:
        self._server = server
        self._local_hostname = local_hostname
        self._timeout = timeout
        self._backoff = backoff or Backoff()  # shared by the senders of a process
        self._client: SMTP | None = None
        self._has_sent = False
        self._used_at = 0.0

    @property
    def seconds_until_open(self) -> float:
        """Return for how long the connection cannot be used; 0 when it is open or may be opened."""
        return 0.0 if self._is_open() else self._backoff.seconds_left

    def _is_open(self) -> bool:
        return self._client is not None and self._client.is_connected

    async def connect(self) -> None:
        """Connect, unless it is done; raise MailNotAccepted."""
        if self._is_open():
            return
        if self._backoff.seconds_left:
            raise MailNotAccepted(Delayed(NOT_CONNECTED, CLOSING))
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
            self._note(fault)
            # Whatever the fault, a wrong password too, it lies with the server or a setting.
            raise MailNotAccepted(Delayed(NOT_CONNECTED, _code(fault))) from fault
        self._backoff.accepted()
        self._client, self._has_sent, self._used_at = client, False, time.monotonic()

    async def send(self, sender: str, recipient: str, mail: bytes) -> bool:
        """Send the mail; tell whether it is the first over this connection.

        Raises MailNotAccepted; whether the server has the mail after all is then not always known.
        """
        step: Step = "sender"
        try:
            client = await self._begun(sender)
            step = "recipient"
            await client.rcpt(recipient)
            reach("notifier.data")
            step = "data"
            await client.data(mail)
        except (SMTPException, OSError) as fault:
            self.close()
            self._note(fault)
            raise MailNotAccepted(_outcome(fault, step)) from fault
        except BaseException:
            self.close()  # interrupted between command and reply: not usable any more
            raise
        first, self._has_sent, self._used_at = not self._has_sent, True, time.monotonic()
        return first

    async def _begun(self, sender: str) -> SMTP:
        """Begin a mail; a kept connection that the server has closed meanwhile is opened anew."""
        client = self._client
        assert client is not None
        try:
            await client.mail(sender)
        except SMTPServerDisconnected:
            if not self._has_sent:
                raise
            self.close()
            await self.connect()
            client = self._client
            assert client is not None
            await client.mail(sender)
        return client

    def _note(self, fault: Exception) -> None:
        if _code(fault) == CLOSING:
            self._backoff.refused()

    def close(self) -> None:
        """Close the connection at once, without QUIT."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    async def quit_if_idle(self) -> None:
        """End the session if nothing was sent for a while."""
        if time.monotonic() - self._used_at > IDLE_SECONDS:
            await self.quit()

    async def quit(self) -> None:
        """End the session with QUIT, if there is a connection."""
        if self._client is not None:
            with suppress(SMTPException, OSError):
                await self._client.quit()
            self.close()


def _outcome(fault: Exception, step: Step) -> Delayed | Failed:
    if isinstance(fault, SMTPResponseException):
        return outcome_of(step, fault.code, fault.message)
    return Delayed("interrupted")


def _code(fault: Exception) -> int | None:
    return fault.code if isinstance(fault, SMTPResponseException) else None
