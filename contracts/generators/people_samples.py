"""Instances of the events about people: attendees, their mails, the policy on users."""

from datetime import timedelta
from typing import Any

from contracts import booking, notifier, policy
from contracts.event import ContractEvent
from contracts.generators.sample_values import ATTENDEE, BOOKING, NOW, ORGANIZER, sample_id


def attendees() -> tuple[ContractEvent, ...]:
    return (
        booking.AttendeeRecorded(
            attendee_id=ATTENDEE,
            booking_id=BOOKING,
            organizer_id=ORGANIZER,
            name="Vera Visitor",
            email="vera@example.org",
            time_zone="America/St_Johns",
            locale="en",
            answers=(
                booking.Answer(question_id="topic", value="The bridge"),
                booking.Answer(question_id="first-time", value=True),
            ),
            change_reason="The train is late.",
        ),
        booking.AttendeeErased(attendee_id=ATTENDEE),
        booking.DataRequested(
            organizer_id=ORGANIZER,
            attendee_id=ATTENDEE,
            request_id=sample_id(6),
            expires_at=NOW + timedelta(hours=1),
        ),
        booking.DataErased(
            organizer_id=ORGANIZER,
            attendee_id=ATTENDEE,
            booking_id=BOOKING,
            erasure_id=sample_id(7),
            by="attendee",
            erased_at=NOW,
        ),
    )


def recipients() -> tuple[ContractEvent, ...]:
    return (
        booking.RecipientRecorded(
            attendee_id=sample_id(8),
            organizer_id=ORGANIZER,
            email="vera@example.org",
            time_zone="Europe/Copenhagen",
            locale="da",
        ),
        booking.PageEmailRequested(
            organizer_id=ORGANIZER, request_id=sample_id(8), expires_at=NOW + timedelta(days=1)
        ),
        booking.PageEmailRequestEnded(
            organizer_id=ORGANIZER, request_id=sample_id(8), reason="proven", ended_at=NOW
        ),
    )


def mails() -> tuple[ContractEvent, ...]:
    mail: dict[str, Any] = {
        "booking_id": BOOKING,
        "organizer_id": ORGANIZER,
        "recipient": "attendee",
        "kind": "confirmation",
        "ics_sequence": 0,
        "message_id": "<3f0e6c1b9a5d4c7e@bookwith>",
    }
    later = NOW + timedelta(seconds=30)
    return (
        notifier.MailSent(**mail, attempt=2, sent_at=later),
        notifier.MailDelayed(**mail, attempt=1, cause="connection", next_attempt_at=later),
        notifier.MailFailed(**mail, attempt=1, cause="recipient_refused", failed_at=NOW),
        notifier.MailDataErased(
            organizer_id=ORGANIZER, attendee_id=ATTENDEE, booking_id=BOOKING, erased_at=later
        ),
    )


def policies() -> tuple[ContractEvent, ...]:
    decided: dict[str, Any] = {
        "user_id": ORGANIZER,
        "rule": "ews_enabled",
        "policy_version": 4,
    }
    return (
        policy.OrganizationPolicyChanged(
            before=policy.OrganizationSettings(ews_enabled=None, mode="both_must_allow"),
            after=policy.OrganizationSettings(ews_enabled=False, mode="both_must_allow"),
            by=str(sample_id(5)),
            reason="The pilot begins with one department.",
            policy_version=3,
            closes_all=True,
        ),
        policy.UserPolicyChanged(
            user_id=ORGANIZER,
            before=policy.UserSettings(ews_enabled=None),
            after=policy.UserSettings(
                ews_enabled=True,
                ews_application_access_policy="EnforceBlockList",
                ews_block_list=("Other*",),
                licence=policy.Licence(plan="Office 365 E3", assigned=True, enabled=True),
                sharing_policy="Sales",
            ),
            by=str(sample_id(5)),
            reason="Anna takes part in the pilot.",
        ),
        policy.AccessGranted(**decided, decided_by="default"),
        policy.AccessWithdrawn(**decided, decided_by="organization", value=False),
    )


def policies_for_everybody() -> tuple[ContractEvent, ...]:
    return (
        policy.SharingPolicyChanged(
            before=None,
            after=policy.SharingPolicy(
                name="Sales",
                domains=("Anonymous:CalendarSharingFreeBusyReviewer",),
                enabled=True,
            ),
            by=str(sample_id(5)),
            reason="Sales may be seen by anybody.",
            policy_version=4,
        ),
        policy.PolicyApplied(policy_version=4),
    )
