"""The sign-in of the organizers' pages: who acts, and what they had typed before."""

from collections.abc import Mapping

from starlette.requests import Request

from contracts.roles import WITH_PAGE
from services.chassis.identity.claims import Principal
from services.chassis.runtime.cause import acting
from services.chassis.sign_in.gate import Gate


class OrganizerSignIn:
    """Identifies organizers by the session of their browser."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def organizer(self, request: Request, *, form_at: str | None = None) -> Principal:
        """Return the signed-in organizer; raise what leads to the sign-in, and back.

        A form that is sent when the session has ended is shown again behind the sign-in, on the
        page `form_at`; without it that is the address to which the form is sent.
        """
        principal = await self._gate.person(request, WITH_PAGE, form_at)
        acting(f"organizer:{principal.id}")
        return principal

    def draft(self, request: Request, principal: Principal) -> Mapping[str, str] | None:
        """Return what the organizer had typed into the form of this page; None for nothing."""
        return self._gate.draft(request, principal)

    def signed_in(self, request: Request) -> Principal | None:
        """Return who is signed in, of whatever role, without asking for it."""
        return self._gate.signed_in(request)
