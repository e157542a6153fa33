"""Run the inbox: `python -m deploy.local.inbox HOST SMTP_PORT HTTP_PORT FOLDER`."""

import asyncio
import signal
import sys
import threading
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.inbox.messages import Messages
from deploy.local.inbox.web import InboxServer

LARGEST_MESSAGE = 10 * 1024 * 1024


class Receiver:
    """What the SMTP server does with a message: store it, then accept it."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    async def handle_DATA(  # noqa: N802 # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Answer 250 once the message is on the disk."""
        raw = envelope.original_content or b""
        recipients = [str(each) for each in envelope.rcpt_tos]
        try:
            stored = self._messages.add(envelope.mail_from or "", recipients, raw)
        except OSError as error:
            return f"452 4.3.1 not stored: {error.strerror}"
        return f"250 2.0.0 stored as {stored.id}"


async def serve(host: str, smtp_port: int, http_port: int, folder: Path) -> None:
    """Serve until asked to stop."""
    messages = Messages(folder)
    receiver = Receiver(messages)
    loop = asyncio.get_running_loop()
    smtp = await loop.create_server(
        lambda: SMTP(
            receiver,
            data_size_limit=LARGEST_MESSAGE,
            enable_SMTPUTF8=True,
            hostname="inbox.localhost",
            loop=loop,
        ),
        host,
        smtp_port,
    )
    web = InboxServer(host, http_port, messages)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    await stop.wait()
    smtp.close()


if __name__ == "__main__":
    _, host, smtp_port, http_port, folder = sys.argv
    asyncio.run(serve(host, int(smtp_port), int(http_port), Path(folder)))
