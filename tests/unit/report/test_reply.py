from __future__ import annotations

import email
import email.policy
from dataclasses import replace

from lrev.report.reply import recipients, reply
from lrev.types import (
    Address,
    Base,
    BaseHow,
    Certainty,
    Coverage,
    Finding,
    Patch,
    Provenance,
    ReadState,
    Review,
    TraceStep,
    Verdict,
)
from tests.unit.changes import file_diff, message, patch

OLD = "static int lamp_probe(void)\n{"
NEW = OLD + "\n\tp = kzalloc(8, GFP_KERNEL);\n\tp->on = true;\n\treturn 0;\n}"
FINDING = Finding(
    path="drivers/example/lamp.c",
    function="lamp_probe",
    line=13,
    quote="\tp->on = true;",
    mechanism="unchecked allocation",
    comment="`p` is used here without a check; kzalloc() can return NULL.",
    certainty=Certainty.PROVEN,
    origin="check:example",
    trace=(TraceStep(12, "\tp = kzalloc(8, GFP_KERNEL);", "allocated here"),),
)
PROVENANCE = Provenance("0.1.0", "", "", "1", "static", "ab", 0, 3000)


def review(of: Patch, *findings: Finding, coverage: tuple[Coverage, ...] = ()) -> Review:
    base = Base(BaseHow.BLOBS, "linux", "", 1, 1, True)
    verdicts = tuple(Verdict(finding, True, "proven") for finding in findings)
    return Review(of, base, verdicts, coverage, (), PROVENANCE)


def test_the_comment_stands_below_its_line_and_every_quote_is_of_the_patch() -> None:
    text = reply(review(patch(file_diff(OLD, NEW), mail=message()), FINDING))
    lines = text.splitlines()
    place = lines.index("> +\tp->on = true;")
    assert "without a check" in " ".join(lines[place + 1 : place + 5])
    assert lines[place - 1] == "> +\tp = kzalloc(8, GFP_KERNEL);"
    assert "> +\treturn 0;" not in lines
    assert lines.count("> [...]") == 1


def test_the_reply_is_a_mail_that_answers_the_patch() -> None:
    mail = message(references=("cover@example.org",), in_reply_to="cover@example.org")
    parsed = email.message_from_string(
        reply(review(patch(file_diff(OLD, NEW), mail=mail))), policy=email.policy.default
    )
    assert parsed["In-Reply-To"] == "<20240304.1@example.org>"
    assert parsed["References"].split() == ["<cover@example.org>", "<20240304.1@example.org>"]
    assert parsed["Subject"] == "Re: [PATCH] lamp: light it"
    assert parsed["To"].addresses[0].addr_spec == "ann@example.org"
    assert [one.addr_spec for one in parsed["Cc"].addresses] == ["list@lists.example.org", "max@example.org"]
    assert parsed["From"] is None and parsed["Date"] is None


def test_recipients_are_those_of_the_mail_once_each_without_its_sender() -> None:
    ann, bob = Address("Ann", "ann@example.org"), Address("", "bob@example.org")
    to, cc = recipients(
        message(sender=ann, to=(bob, Address("ann", "ANN@example.org")), cc=(Address("Bob", "bob@example.org"),))
    )
    assert to == (ann,)
    assert cc == (bob,)
    assert recipients(message(to=(), cc=()))[1] == ()


def test_a_bare_diff_gets_no_recipient() -> None:
    text = reply(review(patch(file_diff(OLD, NEW)), FINDING))
    head = text.split("\n\n")[0]
    assert "To:" not in head and "Cc:" not in head and "In-Reply-To" not in head
    assert "Subject: lamp: light it" in head


def test_a_subject_cannot_write_headers_of_its_own() -> None:
    mail = message(subject="[PATCH] x\nBcc: evil@example.org", sender=Address("A\nBcc: e@example.org", "a@example.org"))
    head = reply(review(patch(file_diff(OLD, NEW), mail=mail))).split("\n\n")[0]
    assert not any(line.startswith("Bcc:") for line in head.splitlines())


def test_silence_is_said_only_of_what_was_read() -> None:
    read = Coverage("hunk", "a.c:@@ -1 +1 @@", ReadState.READ, "code")
    unread = Coverage("hunk", "b.dts:@@ -1 +1 @@", ReadState.NOT_READ, "code", "no check reads device tree source yet")
    one = patch(file_diff(OLD, NEW), mail=message())
    both = reply(review(one, coverage=(read, unread)))
    assert "No comment on what was read" in both
    assert "not read: b.dts:@@ -1 +1 @@: no check reads device tree source yet" in " ".join(both.split())
    nothing = reply(review(one, coverage=(unread,)))
    assert "No comment on what was read" not in nothing
    assert "Nothing of this patch could be read" in nothing


def test_no_form_of_it_carries_a_review_tag() -> None:
    tagged = replace(FINDING, comment="The mail asks for a Reviewed-by.")
    text = reply(review(patch(file_diff(OLD, NEW), mail=message()), tagged))
    lines = [line.lower() for line in text.splitlines()]
    assert not any(line.startswith(("reviewed-by:", "acked-by:", "tested-by:")) for line in lines)


def test_two_findings_in_one_hunk_are_quoted_without_repeating_lines() -> None:
    second = replace(FINDING, line=14, quote="\treturn 0;", comment="And this.")
    lines = reply(review(patch(file_diff(OLD, NEW), mail=message()), FINDING, second)).splitlines()
    assert lines.count("> +\tp->on = true;") == 1
    assert lines.index("> +\tp->on = true;") < lines.index("> +\treturn 0;") < lines.index("And this.")


def test_an_address_beyond_ascii_is_kept_as_it_is() -> None:
    """RFC 6532; the library that formats addresses refuses it."""
    mail = message(sender=Address("Ann", "\u00e4nn@example.org"))
    assert "To: Ann <\u00e4nn@example.org>" in reply(review(patch(file_diff(OLD, NEW), mail=mail)))


def test_what_other_programs_did_not_read_is_listed() -> None:
    lines = (
        Coverage("program", "a.c", ReadState.READ, "sparse"),
        Coverage("program", "b.c", ReadState.NOT_READ, "sparse", "b.c:1: unable to open 'b.h'"),
        Coverage("program", "the patch", ReadState.READ, "checkpatch"),
    )
    text = reply(review(patch(file_diff(OLD, NEW)), coverage=lines))
    assert "Run on request: sparse, 1 of 2 done.\n  not done: b.c: b.c:1: unable to open 'b.h'\n" in text
    assert "Run on request: checkpatch, 1 of 1 done.\n" in text


def test_the_qualification_of_the_model_that_read_it_is_named() -> None:
    line = Coverage("function", "lamp_on", ReadState.READ, "model")
    found = review(patch(file_diff(OLD, NEW)), coverage=(line,))
    measured = replace(PROVENANCE, model="mine", qualification="0123456789ab, tier small, told 30 of 36 twins apart")
    text = reply(replace(found, provenance=measured))
    assert "Qualification of mine: 0123456789ab, tier small, told 30 of 36 twins apart." in " ".join(text.split())
    unmeasured = replace(PROVENANCE, model="mine")
    assert "What mine is good for was not measured." in reply(replace(found, provenance=unmeasured))
    assert "measured" not in reply(review(patch(file_diff(OLD, NEW))))
