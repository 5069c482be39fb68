from __future__ import annotations

from pathlib import Path

import pytest

from lrev.source.comments import comments
from lrev.source.mail import parse

MAIL = Path(__file__).parents[2] / "data" / "mail"


def test_the_answer_below_a_quoted_hunk() -> None:
    (comment,) = comments(parse((MAIL / "reply-with-hunk.eml").read_bytes()))
    assert comment.message_id == "reply@example.org"
    assert comment.author.name == "Max Maintainer"
    assert comment.path == "drivers/lamp/lamp.c"
    assert comment.quote.endswith("+\tlamp->lit = true;")
    assert comment.text == "This is written without lamp->lock, and lamp_dim() reads it\nunder that lock."


@pytest.mark.parametrize(
    "name", ["reply-trailers-only.eml", "reply-quoting-a-list.eml", "bot-robot.eml", "base64.eml", "flowed.eml"]
)
def test_mail_that_says_nothing_about_a_hunk(name: str) -> None:
    assert comments(parse((MAIL / name).read_bytes())) == ()
