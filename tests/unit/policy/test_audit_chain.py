"""The audit's chain: whatever is done to its records, the check names the place."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.policy.domain.audit_chain import (
    AuditFault,
    Checked,
    Head,
    Link,
    check,
    check_end,
    digest_of,
)

Chain = Sequence[Link]


def chain(texts: Sequence[str]) -> list[Link]:
    """Return a chain of records that say these texts."""
    links: list[Link] = []
    before = Head()
    for number, text in enumerate(texts, start=1):
        record = json.dumps(
            {"number": number, "time": f"2026-12-01T00:00:{number:02}Z", "why": text}
        )
        links.append(Link(number, record, digest_of(before.digest, record)))
        before = Head(number, links[-1].digest)
    return links


def head_of(links: Chain) -> Head:
    return Head(links[-1].number, links[-1].digest)


def faults(links: Chain, written_down: Head | None = None) -> Sequence[AuditFault]:
    return check_end(check(links, Head(), written_down), written_down).faults


chains = st.lists(st.text(max_size=20), min_size=1, max_size=12).map(chain)


@given(chains, st.integers(0, 12))
def test_a_chain_as_it_was_written_is_whole_also_in_pages(links: Chain, cut: int) -> None:
    whole = check(links, Head())
    first = check(links[:cut], Head())
    second = check(links[cut:], first.head)

    assert Checked(head_of(links), len(links)) == whole
    assert () == faults(links, head_of(links))
    assert (whole.head, ()) == (second.head if links[cut:] else first.head, second.faults)


@given(chains, st.data())
def test_a_changed_text_is_named(links: Chain, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(links) - 1))
    old = links[place].record
    at = data.draw(st.integers(0, len(old) - 1))
    letter = data.draw(st.characters(exclude_categories=["Cs"]))
    new = old[:at] + letter + old[at + data.draw(st.integers(0, 2)) :]
    assume(new != old)
    changed = [*links]
    changed[place] = replace(links[place], record=new)

    assert place + 1 in {each.number for each in faults(changed)}


@given(chains, st.data())
def test_a_changed_digest_is_named(links: Chain, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(links) - 1))
    digest = data.draw(st.binary(min_size=32, max_size=32))
    assume(digest != links[place].digest)
    changed = [*links]
    changed[place] = replace(links[place], digest=digest)

    assert place + 1 in {each.number for each in faults(changed)}


@given(chains, st.data())
def test_a_changed_text_with_a_digest_that_fits_it_is_named_at_the_record_behind(
    links: Chain, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(links) - 1))
    before = links[place - 1].digest if place else Head().digest
    record = links[place].record.replace('"why": "', '"why": "not ')
    changed = [*links]
    changed[place] = Link(place + 1, record, digest_of(before, record))
    named = place + 2 if place + 1 < len(links) else place + 1

    assert [named] == [each.number for each in faults(changed, head_of(links))]


@given(chains, st.data())
def test_a_removed_record_is_named(links: Chain, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(links) - 1))
    left = [*links[:place], *links[place + 1 :]]
    [fault] = faults(left, head_of(links))

    assert (place + 1, True) == (fault.number, "missing" in fault.detail)


@given(chains, st.data())
def test_a_removed_record_whose_place_others_have_taken_is_named(
    links: Chain, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(links) - 1))
    moved = [replace(link, number=link.number - 1) for link in links[place + 1 :]]
    found = faults([*links[:place], *moved], head_of(links))

    assert place + 1 == min(each.number or 0 for each in found)


@given(chains, st.text(max_size=20), st.data())
def test_an_inserted_record_is_named(links: Chain, text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(links)))
    before = links[place - 1].digest if place else Head().digest
    record = json.dumps({"number": place + 1, "time": "2026-12-01T00:00:00Z", "why": text})
    new = Link(place + 1, record, digest_of(before, record))
    moved = [replace(link, number=link.number + 1) for link in links[place:]]
    found = faults([*links[:place], new, *moved], head_of(links))

    # One at the end is a record like any other, for whom a written head is no end.
    wanted = [] if place == len(links) else [place + 2 if place + 1 < len(links) else place + 1]
    assert bool(wanted) == bool(found)
    assert not wanted or wanted[0] >= min(each.number or 0 for each in found)


@given(chains, st.data())
def test_two_records_that_have_changed_places_are_named(links: Chain, data: st.DataObject) -> None:
    assume(len(links) > 1)
    one, other = sorted(
        data.draw(st.lists(st.integers(0, len(links) - 1), min_size=2, max_size=2, unique=True))
    )
    changed = [*links]
    changed[one] = replace(links[other], number=one + 1)
    changed[other] = replace(links[one], number=other + 1)

    assert {one + 1, other + 1} <= {each.number for each in faults(changed)}


@given(chains, st.data())
def test_a_cut_end_is_named_by_a_head_that_was_written_down(
    links: Chain, data: st.DataObject
) -> None:
    kept = data.draw(st.integers(0, len(links) - 1))
    [fault] = faults(links[:kept], head_of(links))

    assert (kept + 1, True) == (fault.number, "cut off" in fault.detail)
    assert () == faults(links[:kept])


@given(chains, st.data())
def test_a_chain_that_was_written_anew_is_named_by_a_head_that_was_written_down(
    links: Chain, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(links) - 1))
    texts = [str(json.loads(link.record)["why"]) for link in links]
    texts[place] += "!"
    anew = chain(texts)

    assert () == faults(anew)
    assert [len(links)] == [each.number for each in faults(anew, head_of(links))]
    assert [] == [each.number for each in faults(anew, head_of(links[:place]))] if place else True


MOVED = "it was written for another place, or was changed"
BROKEN = "the digest fits neither its text nor the record before: one of them was changed"


@pytest.mark.parametrize(
    ("links", "wanted"),
    [
        (
            [replace(chain(["a"])[0], record="no JSON")],
            [
                AuditFault(1, None, f"the text has no number: {MOVED}"),
                AuditFault(1, None, BROKEN),
            ],
        ),
        (chain(["a", "b", "c", "d"])[3:], [AuditFault(1, None, "records 1 to 3 are missing")]),
        (
            [replace(chain(["a", "b"])[1], number=3)],
            [
                AuditFault(1, None, "records 1 to 2 are missing"),
                AuditFault(3, "2026-12-01T00:00:02Z", f"the text has the number 2: {MOVED}"),
            ],
        ),
    ],
)
def test_a_break_is_told_in_words(links: Chain, wanted: Sequence[AuditFault]) -> None:
    assert wanted == [*faults(links)]


@pytest.mark.parametrize(
    "text", ["", "7", "7:", "x:" + "0" * 64, "-1:" + "0" * 64, "7:" + "0" * 63]
)
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Head.parse(text)


def test_a_head_is_read_as_it_is_written_down() -> None:
    head = head_of(chain(["a", "b"]))

    assert head == Head.parse(f" {head}\n")
