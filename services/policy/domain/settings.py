"""What administrators set: for everybody, for one user, and in the sharing policies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Mode = Literal["both_must_allow", "user_overrides_org"]
ApplicationPolicy = Literal["EnforceAllowList", "EnforceBlockList"]
SharingMode = Literal["any_anonymous", "strict", "not_required"]

APPLICATION_ID = "MicrosoftOWSPersonalBookings"
DEFAULT_SHARING_POLICY = "Default Sharing Policy"
REVIEWER = "CalendarSharingFreeBusyReviewer"
SHARING_ACTIONS = (
    "CalendarSharingFreeBusySimple",
    "CalendarSharingFreeBusyDetail",
    REVIEWER,
    "ContactsSharing",
)


@dataclass(frozen=True, slots=True)
class OrganizationSettings:
    """What holds for everybody; `None` is empty. Stored events of before lack the later fields."""

    ews_enabled: bool | None = None
    mode: Mode = "both_must_allow"
    ews_application_access_policy: ApplicationPolicy | None = None
    ews_allow_list: tuple[str, ...] = ()
    ews_block_list: tuple[str, ...] = ()
    application_id: str = APPLICATION_ID
    licence_default: bool = True
    sharing_mode: SharingMode = "any_anonymous"
    # Of the shared calendars of Bookings, which are another product: no rule reads it.
    bookings_enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class Licence:
    """The service plan of one user."""

    plan: str
    assigned: bool
    enabled: bool


@dataclass(frozen=True, slots=True)
class UserSettings:
    """What holds for one user; `None` is empty, and without a licence there is no record of one."""

    ews_enabled: bool | None = None
    ews_application_access_policy: ApplicationPolicy | None = None
    ews_allow_list: tuple[str, ...] = ()
    ews_block_list: tuple[str, ...] = ()
    licence: Licence | None = None
    sharing_policy: str | None = None
    # Whether the organization's directory has the person as active.
    active: bool = True


@dataclass(frozen=True, slots=True)
class SharingPolicy:
    """What may be shared with which domains: each entry is `domain:action[, action]`."""

    name: str
    domains: tuple[str, ...] = ()
    enabled: bool = True

    def anonymous_actions(self) -> tuple[str, ...]:
        """Return what may be shared with anybody."""
        return tuple(
            action
            for entry in self.domains
            for domain, actions in (parts_of(entry),)
            if domain.casefold() == "anonymous"
            for action in actions
        )


# As Exchange has it for an organization in which nobody has changed it.
INITIAL_SHARING = SharingPolicy(
    DEFAULT_SHARING_POLICY,
    ("Anonymous:CalendarSharingFreeBusyReviewer", "*:CalendarSharingFreeBusySimple"),
)


def _initial() -> Mapping[str, SharingPolicy]:
    return {key_of(DEFAULT_SHARING_POLICY): INITIAL_SHARING}


@dataclass(frozen=True, slots=True)
class Policy:
    """All that holds for everybody: the organization's settings and the sharing policies."""

    settings: OrganizationSettings = OrganizationSettings()
    sharing: Mapping[str, SharingPolicy] = field(default_factory=_initial)

    def sharing_policy(self, name: str | None) -> SharingPolicy | None:
        """Return the sharing policy of that name, the default one without a name."""
        return self.sharing.get(key_of(name or DEFAULT_SHARING_POLICY))


def key_of(name: str) -> str:
    """Return what a sharing policy is found by: case does not count in its name."""
    return name.casefold()


def parts_of(entry: str) -> tuple[str, tuple[str, ...]]:
    """Return the domain of a sharing policy's entry and what is shared with it."""
    domain, _, actions = entry.partition(":")
    return domain.strip(), tuple(each.strip() for each in actions.split(",") if each.strip())


def domain_fault(entry: str) -> str | None:
    """Return what is wrong with an entry of a sharing policy, or None."""
    domain, actions = parts_of(entry)
    allowed = {action.casefold() for action in SHARING_ACTIONS}
    if not domain or not actions or not entry.isprintable() or len(entry) > 512:
        return "must be a domain and what is shared with it, as `Anonymous:" + REVIEWER + "`"
    unknown = [action for action in actions if action.casefold() not in allowed]
    if unknown:
        return f"{unknown[0]!r} is none of: {', '.join(SHARING_ACTIONS)}"
    return None
