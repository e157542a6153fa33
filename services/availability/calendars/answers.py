"""What servers of calendars answer, in the words of the port."""

from collections.abc import Mapping
from types import MappingProxyType

from services.availability.calendars.port import Broken, BrokenReason, ComeAgain, Connected
from services.chassis.http.outgoing import (
    Answer,
    BasicAuth,
    NotAllowed,
    NotReached,
    Outgoing,
    TooLarge,
)

_NOTHING: Mapping[str, str] = MappingProxyType({})
_REASONS: Mapping[int, BrokenReason] = {
    401: "sign_in_refused",
    403: "forbidden",
    404: "not_found",
    410: "not_found",
    413: "too_large",
}
_WAIT = frozenset({429, 503})


async def ask(
    outgoing: Outgoing,
    method: str,
    address: str,
    *,
    headers: Mapping[str, str] = _NOTHING,
    body: bytes | None = None,
    calendar: Connected | None = None,
    secrets: Mapping[str, str] = _NOTHING,
) -> Answer:
    """Return the server's answer; raise Broken."""
    opened_by = calendar.secrets if calendar else secrets
    auth = None
    if "user_name" in opened_by:
        auth = BasicAuth(user_name=opened_by["user_name"], password=opened_by.get("password", ""))
    try:
        return await outgoing.request(method, address, headers=headers, body=body, auth=auth)
    except NotAllowed as fault:
        raise Broken("address_not_allowed", str(fault)) from fault
    except NotReached as fault:
        raise Broken("unreachable", str(fault)) from fault
    except TooLarge as fault:
        raise Broken("too_large") from fault


def check_status(answer: Answer, *good: int) -> None:
    """Raise what an answer that is none of the good ones means: Broken, ComeAgain."""
    if answer.status in (good or (200,)):
        return
    if answer.status in _WAIT and (answer.status == 429 or "retry-after" in answer.headers):
        raise ComeAgain(answer.retry_after)
    raise Broken(_REASONS.get(answer.status, "unreachable"), f"status {answer.status}")
