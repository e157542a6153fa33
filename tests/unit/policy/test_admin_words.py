"""The words of the administrators' pages: whatever is shown has a phrase in each language."""

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from services.policy.asked import What
from services.policy.audit_records import Outcome
from services.policy.domain.access import Level, Rule
from services.policy.domain.settings import (
    ApplicationPolicy,
    Mode,
    OrganizationSettings,
    SharingMode,
    SharingPolicy,
    UserSettings,
)
from services.policy.domain.warnings import Code
from services.policy.origin import Way
from services.policy.web import routers
from services.policy.web.audit_list import KINDS
from services.policy.web.desk import TABS
from services.policy.web.rendering import languages

LANGUAGES = sorted(languages())
FOLDER = Path(str(routers.__file__)).parent
SETTINGS = [
    each.name
    for kind in (OrganizationSettings, UserSettings, SharingPolicy)
    for each in fields(kind)
]


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_setting_value_rule_warning_and_way_has_a_phrase(code: str) -> None:
    needed = {
        *(f"admin.setting.{each}" for each in SETTINGS),
        *(f"admin.value.{each}" for each in get_args(Mode)),
        *(f"admin.value.{each}" for each in get_args(ApplicationPolicy)),
        *(f"admin.value.{each}" for each in get_args(SharingMode)),
        *(f"admin.sharing.{each}" for each in get_args(SharingMode)),
        *(f"admin.warning.{each}" for each in get_args(Code)),
        *(f"admin.subject.{each}" for each in get_args(What)),
        *(f"admin.filter.what.{each}" for each in KINDS),
        *(f"admin.filter.outcome.{each}" for each in get_args(Outcome)),
        *(f"admin.way.{each}" for each in get_args(Way)),
        *(f"admin.tab.{name}" for name, _ in TABS),
        *(f"explain.rule.{each}" for each in get_args(Rule)),
        *(f"explain.level.{each}" for each in get_args(Level)),
    }

    assert set() == needed - set(languages()[code].phrases)


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_phrase_that_pages_name_exists(code: str) -> None:
    said = set[str]()
    for path in (*FOLDER.glob("*.py"), *FOLDER.glob("templates/*.html")):
        text = path.read_text(encoding="utf-8")
        said |= set(re.findall(r"""["']((?:admin|problem)\.[\w.-]+\w)["'](?! ~)""", text))

    assert set() == said - set(languages()[code].phrases)
