"""The inbox as pages for people: the list, and one message with its parts."""

import re
from email.message import EmailMessage, MIMEPart
from html import escape

from deploy.local.inbox.messages import Envelope

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
