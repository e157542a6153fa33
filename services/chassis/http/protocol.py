"""uvicorn's HTTP/1.1 protocol with an end for everything that a client sends or leaves unsent.

uvicorn has no setting for it. What is used of its protocol class stands in
docs/reaching-into-libraries.md.
"""

import asyncio
import json
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from contracts.problem_types import HEAD_TOO_LARGE, MALFORMED, TOO_SLOW
from services.chassis.http.connections import Connections
from services.chassis.http.problems import PROBLEM_MEDIA_TYPE, Problem, unavailable
from services.chassis.http.request_log import log_unread

AROUND_HEADER = len(": \r\n")

NOT_HTTP = Problem(MALFORMED, "Send an HTTP/1.1 request.")
SLOW = Problem(TOO_SLOW, "The request did not arrive in time. Send it again at once as a whole.")
FULL = unavailable("Too many connections are open. Ask again in a moment.")


class BoundedProtocol(HttpToolsProtocol):
    """One connection: heads, bodies and pauses have bounds; past one, a problem is the answer."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        registry: Connections,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._registry = registry
        self._bounds = registry.bounds
        self._in_head, self._in_body = False, False
        self._heads = 0  # how many were complete
        self._head_bytes = 0  # read since the last one was
        self._told = 0  # of the address and the headers that the parser has told of
        self._content, self._framing = 0, 0  # of the body, and around it
        self._refusal: Problem | None = None
        self._discarding, self._discarded = False, 0
        self._deadline: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None

    @property
    def _works(self) -> bool:
        """Whether a request is under way that has not been answered."""
        return self.cycle is not None and not self.cycle.response_complete

    # The transport's calls.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Take the connection in, and wait for its first head."""
        super().connection_made(transport)
        if self._registry.opened(self):
            self._expect_within(self._bounds.head_seconds)
        elif len(self.connections) < 2 * self._registry.most:
            self._answer(FULL)
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection; whoever waits for its body learns that it has gone."""
        self._registry.closed(self)
        self._stop_waiting()
        self._unset_keepalive_if_required()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read what has come, up to the bounds."""
        if self._discarding:
            self._discarded += len(data)
            if self._discarded > self._bounds.linger_bytes:
                self.transport.abort()
            return
        self._unset_keepalive_if_required()
        heads, content, was_in_body = self._heads, self._content, self._in_body
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade:  # what follows is of a protocol that is not spoken here
            self._discarding = True
            self.cycle.keep_alive = False
            return
        except HttpParserError:
            self._refuse(self._refusal or NOT_HTTP)
            return
        # What the parser keeps to itself until a header or a chunk is complete counts as well.
        if not was_in_body and not self._in_body and heads == self._heads:
            self._head_bytes += len(data)
        elif was_in_body and self._in_body:
            self._framing += len(data) - (self._content - content)
        if self._head_bytes > self._bounds.head_bytes:
            self._refuse(self._head_too_large())
        elif self._framing > self._bounds.framing_bytes:
            self._refuse(NOT_HTTP)
        elif self._deadline is None and self._in_body:
            self._expect_within(self._bounds.body_seconds)
        elif self._deadline is None and (self._in_head or not self._works):
            self._expect_within(self._bounds.head_seconds)

    def pause_writing(self) -> None:
        """Give a client that does not read its answer some time."""
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(self._bounds.stalled_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on; the client reads."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    # The parser's calls. What they raise ends the parsing; it is answered in `data_received`.

    def on_message_begin(self) -> None:
        """Begin to count."""
        super().on_message_begin()
        self._in_head = True
        self._told = self._content = self._framing = 0

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, also one behind a body in chunks."""
        self._count(len(name) + len(value) + AROUND_HEADER)
        if len(self.headers) >= self._bounds.headers:
            raise self._head_too_large()
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Hand the request on; its body has a time of its own."""
        self._in_head = False
        if len(self.pipeline) >= self._bounds.pipelined:
            raise NOT_HTTP
        super().on_headers_complete()
        self._heads += 1
        self._head_bytes = 0
        self._in_body = True
        self._stop_waiting()
        self._registry.waits(self)
        if self._registry.is_stopping:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._content += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that the request is whole."""
        super().on_message_complete()
        self._in_body = False
        self._stop_waiting()
        self._registry.works(self)

    # The server's and the response's calls.

    def on_response_complete(self) -> None:
        """Wait for the next request; the rest of one that was answered early is not read."""
        super().on_response_complete()
        if self.transport.is_closing() or self._works:
            return
        if self._in_body:
            self._close_in_peace()
        else:
            self._registry.waits(self)

    def shutdown(self) -> None:
        """Close, but for an answer under way and a request that may be on its way."""
        if self._works:
            self.cycle.keep_alive = False
        elif self._discarding:
            return
        elif self._in_head or self.cycle is None:
            self._stop_waiting()
            self._expect_within(self._bounds.fresh_seconds)
        else:
            self.transport.close()

    def stop_keeping(self) -> None:
        """Close behind the answer to the request under way, if there is one."""
        if self._works:
            self.cycle.keep_alive = False

    def make_room(self) -> None:
        """Close, because another connection needs the place."""
        self.transport.close()

    def _count(self, size: int) -> None:
        self._told += size
        if self._told > self._bounds.head_bytes:
            raise self._head_too_large()

    def _head_too_large(self) -> Problem:
        kibibytes, headers = self._bounds.head_bytes // 1024, self._bounds.headers
        self._refusal = Problem(
            HEAD_TOO_LARGE,
            f"A request's head may have {kibibytes} KiB and {headers} headers at most.",
        )
        return self._refusal

    def _expect_within(self, seconds: float) -> None:
        self._deadline = self.loop.call_later(seconds, self._on_deadline)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _on_deadline(self) -> None:
        if self._in_head or self._in_body:
            self._refuse(SLOW)
        else:
            self.transport.close()  # it has sent nothing that could be answered

    def _refuse(self, problem: Problem) -> None:
        """Answer with the problem, behind the answers to the requests before it."""
        self._discarding = True
        self._stop_waiting()
        if not self._works:
            self._answer(problem)
        elif not self._in_body:
            self.cycle.keep_alive = False
        elif self.cycle.response_started or self.pipeline:
            self.transport.close()
        else:  # the request under way is the one that is refused
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            self._answer(problem)

    def _answer(self, problem: Problem) -> None:
        """Answer for the application, which never saw the request as a whole."""
        body = json.dumps(problem.body()).encode()
        headers = {
            **problem.headers,
            "Content-Type": PROBLEM_MEDIA_TYPE,
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        head = [f"{name}: {value}".encode() for name, value in headers.items()]
        head += [name + b": " + value for name, value in self.server_state.default_headers]
        lines = [STATUS_LINE[problem.status].removesuffix(b"\r\n"), *head, b"", body]
        self.transport.write(b"\r\n".join(lines))
        log_unread(problem)
        self._close_in_peace()

    def _close_in_peace(self) -> None:
        """Close once the client has had time to read: what it still sends would reset it."""
        self._discarding = True
        self._stop_waiting()
        self._unset_keepalive_if_required()
        self._registry.waits(self)
        self.flow.resume_reading()
        self.transport.write_eof()
        self._deadline = self.loop.call_later(self._bounds.linger_seconds, self.transport.close)
