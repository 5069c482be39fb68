from __future__ import annotations

from dataclasses import replace

import pytest

from lrev.paths import prompts_directory
from lrev.review.prompts import Prompts
from lrev.review.questions import raise_questions
from lrev.review.verify import Verifier, finding_of, finding_of_answer
from lrev.rules.rule import Refuter
from lrev.types import Suspicion, TraceStep
from tests.unit.changes import changed_function, file_diff, match, rule

OLD = "static int lamp_probe(void)\n{"
NEW = OLD + "\n\tp = kzalloc(8, GFP_KERNEL);\n\tp->on = true;\n\treturn 0;\n}"
DIFF = file_diff(OLD, NEW)
FUNCTION = changed_function(NEW, (12, 13, 14, 15))
VERIFIER = Verifier({DIFF.path: DIFF}, lambda name: name == "kfree")
SUSPICION = Suspicion(
    check="leak",
    mechanism="leak",
    path=DIFF.path,
    function="lamp_probe",
    line=14,
    message="`p` is not freed here; kfree() is missing.",
    trace=(TraceStep(12, "p = kzalloc(8, GFP_KERNEL);", "allocated"), TraceStep(14, "return 0;", "returns")),
)


def test_a_suspicion_on_a_shown_line_is_kept() -> None:
    verdict = VERIFIER.verdict(finding_of(SUSPICION, DIFF), FUNCTION)
    assert verdict.kept
    assert verdict.finding.quote == "\treturn 0;"


def test_a_suspicion_elsewhere_is_put_below_the_last_shown_step() -> None:
    far = replace(SUSPICION, line=99)
    assert finding_of(far, DIFF).line == 14


def test_a_suspicion_that_the_patch_does_not_show_is_dropped() -> None:
    far = replace(SUSPICION, line=99, trace=(TraceStep(98, "x", "y"),))
    verdict = VERIFIER.verdict(finding_of(far, DIFF), FUNCTION)
    assert (verdict.kept, verdict.reason) == (False, "no line of the patch shows it")


def test_what_was_as_bad_before_is_dropped() -> None:
    assert not VERIFIER.verdict(finding_of(SUSPICION, DIFF), FUNCTION, pre_existing=True).kept


def test_a_comment_that_names_what_does_not_exist_is_dropped() -> None:
    made_up = replace(SUSPICION, message="lamp_free_everything() should be called.")
    verdict = VERIFIER.verdict(finding_of(made_up, DIFF), FUNCTION)
    assert not verdict.kept
    assert "lamp_free_everything" in verdict.reason


def test_a_quote_that_is_not_in_the_patch_is_dropped() -> None:
    wrong = replace(finding_of(SUSPICION, DIFF), quote="\treturn 1;")
    assert not VERIFIER.verdict(wrong, FUNCTION).kept


@pytest.mark.parametrize(("quote", "kept"), [("`+ p->on  = true;`", True), ("p->on = false;", False), ("", False)])
def test_a_model_has_to_point_to_a_line_that_is_there(quote: str, kept: bool) -> None:
    found = match(rule(Refuter.NO_LIST_REMOVAL), "kzalloc", 12, "p")
    removal = changed_function(NEW.replace("p->on = true", "list_del(p)"), (12, 13, 14))
    (raised,), _ = raise_questions(removal, [found], Prompts(prompts_directory()), lambda _: "")
    finding = finding_of_answer(raised, FUNCTION, 0.9, quote)
    assert VERIFIER.verdict(finding, FUNCTION).kept is kept
    assert finding.comment == "kzalloc() can fail, and `p` is not checked."
