"""The inbox over HTTP: JSON for programs, pages for people."""

import json
import re
from dataclasses import asdict
from email.message import EmailMessage, MIMEPart
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from deploy.local.inbox.messages import Envelope, Messages, parse

PAGE_SIZE = 1000
HTML = "text/html; charset=utf-8"
JSON = "application/json"
# Mail comes from outside: its HTML may run no script, load nothing, and links open in a new tab.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; "
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
)
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; form-action 'self'"

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #1c1c22; background: #fff; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #ddd;
  overflow-wrap: anywhere; vertical-align: top; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f5f5f7; padding: 1rem; }
iframe { width: 100%; height: 36rem; border: 1px solid #ddd; }
form { margin: 1rem 0; } input { font: inherit; padding: .3rem; width: 20rem; max-width: 70%; }
button { font: inherit; padding: .3rem 1rem; }
"""
WEB_ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")


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
        """Answer a request; none of them changes anything."""
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
                self._mail_html(message_id)
            case _:
                self._not_found()

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
            self._not_found()
        else:
            self._answer(200, "message/rfc822", raw)

    def _list_page(self, recipient: str) -> None:
        found = self.server.messages.all(recipient or None)
        self._answer(200, HTML, list_page(found, recipient).encode(), PAGE_POLICY)

    def _message_page(self, message_id: str) -> None:
        envelope = self.server.messages.envelope(message_id)
        raw = self.server.messages.raw(message_id)
        if envelope is None or raw is None:
            self._not_found()
        else:
            page = message_page(envelope, parse(raw))
            self._answer(200, HTML, page.encode(errors="replace"), PAGE_POLICY)

    def _mail_html(self, message_id: str) -> None:
        raw = self.server.messages.raw(message_id)
        html = text_part(parse(raw), "html") if raw is not None else None
        if html is None:
            self._not_found()
        else:
            in_new_tab = f'<base target="_blank">{html}'
            self._answer(200, HTML, in_new_tab.encode(errors="replace"), MAIL_POLICY)

    def _not_found(self) -> None:
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
        """Log nothing: addresses of people do not belong in a log."""


def list_page(envelopes: list[Envelope], recipient: str) -> str:
    """Return the list, newest first."""
    rows = "".join(
        f"<tr><td>{escape(each.received_at)}</td>"
        f"<td>{escape(', '.join(each.envelope_to))}</td>"
        f'<td><a href="/messages/{each.id}">{escape(each.subject) or "(no subject)"}</a></td></tr>'
        for each in reversed(envelopes)
    )
    form = (
        f'<form><label>To <input name="to" value="{escape(recipient)}"></label> '
        "<button>Show</button></form>"
    )
    head = "<tr><th>Received</th><th>To</th><th>Subject</th></tr>"
    table = f"<table>{head}{rows}</table>" if rows else "<p>No mail yet.</p>"
    return _page("Mail inbox", form + table)


def message_page(envelope: Envelope, message: EmailMessage) -> str:
    """Return one message."""
    headers = [("To", ", ".join(envelope.envelope_to)), ("Received", envelope.received_at)]
    headers += [(name, str(message.get(name, ""))) for name in ("From", "Reply-To", "Message-ID")]
    head = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
        for name, value in headers
        if value
    )
    body = [f'<p><a href="/">All mail</a></p><table>{head}</table>']
    if text := text_part(message, "plain"):
        body.append(f"<h2>Text</h2><pre>{_with_links(text)}</pre>")
    if text_part(message, "html"):
        sandbox = 'sandbox="allow-popups allow-popups-to-escape-sandbox"'
        frame = f'{sandbox} title="HTML part" src="/messages/{envelope.id}/html"'
        body.append(f"<h2>HTML</h2><iframe {frame}></iframe>")
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            calendar = escape(part.get_content())
            body.append(f"<h2>Calendar</h2><pre>{calendar}</pre>")
    raw = f'<p><a href="/api/messages/{envelope.id}/raw">The message as it came</a></p>'
    return _page(envelope.subject or "(no subject)", "".join(body) + raw)


def text_part(message: EmailMessage, kind: str) -> str | None:
    """Return the body part of that kind, or None."""
    part: MIMEPart | None = message.get_body((kind,))
    return str(part.get_content()) if part is not None else None


def _with_links(text: str) -> str:
    pieces, end = [], 0
    for found in WEB_ADDRESS.finditer(text):
        address = escape(found[0])
        pieces += [escape(text[end : found.start()]), f'<a href="{address}">{address}</a>']
        end = found.end()
    return "".join([*pieces, escape(text[end:])])


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><h1>{escape(title)}</h1>{body}</body></html>"
    )
