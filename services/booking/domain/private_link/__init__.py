"""A private link: the way to one private meeting type, for a number of bookings or a time.

Cut by subject: issuing it, its uses, its end. `decider` is the table of contents; what others
need of the package is named here.
"""

from services.booking.domain.private_link.decider import DECIDER, Command, Event
from services.booking.domain.private_link.details import (
    Addressee,
    LinkDetails,
    kept_ids,
    no_longer_addressed,
    refuse_if_not_addressed,
)
from services.booking.domain.private_link.ending import (
    EndLink,
    EraseAddressee,
    ExpireLink,
    LinkExpired,
    RevokeLink,
)
from services.booking.domain.private_link.issuing import (
    ChangeLink,
    IssueLink,
    PrivateLinkChanged,
    PrivateLinkIssued,
)
from services.booking.domain.private_link.limits import Limits
from services.booking.domain.private_link.states import (
    Absent,
    Link,
    LinkState,
    State,
    end_reason,
    link_state,
    offer_of,
    opens,
    opens_later,
)
from services.booking.domain.private_link.uses import (
    ConsumeUse,
    LinkUseConsumed,
    LinkUseReturned,
    LinkUseTaken,
    ReturnUse,
    TakeUse,
    refuse_if_closed,
)

__all__ = [
    "DECIDER",
    "Absent",
    "Addressee",
    "ChangeLink",
    "Command",
    "ConsumeUse",
    "EndLink",
    "EraseAddressee",
    "Event",
    "ExpireLink",
    "IssueLink",
    "Limits",
    "Link",
    "LinkDetails",
    "LinkExpired",
    "LinkState",
    "LinkUseConsumed",
    "LinkUseReturned",
    "LinkUseTaken",
    "PrivateLinkChanged",
    "PrivateLinkIssued",
    "ReturnUse",
    "RevokeLink",
    "State",
    "TakeUse",
    "end_reason",
    "kept_ids",
    "link_state",
    "no_longer_addressed",
    "offer_of",
    "opens",
    "opens_later",
    "refuse_if_closed",
    "refuse_if_not_addressed",
]
