"""Old stored shapes lifted to today's; none is old yet."""

from services.chassis.codec import Upcaster

UPCASTERS: dict[str, Upcaster] = {}
