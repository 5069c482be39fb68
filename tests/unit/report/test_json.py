from __future__ import annotations

import json

from lrev.report.json import SCHEMA, document
from tests.unit.changes import file_diff, message, patch
from tests.unit.report.test_reply import FINDING, NEW, OLD, review


def test_a_review_becomes_json_with_its_schema() -> None:
    parsed = json.loads(document((review(patch(file_diff(OLD, NEW), mail=message()), FINDING),)))
    assert parsed["schema"] == SCHEMA
    (one,) = parsed["reviews"]
    assert one["verdicts"][0]["finding"]["line"] == 13
    assert one["base"]["how"] == "blob ids"


def test_bytes_that_were_no_text_survive_as_escapes() -> None:
    mail = message(subject="caf\udce9 \x1b[31m")
    text = document((review(patch(file_diff(OLD, NEW), mail=mail)),))
    assert text.isascii()
    assert json.loads(text)["reviews"][0]["patch"]["message"]["subject"] == mail.subject
