"""Settings in words: their values, and what is another one after a change."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from services.policy.domain.settings import (
    Licence,
    OrganizationSettings,
    SharingPolicy,
    UserSettings,
)
from services.policy.web.desk import Desk

AnySettings = OrganizationSettings | UserSettings | SharingPolicy
# So many entries of a list are named; who wants to see all opens the settings.
NAMED = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting that a change alters; `label` is the key of its phrase.

    Of a list it is told which entries come and go, `more` how many of them are not named.
    """

    label: str
    before: str = ""
    after: str = ""
    added: Sequence[str] = ()
    removed: Sequence[str] = ()
    more: int = 0


def differences(
    desk: Desk, before: AnySettings | None, after: AnySettings | None
) -> list[Difference]:
    """Return what the change alters, in the order of the settings."""
    if after is None:
        return []
    names = [each.name for each in fields(after) if each.name != "name"]
    return [
        _difference(desk, name, getattr(before, name, None), getattr(after, name))
        for name in names
        if before is None or getattr(before, name) != getattr(after, name)
    ]


def in_words(desk: Desk, value: object) -> str:
    """Return a setting's value in words."""
    match value:
        case None | "":
            return desk.say("admin.value.empty")
        case bool():
            return desk.say("admin.value.on" if value else "admin.value.off")
        case Licence(plan, assigned, enabled):
            state = "on" if assigned and enabled else "disabled" if assigned else "unassigned"
            return desk.say(f"admin.value.licence.{state}", plan=plan)
        case _:
            key = f"admin.value.{value}"
            return desk.say(key) if key in desk.visit.reader.language.phrases else str(value)


def _difference(desk: Desk, name: str, before: object, after: object) -> Difference:
    label = f"admin.setting.{name}"
    if not isinstance(after, tuple):
        return Difference(label, in_words(desk, before), in_words(desk, after))
    old = before if isinstance(before, tuple) else ()
    had, has = ({entry.casefold() for entry in entries} for entries in (old, after))
    added = [entry for entry in after if entry.casefold() not in had]
    removed = [entry for entry in old if entry.casefold() not in has]
    return Difference(
        label,
        added=added[:NAMED],
        removed=removed[:NAMED],
        more=max(0, len(added) - NAMED) + max(0, len(removed) - NAMED),
    )
