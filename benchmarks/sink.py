"""A mail server that accepts everything and says what came: `python -m benchmarks.sink SMTP WATCH`.

The local inbox writes each mail to the disk and costs more than the services do. This one costs
next to nothing: what is measured is how fast mail is handed in, not how fast it is kept. To each
connection on the second port it sends one line for each accepted mail, its Message-ID.
"""

import asyncio
import re
import sys
from typing import cast

import uvloop

HOST = "127.0.0.1"
GREETING = b"220 sink ESMTP\r\n"
ABILITIES = b"250-sink\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 10485760\r\n"
END = b"\r\n.\r\n"
_MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*<([^>]*)>")

watchers: set[asyncio.Transport] = set()


class Session(asyncio.Protocol):
    """One connection of a mail client."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop has its own
        self._received = bytearray()
        self._in_data = False
        self._transport.write(GREETING)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while self._step():
            pass

    def _step(self) -> bool:
        """Take one line, or one mail; False when it is not there completely."""
        end = END if self._in_data else b"\r\n"
        place = self._received.find(end)
        if place < 0:
            return False
        taken = bytes(self._received[:place])
        del self._received[: place + len(end)]
        if self._in_data:
            self._in_data = False
            self._transport.write(b"250 2.0.0 accepted\r\n")
            announce(taken)
        else:
            self._transport.write(self._answer(taken[:4].upper()))
        return True

    def _answer(self, verb: bytes) -> bytes:
        match verb:
            case b"EHLO" | b"HELO":
                return ABILITIES
            case b"DATA":
                self._in_data = True
                return b"354 go on\r\n"
            case b"QUIT":
                return b"221 2.0.0 bye\r\n"
            case _:
                return b"250 2.0.0 ok\r\n"


class Watcher(asyncio.Protocol):
    """One connection that is told of each accepted mail."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop has its own
        watchers.add(self._transport)

    def connection_lost(self, _: Exception | None) -> None:
        watchers.discard(self._transport)


def announce(mail: bytes) -> None:
    found = _MESSAGE_ID.search(mail)
    line = (found[1] if found else b"") + b"\n"
    for transport in watchers:
        transport.write(line)


async def serve(smtp_port: int, watch_port: int) -> None:
    loop = asyncio.get_running_loop()
    await loop.create_server(Session, HOST, smtp_port)
    await loop.create_server(Watcher, HOST, watch_port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), int(sys.argv[2])))
