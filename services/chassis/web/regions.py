"""How each region writes times and weeks: 12 or 24 hours, and the day on which a week begins.

The tables are those of the Unicode CLDR, release 48.2, `supplemental/timeData.json` (preferred hour
cycle) and `supplemental/weekData.json` (first day of the week), which the npm package `cldr-core`
carries. Babel has no such tables: it knows these two things of a language where it is spoken, not
of a region, so it cannot say them for English in Egypt. Where it knows them, a test compares. Left
out of the hour cycles are the regions whose own languages all have 24 hours in Babel's CLDR, 49.
"""

from collections.abc import Mapping
from itertools import takewhile

MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6

# fmt: off
TWELVE_HOURS = frozenset((
    "419", "AE", "AG", "AL", "AS", "AU", "BB", "BD", "BH", "BM", "BN", "BO", "BS", "BT",
    "CA", "CO", "CR", "CU", "CY", "DJ", "DM", "DO", "DZ", "EC", "EG", "EH", "ER", "ET",
    "FJ", "FM", "GD", "GH", "GM", "GR", "GT", "GU", "GY", "HK", "HN", "IN", "IQ", "JM", "JO",
    "KH", "KI", "KN", "KP", "KR", "KW", "KY", "LB", "LC", "LR", "LS", "LY", "MH", "MO", "MP",
    "MR", "MW", "MX", "MY", "NA", "NI", "NZ", "OM", "PA", "PE", "PG", "PH", "PK", "PR", "PS",
    "PW", "QA", "SA", "SB", "SD", "SG", "SL", "SO", "SS", "SV", "SY", "SZ", "TC", "TD",
    "TN", "TO", "TT", "TW", "UM", "US", "VC", "VE", "VG", "VI", "VU", "WS", "YE",
))
FRIDAY_FIRST = frozenset(("MV",))
SATURDAY_FIRST = frozenset((
    "AF", "BH", "DJ", "DZ", "EG", "IQ", "IR", "JO", "KW", "LY", "OM", "QA", "SD", "SY",
))
SUNDAY_FIRST = frozenset((
    "AG", "AS", "BD", "BR", "BS", "BT", "BW", "BZ", "CA", "CO", "DM", "DO", "ET", "GT", "GU",
    "HK", "HN", "ID", "IL", "IN", "IS", "JM", "JP", "KE", "KH", "KR", "LA", "MH", "MM", "MO",
    "MT", "MX", "MZ", "NI", "NP", "PA", "PE", "PH", "PK", "PR", "PT", "PY", "SA", "SG", "SV",
    "TH", "TT", "TW", "UM", "US", "VE", "VI", "WS", "YE", "ZA", "ZW",
))
# fmt: on
# Where a language has another clock than its region: whether it has twelve hours.
TWELVE_HOURS_BY_LANGUAGE: Mapping[tuple[str, str], bool] = {
    ("ar", "001"): True,
    ("en", "001"): True,
    ("fr", "CA"): False,
    ("ku", "SY"): False,
}


def has_twelve_hours(locale: str) -> bool:
    """Tell whether the locale's clock has am and pm; without a region it has not."""
    language, region = _parts(locale)
    return TWELVE_HOURS_BY_LANGUAGE.get((language, region), region in TWELVE_HOURS)


def week_start(locale: str) -> int:
    """Return the day on which the locale's week begins: 0 is Monday, also without a region."""
    region = region_of(locale)
    if region in SUNDAY_FIRST:
        return SUNDAY
    if region in SATURDAY_FIRST:
        return SATURDAY
    return FRIDAY if region in FRIDAY_FIRST else MONDAY


def region_of(locale: str) -> str:
    """Return the region that the locale names, or nothing."""
    return _parts(locale)[1]


def _parts(locale: str) -> tuple[str, str]:
    """Return language and region; a script between them, as in `en-Latn-US`, decides nothing."""
    language, *others = locale.replace("_", "-").split("-")
    # What follows a single letter, as in `en-u-rg-uszzzz`, belongs to that extension.
    tags = takewhile(lambda part: len(part) > 1, others)
    region = next((part for part in tags if _is_region(part)), "")
    return language.lower(), region.upper()


def _is_region(part: str) -> bool:
    return part.isascii() and (
        (len(part) == 2 and part.isalpha()) or (len(part) == 3 and part.isdigit())
    )
