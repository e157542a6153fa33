"""What letters are sent with, and for how long a process may hold one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.headerregistry import Address

from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.postgres.database import Database
from services.chassis.web.brand import Brand

# How much longer than an attempt a claim lasts: enough to settle it.
LEASE_RESERVE_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MailContext:
    """What letters are sent with."""

    database: Database
    keys: KeyRing
    public_url: str
    sender: Address
    brand: Brand
    timeout: float
    notify_relay: Callable[[], None]

    @property
    def lease(self) -> timedelta:
        """Return after what time another process may take over a claim."""
        return timedelta(seconds=self.timeout + LEASE_RESERVE_SECONDS)
