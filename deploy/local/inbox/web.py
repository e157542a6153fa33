"""The inbox over HTTP: JSON for programs, pages for people."""

import json
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from deploy.local.inbox import pages
from deploy.local.inbox.messages import Messages, parse

PAGE_SIZE = 1000
HTML = "text/html; charset=utf-8"
JSON = "application/json"
# Mail is foreign: its HTML runs nothing, loads nothing, and opens links in a tab of their own.
FOREIGN = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; "
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
)
OWN = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'"


class InboxServer(ThreadingHTTPServer):
    """An HTTP server that knows the messages."""

    daemon_threads = True

    def __init__(self, host: str, port: int, messages: Messages) -> None:
        super().__init__((host, port), Handler)
        self.messages = messages


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: InboxServer

    def do_GET(self) -> None:
        """Answer a request; there is nothing here that changes anything."""
        address = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        match address.path.strip("/").split("/"):
            case ["livez"]:
                self._answer(200, "text/plain", b"ok")
            case [""]:
                self._list_page(query.get("to", ""))
            case ["api", "messages"]:
                self._list(query)
            case ["api", "messages", message_id, "raw"]:
                self._raw(message_id)
            case ["messages", message_id]:
                self._message_page(message_id)
            case ["messages", message_id, "html"]:
                self._foreign_html(message_id)
            case _:
                self._nothing_here()

    do_HEAD = do_GET  # noqa: N815 # the standard library's name

    def _list(self, query: dict[str, str]) -> None:
        limit = query.get("limit", "")
        size = min(max(int(limit), 1), PAGE_SIZE) if limit.isdecimal() else PAGE_SIZE
        try:
            found, cursor = self.server.messages.page(query.get("to"), query.get("cursor"), size)
        except KeyError:
            self._problem(422, "/problems/invalid", "The cursor names no message")
            return
        document = {"items": [asdict(each) for each in found], "next_cursor": cursor}
        self._answer(200, JSON, json.dumps(document).encode())

    def _raw(self, message_id: str) -> None:
        raw = self.server.messages.raw(message_id)
        if raw is None:
            self._nothing_here()
        else:
            self._answer(200, "message/rfc822", raw)

    def _list_page(self, recipient: str) -> None:
        found = self.server.messages.all(recipient or None)
        self._answer(200, HTML, pages.list_page(found, recipient).encode(), OWN)

    def _message_page(self, message_id: str) -> None:
        envelope = self.server.messages.envelope(message_id)
        raw = self.server.messages.raw(message_id)
        if envelope is None or raw is None:
            self._nothing_here()
        else:
            page = pages.message_page(envelope, parse(raw))
            self._answer(200, HTML, page.encode(errors="replace"), OWN)

    def _foreign_html(self, message_id: str) -> None:
        raw = self.server.messages.raw(message_id)
        html = pages.text_part(parse(raw), "html") if raw is not None else None
        if html is None:
            self._nothing_here()
        else:
            aimed = f'<base target="_blank">{html}'
            self._answer(200, HTML, aimed.encode(errors="replace"), FOREIGN)

    def _nothing_here(self) -> None:
        self._problem(404, "/problems/not-found", "Not found")

    def _problem(self, status: int, kind: str, title: str) -> None:
        problem = {"type": kind, "title": title, "status": status}
        self._answer(status, "application/problem+json", json.dumps(problem).encode())

    def _answer(self, status: int, kind: str, body: bytes, policy: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        if policy:
            self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing: paths and addresses of people do not belong in a log."""
