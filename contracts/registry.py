"""The registry: every event that is published, found by its type or by its topic."""

from collections.abc import Mapping
from types import MappingProxyType

from contracts import availability, booking, notifier, policy
from contracts.event import ContractEvent
from contracts.topics import TOPICS

EVENTS: tuple[type[ContractEvent], ...] = (
    booking.PageCreated,
    booking.PageChanged,
    booking.PagePublished,
    booking.PageUnpublished,
    booking.PageAddressRenewed,
    booking.PageAllowed,
    booking.PageDenied,
    booking.PageOnlineMeetingChanged,
    booking.PageRegularHoursChanged,
    booking.MeetingTypeCreated,
    booking.MeetingTypeChanged,
    booking.MeetingTypeDeleted,
    booking.PrivateLinkIssued,
    booking.PrivateLinkChanged,
    booking.LinkUseTaken,
    booking.LinkUseReturned,
    booking.LinkUseConsumed,
    booking.LinkExpired,
    booking.OfferMade,
    booking.OfferWithdrawn,
    booking.SlotReserved,
    booking.HoldExtended,
    booking.SlotReleased,
    booking.VerificationRequested,
    booking.AddressVerified,
    booking.BookingLapsed,
    booking.BookingRequested,
    booking.RequestRescheduled,
    booking.BookingDeclined,
    booking.BookingConfirmed,
    booking.RescheduleApprovalRequested,
    booking.RescheduleDeclined,
    booking.BookingRescheduled,
    booking.RescheduleRequested,
    booking.BookingDetailsChanged,
    booking.BookingCancelled,
    booking.AttendeeRecorded,
    booking.AttendeeErased,
    booking.DataRequested,
    booking.DataErased,
    booking.RecipientRecorded,
    booking.PageEmailRequested,
    booking.PageEmailRequestEnded,
    availability.SlotAccepted,
    availability.SlotRejected,
    availability.FreeBusyChanged,
    availability.CalendarConnected,
    availability.CalendarDisconnected,
    availability.CalendarWritingChanged,
    availability.CalendarConnectionBroken,
    availability.CalendarConnectionRestored,
    notifier.MailSent,
    notifier.MailDelayed,
    notifier.MailFailed,
    notifier.MailDataErased,
    policy.OrganizationPolicyChanged,
    policy.SharingPolicyChanged,
    policy.PolicyApplied,
    policy.UserPolicyChanged,
    policy.AccessGranted,
    policy.AccessWithdrawn,
)

EVENTS_BY_TYPE: Mapping[str, type[ContractEvent]] = MappingProxyType(
    {event.TYPE: event for event in EVENTS}
)

EVENTS_BY_TOPIC: Mapping[str, tuple[type[ContractEvent], ...]] = MappingProxyType(
    {topic.name: tuple(event for event in EVENTS if topic.name == event.TOPIC) for topic in TOPICS}
)
