"""A user's verdict in words: a sentence for each rule, what decides, and what else helps."""

from collections.abc import Iterator
from pathlib import Path

from services.chassis.web.catalogues import Language, catalogue
from services.policy import answers
from services.policy.domain.access import Access, RuleVerdict
from services.policy.domain.settings import Policy

WORDS = Path(__file__).parent / "words"


def explanation_of(access: Access, policy: Policy) -> answers.Explanation:
    """Return the verdict in words, in each language."""
    languages = catalogue(WORDS)
    da, en = (list(_sentences(languages[code], access, policy)) for code in ("da", "en"))
    return answers.Explanation(da=da, en=en)


def _sentences(words: Language, access: Access, policy: Policy) -> Iterator[str]:
    for rule in access.rules:
        if rule.rule == "account" and rule.verdict:
            continue  # of nearly everybody: only an account that is off is worth a sentence
        yield _sentence(words, rule, policy.settings.application_id)
    denying = ", ".join(words.say(f"explain.rule.{rule.rule}") for rule in access.denying)
    match len(access.denying):
        case 0:
            yield words.say("explain.on")
        case 1:
            yield words.say("explain.off", rule=denying)
        case _:
            yield words.say("explain.off_by_several", rules=denying)
    if policy.settings.ews_enabled is None:
        yield words.say("explain.hint.ews_enabled")
    if policy.settings.bookings_enabled is False:
        yield words.say("explain.hint.bookings")


def _sentence(words: Language, rule: RuleVerdict, application: str) -> str:
    level = words.say(f"explain.level.{rule.decided_by}")
    facts = {"level": level, "value": rule.value, "matched": rule.matched}
    match rule.rule:
        case "ews_enabled" | "licence":
            verdict = "on" if rule.verdict else "off"
            return words.say(f"explain.{rule.rule}.{rule.decided_by}.{verdict}", **facts)
        case "ews_application_access_policy" if rule.value is None:
            return words.say("explain.applications.empty")
        case "ews_application_access_policy":
            found = "missing" if rule.matched is None else "listed"
            key = f"explain.applications.{rule.value}.{found}"
            return words.say(key, application=application, **facts)
        case "account":
            return words.say("explain.account.off")
        case _ if rule.value == "not_required":
            return words.say("explain.sharing.not_required")
        case _:
            return words.say(f"explain.sharing.{'on' if rule.verdict else 'off'}", **facts)
