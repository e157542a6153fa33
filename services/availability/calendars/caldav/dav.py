"""WebDAV as far as calendars need it: questions in XML, and what the answers say of each address.

Our own because the library for it brings an HTTP stack that replaces urllib3 in the process and
cannot be kept from private networks (docs/decisions).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree as ET

from services.availability.calendars.answers import ask, check_status
from services.availability.calendars.port import Broken
from services.chassis.http.outgoing import Answer, Outgoing

DAV, CALDAV = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
_NAMESPACES = (
    'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:a="http://apple.com/ns/ical/"'
)
_XML = {"Content-Type": "application/xml; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Resource:
    """What an answer says of one address: its properties, or that it is gone."""

    href: str
    gone: bool
    properties: Mapping[str, ET.Element]

    def text(self, name: str) -> str | None:
        """Return the text of a property."""
        found = self.properties.get(name)
        return found.text.strip() if found is not None and found.text else None

    def address(self, name: str) -> str | None:
        """Return the address in a property."""
        found = self.properties.get(name)
        href = found.find(f"{DAV}href") if found is not None else None
        return href.text.strip() if href is not None and href.text else None

    def has(self, name: str, inner: str) -> bool:
        """Tell whether a property holds an element."""
        found = self.properties.get(name)
        return found is not None and found.find(f".//{inner}") is not None


@dataclass(frozen=True, slots=True)
class MultiStatus:
    """What a server says of several addresses, and how the next question goes on from here."""

    resources: Sequence[Resource]
    token: str | None


class Dav:
    """Asks one server in the name of whoever has given the secrets."""

    def __init__(self, outgoing: Outgoing, secrets: Mapping[str, str]) -> None:
        self._outgoing = outgoing
        self._secrets = secrets

    async def properties(
        self, address: str, names: Sequence[str], *, depth: int = 0
    ) -> tuple[MultiStatus, str]:
        """Return properties of an address, and where they were found; raise Broken, ComeAgain."""
        wanted = "".join(f"<{name}/>" for name in names)
        body = f"<d:propfind {_NAMESPACES}><d:prop>{wanted}</d:prop></d:propfind>"
        answer = await self.send("PROPFIND", address, body, {"Depth": str(depth)})
        check_status(answer, 207)
        return read(answer), answer.url

    async def report(self, address: str, name: str, inner: str) -> Answer:
        """Return the answer to a report; its status is not checked."""
        body = f"<{name} {_NAMESPACES}>{inner}</{name}>"
        return await self.send("REPORT", address, body, {"Depth": "1"})

    async def send(
        self, method: str, address: str, body: str = "", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a question in XML, or another body with its own headers."""
        return await ask(
            self._outgoing,
            method,
            address,
            headers={**(_XML if body.startswith("<") else {}), **(headers or {})},
            body=body.encode() or None,
            secrets=self._secrets,
        )


def read(answer: Answer) -> MultiStatus:
    """Return what the answer says; raise Broken for one that is none."""
    if b"<!DOCTYPE" in answer.body or b"<!ENTITY" in answer.body:
        raise Broken("unreadable", "an answer that defines entities")
    try:
        root = ET.fromstring(answer.body)  # noqa: S314 -- it has no entities
    except ET.ParseError as fault:
        raise Broken("unreadable", "an answer that is no XML") from fault
    if root.tag != f"{DAV}multistatus":
        raise Broken("unreadable", "an answer that is none of WebDAV")
    token = root.findtext(f"{DAV}sync-token")
    return MultiStatus(list(_resources(root)), token.strip() if token else None)


def _resources(root: ET.Element) -> Iterator[Resource]:
    for response in root.iterfind(f"{DAV}response"):
        href = response.findtext(f"{DAV}href")
        if not href:
            continue
        status = response.findtext(f"{DAV}status") or ""
        properties: dict[str, ET.Element] = {}
        for found in response.iterfind(f"{DAV}propstat"):
            if " 200 " in f"{found.findtext(f'{DAV}status') or ''} ":
                for each in found.iterfind(f"{DAV}prop/*"):
                    properties[each.tag] = each
        yield Resource(href.strip(), " 404 " in f"{status} ", properties)


def path_of(href: str) -> str:
    """Return the path of an address, as it is compared: servers escape it differently."""
    return unquote(urlsplit(href).path)


def at(base: str, href: str) -> str:
    """Return the whole address of one that the server named."""
    return urljoin(base, href)
