from __future__ import annotations

from pathlib import Path

from lrev.indexing.found import ApiPair
from lrev.indexing.pairs import undoes, undone_by
from tests.unit.indexing.inferring import index_of

USER = """\
int use_{0}(struct room *room)
{{
	struct lamp *lamp = {1}(room);
	int err;

	err = room_check(room, lamp);
	if (err) {{
		{2}(lamp);
		return err;
	}}
	return 0;
}}
"""


def files(*calls: tuple[str, str]) -> dict[str, str]:
    return {f"drivers/room/use{at}.c": USER.format(at, take, drop) for at, (take, drop) in enumerate(calls)}


def test_what_most_places_do_is_a_pair_and_what_few_do_is_none(tmp_path: Path) -> None:
    calls = [("lamp_take", "lamp_free")] * 6 + [("lamp_take", "lamp_release_all")] + [("clock_take", "lamp_free")] * 3
    with index_of(tmp_path, files(*calls)) as index:
        assert undone_by(index, "lamp_take") == (ApiPair("lamp_take", "lamp_free", 6, 7),)
        assert [(pair.acquire, pair.times) for pair in undoes(index, "lamp_free")] == [
            ("lamp_take", 6),
            ("clock_take", 3),
        ]
        assert undone_by(index, "lamp_free") == ()
        assert undone_by(index, "absent") == ()


def test_two_places_that_agree_are_enough_where_nothing_speaks_against_them(tmp_path: Path) -> None:
    with index_of(tmp_path / "two", files(*[("lamp_take", "lamp_free")] * 2)) as index:
        assert [pair.release for pair in undone_by(index, "lamp_take")] == ["lamp_free"]
    with index_of(tmp_path / "one", files(("lamp_take", "lamp_free"))) as index:
        assert undone_by(index, "lamp_take") == ()
