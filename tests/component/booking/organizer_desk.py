"""An organizer in front of their own pages: a signed-in browser without scripts."""

from dataclasses import dataclass

import httpx

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
