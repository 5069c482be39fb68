from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lrev.retrieve.candidate import ASKED, OPEN, Candidate, Origin
from lrev.retrieve.choose import choose
from lrev.retrieve.needed import Change, scores, sightings
from lrev.retrieve.pack import of_candidate, pack_patch, packed
from lrev.retrieve.searches import head
from tests.unit.changes import patch


def candidate(
    text: str, *, origin: Origin = Origin.SIMILAR, source: str = "a.c:1-2", group: str = "", urgency: int = 0
) -> Candidate:
    return Candidate(origin, source, "", text, "because", group, urgency)


def words(text: str) -> int:
    return len(text.split())


def test_what_is_on_the_table_already_is_worth_nothing_again() -> None:
    one = candidate("lamp_get lamp_put", source="one")
    same = candidate("lamp_put  lamp_get again", source="same")
    other = candidate("lamp_light", source="other")
    chosen, left = choose([one, same, other], {"lamp_get": 2.0, "lamp_put": 2.0, "lamp_light": 1.0}, lambda _: 1, 10)
    assert [one.candidate.source for one in chosen] == ["one", "other"]
    assert [one.source for one in left] == ["same"]


def test_of_a_group_one_is_shown() -> None:
    short, long = candidate("lamp_get", group="g"), candidate("lamp_get lamp_put", group="g", source="long")
    chosen, _ = choose([short, long], {"lamp_get": 1.0, "lamp_put": 5.0}, lambda _: 1, 10)
    assert [one.candidate for one in chosen] == [long]


def test_what_is_first_is_shown_before_what_is_worth_more() -> None:
    first, dear = candidate("said of it", urgency=1), candidate("lamp_get", source="dear")
    chosen, left = choose([dear, first], {"lamp_get": 9.0}, lambda one: 3, 5)
    assert [one.candidate for one in chosen] == [first]
    assert left == (dear,)


def test_the_same_text_in_other_white_space_is_shown_once() -> None:
    chosen, left = choose([candidate("lamp_get( x)"), candidate("lamp_get(x)")], {"lamp_get": 1.0}, lambda _: 1, 9)
    assert len(chosen) == 1 and not left


def test_a_name_nearer_to_the_change_and_akin_to_it_is_worth_more() -> None:
    change = Change("lamp_get", "")
    found = scores([candidate("lamp_get_optional table_lookup", origin=Origin.NEARBY), candidate("plain")], change)
    assert found["lamp_get_optional"] > found["table_lookup"] > found["plain"]
    assert "lamp_get" not in scores([candidate("lamp_get")], change)


def test_what_a_reviewer_says_is_told_from_what_is_quoted() -> None:
    said = candidate("> +\tlamp_old_way();\nlamp_new_way() does that.", origin=Origin.COMMENTS)
    found = sightings([said], Change("", ""))
    assert found["lamp_new_way"].near == {Origin.COMMENTS: 1.0}
    assert (found["lamp_old_way"].near, found["lamp_old_way"].quoted) == ({}, 1.0)
    assert found["lamp_new_way"].called


def test_a_name_that_is_akin_to_a_new_call_is_worth_more() -> None:
    found = scores([candidate("clk_bulk_get bus_bulk_get")], Change("clk_enable(clk)", "clk_enable(clk)"))
    assert found["clk_bulk_get"] > found["bus_bulk_get"]


TEXTS = st.lists(st.text(alphabet="ab_ \n(", min_size=1, max_size=60), max_size=12)


@given(texts=TEXTS, budget=st.integers(0, 80), merging=st.integers(1, 7))
def test_a_pack_never_exceeds_its_budget(texts: list[str], budget: int, merging: int) -> None:
    def count(text: str) -> int:
        """Not additive, as tokenizers are not: what is put together may cost more than its parts."""
        return len(text) // merging + text.count("ab") * (len(text) > 40)

    found = [candidate(text, source=f"{at}.c", urgency=at % 3) for at, text in enumerate(texts)]
    pack = pack_patch(found, patch(), count, budget)
    assert pack.tokens == count(pack.text) <= budget
    shown = [one.source for one in pack.passages]
    assert len(shown) == len(set(shown))
    assert not set(shown) & {one.source for one in pack.left_out}


def test_what_does_not_fit_together_joins_what_is_left_out() -> None:
    one, other = candidate("lamp_get", source="one"), candidate("lamp_put", source="other")
    room = words(of_candidate(one))
    pack = packed([one, other], [], words, room)
    assert [passage.source for passage in pack.passages] == ["one"]
    assert [(left.source, left.tokens) for left in pack.left_out] == [("other", words(of_candidate(other)))]


def test_of_a_comment_the_words_are_shown_rather_than_a_long_quote() -> None:
    quote = "\n".join(f"> +\tlamp_step({number});" for number in range(20))
    shown = head(f"drivers/lamp/lamp.c\n{quote}\nUse lamp_steps() for this.\n\nAnd test it.")
    assert shown.split("\n") == [
        "drivers/lamp/lamp.c",
        *(f"> +\tlamp_step({number});" for number in range(16, 20)),
        "Use lamp_steps() for this.",
        "",
        "And test it.",
    ]
    assert head("\n".join(map(str, range(30)))) == "\n".join(map(str, range(14)))


def test_what_a_question_is_about_is_shown_before_what_is_open() -> None:
    open_comment, asked = candidate("said of it", urgency=OPEN), candidate("lamp_get()", urgency=ASKED, source="asked")
    chosen, _ = choose([open_comment, asked], {"said": 9.0}, lambda one: 3, 5)
    assert [one.candidate for one in chosen] == [asked]
