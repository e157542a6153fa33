"""PowerShell's lines: what is understood, and what is not and where; nothing else is raised."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.operations.policy.powershell import Read, Write, understand
from services.operations.policy.powershell_tokens import DOUBLE, SINGLE, NotUnderstood
from services.operations.policy.settings import MAILBOX, ORGANIZATION, SHARING
from tests.powershell_lines import set_line

ENTRIES = st.lists(
    st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" "), min_size=1)
    .map(str.strip)
    .filter(bool),
    max_size=4,
    unique=True,
)
PIECES = st.sampled_from(
    [
        *("Set-CASMailbox", "Get-OrganizationConfig", "-Identity", "-EwsEnabled:", "-EwsAllowList"),
        *("$true", "$null", "@{", "@(", "Add", "=", "Remove", ";", ",", "}", ")", "'a'", '"b"'),
        *("|", "fl", "*", "x", "-WhatIf", *SINGLE, *DOUBLE, "`", "$(", "--", " ", "\n", "#", "&"),
    ]
)


def body_of(line: str) -> dict[str, object]:
    asked = understand(line)
    assert isinstance(asked, Write)
    return asked.body


@pytest.mark.parametrize(
    "line",
    [
        "set-organizationconfig -ewsblocklist @{add='A','B';remove='C'}",
        "Set-OrganizationConfig -EWSBlockList @{ Add = @('A', 'B') ; Remove = 'C' }",
        'Set-OrganizationConfig -EwsBlockList:@{Remove="C"; Add="A","B"}',
        "Set-OrganizationConfig \u2013EwsBlockList @{Add=\u201cA\u201d,\u2018B\u2019;Remove=\u201eC\u201d}",  # noqa: E501
        "  Set-OrganizationConfig   -EwsBlockList @{Add='A','B';Remove=@('C');}  ",
    ],
)
def test_one_change_of_a_list_can_be_written_in_many_ways(line: str) -> None:
    assert {"EwsBlockList": {"add": ["A", "B"], "remove": ["C"]}} == body_of(line)


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("-EwsEnabled $true", {"EwsEnabled": True}),
        ("-EwsEnabled:$FALSE", {"EwsEnabled": False}),
        ("-EwsEnabled: $null", {"EwsEnabled": None}),
        ("-EwsApplicationAccessPolicy enforceblocklist",
         {"EwsApplicationAccessPolicy": "EnforceBlockList"}),
        ("-EwsApplicationAccessPolicy ''", {"EwsApplicationAccessPolicy": None}),
        ("-EwsAllowList A*,'it''s'", {"EwsAllowList": ["A*", "it's"]}),
        ("-EwsAllowList $null", {"EwsAllowList": []}),
        ("-EwsAllowList @()", {"EwsAllowList": []}),
        ("-EwsAllowList One -EwsEnabled $true", {"EwsAllowList": ["One"], "EwsEnabled": True}),
    ],
)  # fmt: skip
def test_values_are_those_of_powershell(value: str, sent: dict[str, object]) -> None:
    assert sent == body_of(f"Set-OrganizationConfig {value}")


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Get-OrganizationConfig", [each.name for each in ORGANIZATION.properties]),
        ("Get-OrganizationConfig | fl", [each.name for each in ORGANIZATION.properties]),
        ("Get-OrganizationConfig|FL ews*list,MODE", ["EwsAllowList", "EwsBlockList", "Mode"]),
        ("Get-OrganizationConfig | Format-List -Property 'EwsEnabled'", ["EwsEnabled"]),
        ("Get-CASMailbox adam@contoso.com | fl EwsEnabled", ["EwsEnabled"]),
    ],
)
def test_format_list_chooses_the_properties(line: str, names: list[str]) -> None:
    asked = understand(line)

    assert isinstance(asked, Read)
    assert names == [each.name for each in asked.properties]


@pytest.mark.parametrize(
    ("line", "column", "said"),
    [
        ("", 1, "begins with a command"),
        ("Remove-Mailbox adam", 1, "Remove-Mailbox is not understood. There are: Get-Org"),
        ("Set-CASMailbox -Identity a -EwsBlocklst 'x'", 28, "-EwsBlocklst is no parameter"),
        ("Set-OrganizationConfig -EwsEnabled banana", 36, "true or false, or null"),
        ("Set-OrganizationConfig -EwsEnabled", 24, "-EwsEnabled needs a value"),
        ("Set-OrganizationConfig -EwsEnabled $yes", 36, "$yes is no value here"),
        ("Set-OrganizationConfig -Mode $null", 30, "both_must_allow or user_overrides_org"),
        ("Set-OrganizationConfig -EwsAllowList @{Add=x}", 44, "in quotes here: 'x'"),
        ("Set-OrganizationConfig -EwsAllowList @{Set='x'}", 40, "takes Add and Remove"),
        ("Set-OrganizationConfig -EwsAllowList @{}", 40, "is empty"),
        ("Set-OrganizationConfig -EwsAllowList @{Add='x'", 47, "`}` to the `@{` is missing"),
        ("Set-OrganizationConfig -EwsAllowList 'x", 38, "has no end"),
        ('Set-OrganizationConfig -EwsAllowList "a$b"', 38, "use '...'"),
        ("Set-OrganizationConfig -EwsEnabled $true -ewsenabled $false", 42, "is there twice"),
        ("Set-OrganizationConfig -EwsEnabled $true | fl", 44, "prints nothing"),
        ("Set-OrganizationConfig", 23, "needs a setting to change"),
        ("Set-OrganizationConfig x -EwsEnabled $true", 24, "takes no name"),
        ("Get-OrganizationConfig | ft", 26, "ft is not understood"),
        ("Get-OrganizationConfig | fl Nothing", 26, "Nothing is no property"),
        ("Get-OrganizationConfig | fl EwsEnabled | fl", 40, "not understood behind"),
        ("Get-OrganizationConfig; Get-OrganizationConfig", 23, "one line at a time"),
        ("Get-OrganizationConfig -Verbose", 24, "It takes none"),
        ("Get-CASMailbox", 15, "needs -Identity"),
        ("Get-CASMailbox a b", 18, "One name"),
        ("Get-CASMailbox $null", 16, "takes one name"),
    ],
)
def test_what_is_not_understood_is_named_at_its_column(line: str, column: int, said: str) -> None:
    with pytest.raises(NotUnderstood) as raised:
        understand(line)

    assert (column, True) == (
        raised.value.column,
        said.casefold() in raised.value.message.casefold(),
    )


@given(st.one_of(st.text(), st.lists(PIECES).map("".join), st.lists(PIECES).map(" ".join)))
@example("Set-OrganizationConfig -EwsAllowList @{Add=''}")
@example("Get-CASMailbox -Identity")
@example("Get-CASMailbox -Identity 'a' | fl $true")
def test_any_text_is_understood_or_named_as_not_understood(line: str) -> None:
    faults = []
    try:
        understand(line)
    except NotUnderstood as fault:
        faults.append(fault)

    assert all(fault.message and 1 <= fault.column <= len(line) + 1 for fault in faults)


@given(
    st.fixed_dictionaries(
        {
            "EwsEnabled": st.sampled_from([True, False, None]),
            "EwsApplicationAccessPolicy": st.sampled_from(
                ["EnforceAllowList", "EnforceBlockList", None]
            ),
            "EwsAllowList": ENTRIES,
            "EwsBlockList": ENTRIES,
            "sharing_policy": st.none() | ENTRIES.filter(bool).map(lambda found: found[0]),
        }
    )
)
@example(
    {
        "EwsEnabled": None,
        "EwsApplicationAccessPolicy": None,
        "EwsAllowList": ["a, b", "{c}", "it's", "\u201cd\u201d", "True", "-e", "$f", "g`h", "#"],
        "EwsBlockList": [],
        "sharing_policy": "True",
    }
)
def test_what_a_get_prints_says_what_an_equal_set_sends(settings: dict[str, object]) -> None:
    assert settings == body_of(set_line(MAILBOX, settings, "-Identity x"))


@given(ENTRIES, st.booleans())
def test_what_a_sharing_policy_prints_says_what_an_equal_set_sends(
    domains: list[str], enabled: bool
) -> None:
    settings = {"Domains": domains, "Enabled": enabled}

    assert settings == body_of(set_line(SHARING, settings, "'Default Sharing Policy'"))
