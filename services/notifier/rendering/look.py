"""What mails look like: the colours of the pages, and an organization's name and logo."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from services.chassis.web.brand import Brand
from services.chassis.web.colours import Schemes, colours_of

PLAIN = Brand()
# What mail programs show: most of them neither .svg nor .webp.
SHOWN = ".png"


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture that the mail carries with it: nothing is loaded when it is read."""

    content: bytes
    content_id: str


@dataclass(frozen=True, slots=True)
class MailLook:
    """The colours, the organization's name and its logo, if mails can show it."""

    colours: Schemes
    name: str
    logo: Logo | None


@lru_cache
def look_of(brand: Brand) -> MailLook:
    """Return the look; the logo is read once."""
    return MailLook(colours_of(brand), brand.name, _logo(brand))


def _logo(brand: Brand) -> Logo | None:
    if brand.logo is None or brand.logo.suffix != SHOWN:
        return None
    content = brand.logo.read_bytes()
    return Logo(content, f"logo-{sha256(content).hexdigest()[:16]}@bookwith")
