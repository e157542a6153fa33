"""Old stored shapes lifted to today's; none is old yet."""

from services.chassis.events.codec import Upcaster

UPCASTERS: dict[str, Upcaster] = {}
