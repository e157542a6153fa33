"""A line to PostgreSQL that can fall silent: it takes what is sent, and nothing comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(slots=True)
class SilentLine:
    """The line; `url` leads over it."""

    url: str = ""
    speaks: asyncio.Event = field(default_factory=asyncio.Event)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand on what comes, while the line speaks."""
        try:
            with suppress(OSError):
                while data := await reader.read(65536):
                    await self.speaks.wait()
                    writer.write(data)
                    await writer.drain()
        finally:
            writer.transport.abort()


@asynccontextmanager
async def silent_line(url: str) -> AsyncIterator[SilentLine]:
    """Open a line to the database; it speaks until the test clears `speaks`."""
    line, target = SilentLine(), urlsplit(url)
    connections: set[asyncio.Task[None]] = set()
    line.speaks.set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        connections.add(connection)
        connection.add_done_callback(connections.discard)
        try:
            far_reader, far_writer = await asyncio.open_connection(target.hostname, target.port)
            async with asyncio.TaskGroup() as group:
                group.create_task(line.carry(reader, far_writer))
                group.create_task(line.carry(far_reader, writer))
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    line.url = url.replace(f":{target.port}/", f":{port}/")
    yield line
    line.speaks.set()
    server.close()
    for each in connections:
        each.cancel()
    await asyncio.gather(*connections, return_exceptions=True)
    await asyncio.sleep(0)  # the transports close in the next round of the loop
