"""Who sends a request: a signed-in organizer, or the holder of a booking's or a link's token."""

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request

from contracts.capabilities import HELD_DATA, MANAGE, PRIVATE_LINK, VERIFY
from contracts.problem_types import FORBIDDEN, UNAUTHENTICATED
from contracts.roles import WITH_PAGE
from services.booking.bookings.records import booking_owner
from services.booking.domain.refusals import NotFound
from services.booking.domain.slot import Party
from services.booking.tokens import Tokens
from services.chassis.events.transactions import Transactions
from services.chassis.http.problems import Problem
from services.chassis.identity.bearer import Authenticator, Principal
from services.chassis.ids import parse_id
from services.chassis.runtime.cause import acting


@dataclass(frozen=True, slots=True)
class Caller:
    """Who acts on a booking: the organizer whose it is, or the holder of its manage token."""

    booking_id: UUID
    by: Party


class Callers:
    """Identifies the caller; a resource that is not theirs is not found."""

    def __init__(
        self, authenticator: Authenticator, tokens: Tokens, transactions: Transactions
    ) -> None:
        self._authenticator = authenticator
        self._tokens = tokens
        self._transactions = transactions

    async def organizer(self, request: Request) -> Principal:
        """Return the signed-in organizer; raise `unauthenticated` or `forbidden`."""
        principal = await self._authenticator.authenticate(request.headers.get("authorization"))
        if not principal.roles & WITH_PAGE:
            raise Problem(FORBIDDEN, "Your account has no booking page of its own.")
        acting(f"organizer:{principal.id}")
        return principal

    async def administrator(self, request: Request) -> Principal:
        """Return the signed-in administrator; raise `unauthenticated` or `forbidden`."""
        principal = await self._authenticator.authenticate(request.headers.get("authorization"))
        if "administrator" not in principal.roles:
            raise Problem(FORBIDDEN, "Only administrators may do this.")
        acting(f"administrator:{principal.id}")
        return principal

    def shows_data_token(self, request: Request) -> bool:
        """Tell whether the request shows the token of a mailed link to held data."""
        return HELD_DATA.header in request.headers

    def data_request(self, request: Request) -> UUID:
        """Return the request for held data whose token is shown; raise `unauthenticated`."""
        token = request.headers.get(HELD_DATA.header)
        request_id = self._tokens.read_held_data(token) if token else None
        if request_id is None:
            raise Problem(
                UNAUTHENTICATED,
                f"Show the token of the link that was mailed to you, in {HELD_DATA.header}."
                " Ask for a new one: POST /api/booking/v1/me/requests.",
            )
        acting("attendee")
        return request_id

    async def signed_in(self, request: Request) -> UUID | None:
        """Return who is signed in, without asking for it; raise `unauthenticated` for a bad one."""
        shown = request.headers.get("authorization")
        return None if shown is None else (await self._authenticator.authenticate(shown)).id

    async def of_booking(self, request: Request, booking_id: str) -> Caller:
        """Return who acts on the booking; raise NotFound for a foreign one."""
        id_ = id_of(booking_id, "booking")
        managed = self.managed_booking(request)
        if managed is not None:
            if managed != id_:
                raise NotFound("booking")
            return Caller(id_, "attendee")
        principal = await self.organizer(request)
        owner = await self._transactions.read(lambda c: booking_owner(c, id_))
        if owner is None or owner.organizer_id != principal.id:
            raise NotFound("booking")
        return Caller(id_, "organizer")

    def managed_booking(self, request: Request) -> UUID | None:
        """Return the booking whose manage token the request shows; None when it shows none."""
        token = request.headers.get(MANAGE.header)
        if token is None:
            return None
        booking_id = self._tokens.read_manage(token)
        if booking_id is None:
            raise NotFound("booking")
        acting("attendee")
        return booking_id

    async def proven_booking(self, request: Request, booking_id: str) -> UUID:
        """Return the booking whose address the shown token proves.

        Raise `forbidden` for who may act on the booking but has not got the mail, or NotFound.
        """
        token = request.headers.get(VERIFY.header)
        if token is None:
            await self.of_booking(request, booking_id)
            raise Problem(FORBIDDEN, f"An address is proven by the mailed token: {VERIFY.header}.")
        proven = self._tokens.read_verify(token)
        if proven is None or proven != id_of(booking_id, "booking"):
            raise NotFound("booking")
        acting("attendee")
        return proven

    def shown_link(self, request: Request) -> UUID | None:
        """Return the private link whose token the request shows; None when it shows none."""
        token = request.headers.get(PRIVATE_LINK.header)
        return None if token is None else self.link_of(token)

    def link_of(self, token: str) -> UUID:
        """Return the private link that the token opens; one that is not genuine opens nothing."""
        link_id = self._tokens.read_link(token)
        if link_id is None:
            raise NotFound("link")
        return link_id


def id_of(text: str, what: str) -> UUID:
    """Return the id in an address; a malformed one names nothing."""
    found = parse_id(text)
    if found is None:
        raise NotFound(what)
    return found
