"""An organizer in front of their own pages: a signed-in browser without scripts."""

from dataclasses import dataclass
from typing import Any

import httpx

from services.chassis.ids import new_id
from tests.component.booking.form_reading import form_to
from tests.component.running import PUBLIC_URL


@dataclass(slots=True)
class Desk:
    """Opens pages, and sends their forms as they stand but for what is typed."""

    http: httpx.AsyncClient

    async def open(self, address: str) -> httpx.Response:
        """Open an address and whatever it leads on to."""
        return await self.http.get(address.removeprefix(PUBLIC_URL))

    async def send(
        self, page: httpx.Response, place: str, typed: dict[str, str] | None = None, do: str = ""
    ) -> httpx.Response:
        """Fill in the form to the place, and press its button."""
        form = form_to(page, place)
        fields = {**form.fields, **(typed or {}), **({"do": do} if do else {})}
        return await self.http.post(form.action, data=fields)


def names_in_addresses(
    kind: dict[str, Any], link: dict[str, Any], booked: dict[str, Any], offered: dict[str, Any]
) -> dict[str, str]:
    """Return what stands in the places of the addresses of organizers' pages."""
    return {
        "type_id": kind["id"],
        "minutes": "30",
        "link_id": link["id"],
        "booking_id": booked["id"],
        "mail_id": str(new_id()),
        "offer_id": offered["id"],
        "step": "hours",
        "size": "svg",
        "token": "bwe_of-nobody",
    }
