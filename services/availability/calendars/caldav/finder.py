"""The calendars of whoever signs in at a server, found from any address of it (RFC 6764)."""

from collections.abc import Mapping, Sequence
from urllib.parse import urljoin, urlsplit

from services.availability.calendars.caldav.dav import CALDAV, DAV, Dav, Resource, at
from services.availability.calendars.port import Broken, FoundCalendar
from services.chassis.http.outgoing import NotAllowed, Outgoing, web_address

_ABOUT = (
    "d:resourcetype",
    "d:displayname",
    "d:current-user-principal",
    "d:current-user-privilege-set",
    "c:calendar-home-set",
    "c:supported-calendar-component-set",
    "a:calendar-color",
)
_WRITING = ("all", "write", "write-content", "bind")
_LONGEST_NAME = 100


class CalDavFinder:
    """Finds calendars."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing

    async def find(self, address: str, secrets: Mapping[str, str]) -> Sequence[FoundCalendar]:
        """Return the calendars at the address, or at its server; raise Broken, ComeAgain."""
        dav, address = Dav(self._outgoing, secrets), _whole(address)
        try:
            return await self._from(dav, address)
        except Broken as fault:
            well_known = urljoin(address, "/.well-known/caldav")
            if fault.reason not in {"not_found", "unreadable", "unreachable"}:
                raise
            if urlsplit(address).path.startswith("/.well-known/"):
                raise
            return await self._from(dav, well_known)

    async def _from(self, dav: Dav, address: str) -> Sequence[FoundCalendar]:
        found, address = await dav.properties(address, _ABOUT)
        here = found.resources[0] if found.resources else None
        if here is None:
            raise Broken("not_found")
        if _is_calendar(here):
            return [_found(here, address)]
        home = here.address(f"{CALDAV}calendar-home-set")
        principal = here.address(f"{DAV}current-user-principal")
        if home is None and principal is not None:
            named, address = await dav.properties(at(address, principal), _ABOUT)
            homes = (each.address(f"{CALDAV}calendar-home-set") for each in named.resources)
            home = next((each for each in homes if each), None)
        if home is None:
            raise Broken("not_found", "no calendars for whoever signs in")
        listed, address = await dav.properties(at(address, home), _ABOUT, depth=1)
        return [_found(each, address) for each in listed.resources if _is_calendar(each)]


def _whole(address: str) -> str:
    """Return the address of a server that may be given by its name alone."""
    try:
        return web_address(address if "://" in address else f"https://{address}")
    except NotAllowed as fault:
        raise Broken("address_not_allowed", str(fault)) from fault


def _is_calendar(resource: Resource) -> bool:
    components = resource.properties.get(f"{CALDAV}supported-calendar-component-set")
    names = (
        None
        if components is None
        else {each.get("name", "").upper() for each in components.iterfind(f"{CALDAV}comp")}
    )
    return resource.has(f"{DAV}resourcetype", f"{CALDAV}calendar") and (
        names is None or "VEVENT" in names
    )


def _found(resource: Resource, base: str) -> FoundCalendar:
    address = at(base, resource.href)
    path = urlsplit(address).path.rstrip("/").rsplit("/", 1)[-1]
    privileges = resource.properties.get(f"{DAV}current-user-privilege-set")
    return FoundCalendar(
        address=address,
        name=(resource.text(f"{DAV}displayname") or path)[:_LONGEST_NAME],
        writable=privileges is None
        or any(privileges.find(f".//{DAV}{name}") is not None for name in _WRITING),
        colour=(resource.text("{http://apple.com/ns/ical/}calendar-color") or "")[:7] or None,
    )
