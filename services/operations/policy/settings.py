"""The settings of policy: their names, which are Exchange's where it has them, and their values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["switch", "choice", "text", "list"]
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ListEdit:
    """Entries that are added to a list and removed from it; the others stay."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


Value = bool | str | tuple[str, ...] | ListEdit | None


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: `field` is its name in the API."""

    name: str
    field: str
    kind: Kind
    choices: tuple[str, ...] = ()
    can_be_empty: bool = False

    @property
    def option(self) -> str:
        """Return the option that sets it: `--ews-allow-list` for EwsAllowList."""
        words = "".join(
            f"-{letter.lower()}" if letter.isupper() else letter for letter in self.name
        )
        return f"-{words}"

    def words(self) -> str:
        """Return what it takes, for whoever has typed something else."""
        match self.kind:
            case "switch":
                taken = "true or false"
            case "choice":
                taken = " or ".join(self.choices)
            case "list":
                return "a list of texts"
            case "text":
                taken = "a text"
        return f"{taken}, or null to empty it" if self.can_be_empty else taken


class WrongValue(Exception):
    """A setting does not take that value; the message says what it takes."""


def value_of(setting: Setting, given: Value) -> Value:
    """Return the value as the API takes it; raise WrongValue."""
    match setting.kind, given:
        case "list", ListEdit() | tuple():
            return given
        case "list", str():
            return (given,)
        case "list", None:
            return ()
        case _, None if setting.can_be_empty:
            return None
        case "switch", bool():
            return given
        case "choice", str():
            for choice in setting.choices:
                if choice.casefold() == given.casefold():
                    return choice
        case "text", str() if given.strip():
            return given
    raise WrongValue(f"{setting.name} takes {setting.words()}, not {_written(given)}.")


def _written(given: Value) -> str:
    match given:
        case None:
            return "null"
        case bool():
            return str(given).lower()
        case str():
            return given or "nothing"
        case _:
            return "a list"


def value_of_text(setting: Setting, text: str) -> Value:
    """Return what the typed text says; nothing and `null` empty a setting. Raise WrongValue."""
    plain = text.strip()
    if plain == "" or plain.casefold() in ("null", "$null"):
        return value_of(setting, None)
    if setting.kind == "switch":
        known = {"true": True, "false": False}
        return value_of(setting, known.get(plain.casefold().removeprefix("$"), plain))
    return value_of(setting, plain)


def sent(value: Value) -> object:
    """Return the value as JSON has it."""
    match value:
        case ListEdit(add, remove):
            return {"add": list(add), "remove": list(remove)}
        case tuple():
            return list(value)
        case _:
            return value


_ACCESS = (
    Setting("EwsEnabled", "EwsEnabled", "switch", can_be_empty=True),
    Setting(
        "EwsApplicationAccessPolicy",
        "EwsApplicationAccessPolicy",
        "choice",
        ("EnforceAllowList", "EnforceBlockList"),
        can_be_empty=True,
    ),
    Setting("EwsAllowList", "EwsAllowList", "list"),
    Setting("EwsBlockList", "EwsBlockList", "list"),
)


@dataclass(frozen=True, slots=True)
class Property:
    """Something that a resource shows: `path` leads to it in the API's document."""

    name: str
    path: tuple[str, ...]

    def of(self, document: Document) -> Any:
        """Return it; None where something on the way is empty."""
        found: Any = document
        for step in self.path:
            found = found.get(step) if found else None
        return found


@dataclass(frozen=True, slots=True)
class Resource:
    """What a pair of commands reads and sets; `noun` is Exchange's word for it."""

    noun: str
    settings: tuple[Setting, ...]
    properties: tuple[Property, ...]
    named: bool = True
    default_name: str | None = None

    def setting(self, name: str) -> Setting | None:
        """Return the setting of that name; case does not count."""
        found = (each for each in self.settings if each.name.casefold() == name.casefold())
        return next(found, None)


def _properties(settings: Sequence[Setting]) -> tuple[Property, ...]:
    return tuple(Property(each.name, (each.field,)) for each in settings)


_ORGANIZATION = (
    *_ACCESS,
    Setting("Mode", "mode", "choice", ("both_must_allow", "user_overrides_org")),
    Setting("ApplicationId", "application_id", "text"),
    Setting("LicenceDefault", "licence_default", "switch"),
    Setting("SharingMode", "sharing_mode", "choice", ("any_anonymous", "strict", "not_required")),
    Setting("BookingsEnabled", "BookingsEnabled", "switch", can_be_empty=True),
)
_MAILBOX = (*_ACCESS, Setting("SharingPolicy", "sharing_policy", "text", can_be_empty=True))
_SHARING = (Setting("Domains", "Domains", "list"), Setting("Enabled", "Enabled", "switch"))

ORGANIZATION = Resource(
    "OrganizationConfig",
    _ORGANIZATION,
    (*_properties(_ORGANIZATION), Property("PolicyVersion", ("policy_version",))),
    named=False,
)
MAILBOX = Resource(
    "CASMailbox",
    _MAILBOX,
    (
        Property("Identity", ("identity",)),
        Property("Id", ("id",)),
        *_properties(_MAILBOX),
        Property("LicencePlan", ("licence", "plan")),
        Property("LicenceAssigned", ("licence", "assigned")),
        Property("LicenceEnabled", ("licence", "enabled")),
        Property("Active", ("active",)),
        Property("PageEnabled", ("effective", "enabled")),
    ),
)
SHARING = Resource(
    "SharingPolicy",
    _SHARING,
    (Property("Name", ("name",)), *_properties(_SHARING)),
    default_name="Default Sharing Policy",
)
RESOURCES = (ORGANIZATION, MAILBOX, SHARING)
