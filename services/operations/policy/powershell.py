"""What a PowerShell line asks for: to read a resource, or to change its settings."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.operations.policy.powershell_grammar import Argument, Line, Parameter, parse
from services.operations.policy.powershell_tokens import NotUnderstood
from services.operations.policy.printing import NoSuchProperty, chosen
from services.operations.policy.settings import (
    RESOURCES,
    ListEdit,
    Property,
    Resource,
    Setting,
    Value,
    WrongValue,
    sent,
    value_of,
)

COMMANDS = tuple(f"{verb}-{each.noun}" for each in RESOURCES for verb in ("Get", "Set"))


@dataclass(frozen=True, slots=True)
class Read:
    """Show these properties of a resource."""

    resource: Resource
    name: str | None
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class Write:
    """Change these settings, by the API's names; `-WhatIf` tries, `-Confirm:$false` consents."""

    resource: Resource
    name: str | None
    body: dict[str, object]
    dry_run: bool = False
    yes: bool = False


def understand(text: str) -> Read | Write:
    """Return what the line asks for; raise NotUnderstood, and nothing else."""
    line = parse(text)
    verb, _, noun = line.command.text.partition("-")
    found = [each for each in RESOURCES if each.noun.lower() == noun.lower()]
    if not found or verb.lower() not in ("get", "set"):
        known = ", ".join(COMMANDS)
        message = f"{line.command.text} is not understood. There are: {known}."
        raise NotUnderstood(line.command.column, message)
    [resource] = found
    return _read(line, resource) if verb.lower() == "get" else _write(line, resource)


def _read(line: Line, resource: Resource) -> Read:
    name, others = _name(line, resource)
    for each in others:
        raise _unknown(line, each, _identity(resource))
    try:
        return Read(resource, name, chosen(resource, line.properties))
    except NoSuchProperty as fault:
        raise NotUnderstood(line.properties_column, str(fault)) from fault


def _write(line: Line, resource: Resource) -> Write:
    if line.formatted:
        message = f"{line.command.text} prints nothing that Format-List could show."
        raise NotUnderstood(line.properties_column, message)
    name, others = _name(line, resource)
    body: dict[str, object] = {}
    flags = {"whatif": False, "confirm": True}
    seen: set[str] = set()
    for each in others:
        if each.name.lower() in seen:
            raise NotUnderstood(each.column, f"-{each.name} is there twice.")
        seen.add(each.name.lower())
        if each.name.lower() in flags:
            flags[each.name.lower()] = _flag(each)
            continue
        setting = resource.setting(each.name)
        if setting is None:
            known = (f"-{taken.name}" for taken in resource.settings)
            takes = [*_identity(resource), *known, "-WhatIf", "-Confirm"]
            raise _unknown(line, each, takes)
        body[setting.field] = sent(_value(each, setting))
    if not body:
        column = line.command.column + len(line.command.text)
        names = ", ".join(f"-{each.name}" for each in resource.settings)
        raise NotUnderstood(column, f"{line.command.text} needs a setting to change: {names}.")
    return Write(resource, name, body, dry_run=flags["whatif"], yes=not flags["confirm"])


def _name(line: Line, resource: Resource) -> tuple[str | None, list[Parameter]]:
    """Return whom or what the line is about, and the other parameters."""
    given = [each for each in line.parameters if each.name.lower() == "identity"]
    others = [each for each in line.parameters if each.name.lower() != "identity"]
    places = [(each.column, each.argument) for each in given]
    places += [(each.column, each) for each in line.positional]
    if places and not resource.named:
        raise NotUnderstood(places[0][0], f"{resource.noun} is one, it takes no name.")
    if len(places) > 1:
        raise NotUnderstood(sorted(places, key=lambda each: each[0])[1][0], "One name is enough.")
    if not places:
        if resource.named and resource.default_name is None:
            column = line.command.column + len(line.command.text)
            raise NotUnderstood(column, f"{line.command.text} needs -Identity: whose?")
        return resource.default_name, others
    column, argument = places[0]
    if argument is None or not isinstance(argument.value, str) or not argument.value.strip():
        raise NotUnderstood(column, "-Identity takes one name.")
    return argument.value, others


def _identity(resource: Resource) -> list[str]:
    return ["-Identity"] if resource.named else []


def _unknown(line: Line, parameter: Parameter, known: Sequence[str]) -> NotUnderstood:
    takes = f"It takes: {', '.join(known)}." if known else "It takes none."
    message = f"-{parameter.name} is no parameter of {line.command.text}. {takes}"
    return NotUnderstood(parameter.column, message)


def _flag(parameter: Parameter) -> bool:
    if parameter.argument is None:
        return True
    if not isinstance(parameter.argument.value, bool):
        column = parameter.argument.column
        raise NotUnderstood(column, f"-{parameter.name} takes $true or $false.")
    return parameter.argument.value


def _value(parameter: Parameter, setting: Setting) -> Value:
    if parameter.argument is None:
        message = f"-{parameter.name} needs a value: {setting.words()}."
        raise NotUnderstood(parameter.column, message)
    try:
        return value_of(setting, _given(parameter.argument, setting))
    except WrongValue as fault:
        raise NotUnderstood(parameter.argument.column, str(fault)) from fault


def _given(argument: Argument, setting: Setting) -> Value:
    match argument.value:
        case dict() as table:
            texts = {key: _texts(values, setting) for key, values in table.items()}
            return ListEdit(texts.get("Add", ()), texts.get("Remove", ()))
        case tuple() as values:
            return _texts(values, setting)
        case "":
            return None
        case value:
            return value


def _texts(values: Sequence[object], setting: Setting) -> tuple[str, ...]:
    if not all(isinstance(each, str) and each for each in values):
        raise WrongValue(f"{setting.name} takes texts in its list.")
    return tuple(str(each) for each in values)
