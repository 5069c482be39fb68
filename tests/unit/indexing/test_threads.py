from __future__ import annotations

from lrev.indexing.threads import replies
from lrev.types import Address, Message


def message(name: str, parent: str = "", references: tuple[str, ...] = (), date: int = 0) -> Message:
    return Message(name, name, Address("Ann", "ann@example.org"), (), (), date, parent, references, "")


def tree(*messages: Message) -> list[tuple[str, int]]:
    return [(reply.message.message_id, reply.depth) for reply in replies(messages)]


def test_an_answer_stands_below_what_it_answers() -> None:
    cover, first, second = message("cover"), message("first", "cover"), message("second", "cover")
    answer = message("answer", "first")
    assert tree(cover, first, second, answer) == [("cover", 0), ("first", 1), ("answer", 2), ("second", 1)]


def test_without_its_parent_it_stands_below_the_nearest_reference() -> None:
    assert tree(message("cover"), message("late", "lost", ("cover", "lost"))) == [("cover", 0), ("late", 1)]
    assert tree(message("a", "lost"), message("b", "lost")) == [("a", 0), ("b", 0)]


def test_mails_that_name_each_other_or_themselves_are_told_once() -> None:
    assert sorted(tree(message("a", "b"), message("b", "a"))) == [("a", 0), ("b", 1)]
    assert tree(message("a", "a")) == [("a", 0)]
