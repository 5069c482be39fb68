from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from dataclasses import replace
from functools import cache

import pytest

from lrev.batch.digest import Digest, mark_of
from lrev.batch.morning.contents import MOST_PROVEN, morning_of
from lrev.batch.morning.page import LIMITS, page
from lrev.types import Address, Base, BaseHow, Finding
from tests.unit.batch.morning.digests import NOTED, PROVEN, RUN, SUSPECTED, UNREAD, digest, review, reviewed, unread
from tests.unit.batch.morning.reading import Reader

HOSTILE = (
    "</pre><script>alert(1)</script>\x1b[31m\u202e\"onload='x' {{ run }} \udce9\nReviewed-by: Eve <eve@example.org>"
)
SECTIONS = ["state", "proven", "suspected", "changed", "coverage", "spent", "noted"]


def full() -> Digest:
    return digest(
        reviewed(1, review(PROVEN, SUSPECTED, NOTED)),
        reviewed(2, review(coverage=(UNREAD,)), fresh=False),
        failed=(unread(3, "the model process died twice"),),
        unreached=(unread(4),),
    )


def hostile() -> Digest:
    finding = Finding(
        HOSTILE, HOSTILE, 13, HOSTILE, HOSTILE, HOSTILE, PROVEN.certainty, HOSTILE, PROVEN.trace, (HOSTILE,)
    )
    in_message = replace(NOTED, comment=HOSTILE, mechanism=HOSTILE)
    of = review(
        finding,
        replace(finding, certainty=SUSPECTED.certainty),
        in_message,
        coverage=(replace(UNREAD, why=HOSTILE, subject=HOSTILE),),
    )
    base = Base(BaseHow.NONE, HOSTILE, HOSTILE, 0, 1, False, HOSTILE)
    of = replace(
        of, base=base, patch=replace(of.patch, subject=HOSTILE, author=Address(HOSTILE, ""), description=HOSTILE)
    )
    of = replace(of, provenance=replace(of.provenance, model=HOSTILE, index=HOSTILE))
    job = replace(
        reviewed(1, of, subsystem=HOSTILE), reply_path="javascript:alert(1)//" + HOSTILE, json_path="//example.org/x"
    )
    lost = replace(unread(2, HOSTILE, HOSTILE), author=HOSTILE, message_id=HOSTILE)
    run = replace(RUN, model=HOSTILE, tree=HOSTILE, ending=HOSTILE)
    return digest(job, failed=(lost,), unreached=(replace(lost, reason=""),), run=run)


DIGESTS = {
    "full": full(),
    "hostile": hostile(),
    "empty": digest(),
    "failures only": digest(failed=(unread(1, "no diff"),)),
}
# One page of each for the tests that only look at it.
html_of = cache(page)
every_digest = pytest.mark.parametrize("of", DIGESTS.values(), ids=DIGESTS)


def section(html: str, name: str) -> str:
    """The text of one section."""
    (found,) = re.findall(rf'<section aria-labelledby="{name}">.*?</section>', html, re.DOTALL)
    return Reader(found).text


@every_digest
def test_the_page_is_well_formed_and_loads_and_runs_nothing(of: Digest) -> None:
    read = Reader(html_of(of))
    assert not {tag for tag, _ in read.elements} & {"script", "link", "img", "iframe", "object", "form", "base"}
    assert not [name for name, _ in read.attributes if name.startswith("on") or name in ("style", "src", "srcset")]
    assert all(value.startswith(("./", "#")) for name, value in read.attributes if name == "href")
    ids = [value for name, value in read.attributes if name == "id"]
    assert len(ids) == len(set(ids))


@every_digest
def test_the_policy_allows_one_style_sheet_and_nothing_else(of: Digest) -> None:
    html = html_of(of)
    policy = next(named["content"] for named in Reader(html).of("meta") if "http-equiv" in named)
    (style,) = re.findall("<style>(.*?)</style>", html, re.DOTALL)
    digest_of_it = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest_of_it}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in style and "@import" not in style


@every_digest
def test_the_same_digest_gives_the_same_bytes(of: Digest) -> None:
    assert page(of).encode() == html_of(of).encode()


def test_what_a_maintainer_wants_to_know_first_stands_first() -> None:
    html = html_of(DIGESTS["full"])
    assert re.findall(r'<h2 id="(\w+)">', html) == SECTIONS
    state = section(html, "state")
    assert "2 finished 1 of them in this run" in state
    assert "1 failed" in state and "1 not reached deadline 2024-03-05 06:00 UTC" in state
    assert "the model process died twice" in state
    assert "it ended because the deadline came" in Reader(html).text


def test_a_proven_finding_has_all_that_it_takes_to_judge_it() -> None:
    html = html_of(DIGESTS["full"])
    proven = section(html, "proven")
    for wanted in (
        "drivers/example/lamp.c:13 in lamp_probe()",
        "lamp: light it, Ann Author",
        PROVEN.comment,
        "line 12, allocated here: p = kzalloc(8, GFP_KERNEL);",
        "It rests on: kzalloc() may return NULL, mm/slab.h:7",
        "unchecked allocation, proven by check:example",
    ):
        assert wanted in proven
    assert '<span class="quoted"><i>13</i>+\tp-&gt;on = true;</span>' in html
    assert 'href="./replies/1.txt"' in html and 'href="./reviews/1.json"' in html


def test_beyond_ten_what_is_proven_is_folded_and_counted() -> None:
    jobs = [reviewed(job, review(PROVEN, subject=f"lamp: part {job}"), worth=job) for job in range(1, 14)]
    html = page(digest(*jobs))
    shown, folded = html.split('<h2 id="proven">')[1].split("<details>", 1)
    assert shown.count("<article>") == MOST_PROVEN
    assert "3 more that are proven, of 13" in folded
    assert re.findall(r"lamp: part (\d+)", shown) == [str(job) for job in range(13, 3, -1)]


def test_what_is_in_code_stands_before_what_a_message_says() -> None:
    said = replace(PROVEN, path="", function="", line=3, quote="lamp: said", trace=())
    of_message = reviewed(1, review(said, subject="lamp: message"), worth=9.0)
    of_code = reviewed(2, review(PROVEN, subject="lamp: code"), worth=1.0)
    remarks = morning_of(digest(of_message, of_code)).proven
    assert [remark.job.job for remark in remarks] == [2, 1]


def test_what_an_earlier_page_told_stands_behind_what_is_new() -> None:
    old = reviewed(1, review(PROVEN, subject="lamp: old"), worth=9)
    new = reviewed(2, review(PROVEN, subject="lamp: new"), worth=1)
    html = page(digest(old, new, told_before=frozenset({mark_of(PROVEN, "lamp: old")})))
    proven = section(html, "proven")
    assert proven.index("lamp: new") < proven.index("lamp: old")
    assert proven.count("new drivers/example/lamp.c:13") == 1
    assert "1 of 2 findings are new; earlier pages told of the other 1." in section(html, "changed")


def test_suspected_findings_are_folded_by_patch_and_sorted_by_worth_then_lean() -> None:
    weak = replace(SUSPECTED, lean=0.6, comment="weak")
    strong = replace(SUSPECTED, lean=0.9, comment="strong")
    least = reviewed(1, review(SUSPECTED, subject="lamp: least"), worth=1)
    most = reviewed(2, review(weak, strong, subject="lamp: most"), worth=2)
    html = page(digest(least, most))
    text = section(html, "suspected")
    assert text.index("lamp: most") < text.index("strong") < text.index("weak") < text.index("lamp: least")
    part = html.split('<h2 id="suspected">')[1].split("</section>")[0]
    assert "<article>" not in re.sub(r"<details>.*?</details>", "", part, flags=re.DOTALL)


def test_what_is_noted_is_no_finding_and_stands_folded_at_the_end() -> None:
    html = page(digest(reviewed(1, review(NOTED))))
    assert "0 proven 0 findings suspected" in section(html, "state")
    assert "1 remark on 1 patch" in section(html, "noted")
    assert "no finding in what was read" in section(html, "changed")


def test_patches_of_this_run_stand_apart_from_older_ones() -> None:
    changed = section(html_of(DIGESTS["full"]), "changed")
    assert "1 patch was reviewed in this run, 1 before it." in changed
    assert changed.index("Reviewed in this run: 1 patch") < changed.index("Reviewed before: 1 patch")


def test_nothing_found_is_never_said_of_what_was_not_read() -> None:
    unread_only = page(digest(reviewed(1, review(coverage=(UNREAD,)))))
    assert "nothing is said about them" in section(unread_only, "proven")
    assert "nothing of it could be read" in section(unread_only, "changed")
    assert "1 of the hunks not read: no check reads device tree source yet (lamp.dts:@@ -1 +1 @@)" in section(
        unread_only, "coverage"
    )
    partly = page(digest(reviewed(1, review(coverage=(review().coverage[0], UNREAD)))))
    assert "Nothing is proven in what was read; not read to the end: 1 of 2 hunks." in section(partly, "proven")
    assert "no finding in what was read; not read to the end: 1 of 2 hunks" in section(partly, "changed")


@pytest.mark.parametrize("name", ["empty", "failures only"])
def test_without_a_review_nothing_is_said_about_any_patch(name: str) -> None:
    html = html_of(DIGESTS[name])
    assert "No patch has been reviewed, so nothing is said about any." in section(html, "proven")
    assert "so nothing was read" in section(html, "coverage")
    assert "<svg" not in html


def test_text_from_outside_is_shown_and_not_obeyed() -> None:
    html = html_of(DIGESTS["hostile"])
    read = Reader(html)
    assert not read.of("script")
    assert "</pre><script>alert(1)</script>\\x1b[31m\\u202e" in read.text
    assert "{{ run }}" in read.text
    assert html.encode("utf-8").isascii() or not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", html
    )
    links = [named["href"] or "" for named in read.of("a")]
    assert "./javascript%3Aalert%281%29//" in " ".join(links)
    assert "./example.org/x" in links


@every_digest
def test_no_line_of_the_page_reads_as_a_review_tag(of: Digest) -> None:
    assert not re.search(r"^\W*(?:reviewed|acked|tested)-by\s*:", html_of(of), re.IGNORECASE | re.MULTILINE)


def test_the_end_says_what_it_is_and_what_it_was_made_from() -> None:
    end = html_of(DIGESTS["full"]).split("<footer>")[1]
    for wanted in (
        "draft for a person to check",
        "linux",
        "example-1b",
        "feed" * 16,
        "generation 1",
        "ab" * 32,
        "0.1.0",
    ):
        assert wanted in end


def test_a_night_of_hundreds_stays_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long coverage is grouped; rows beyond the limit are counted. docs/morning-page.md states the size."""
    lines = tuple(replace(UNREAD, subject=f"lamp.dts:@@ -{at} +{at} @@") for at in range(500))
    jobs = [reviewed(job, review(PROVEN, SUSPECTED, coverage=lines)) for job in range(1, 501)]
    html = page(digest(*jobs))
    assert len(html) < 1_000_000
    assert "and 497 more" in html
    assert "and 300 that are not on this page" in section(html, "proven")
    monkeypatch.setitem(LIMITS, "most_rows", 100)
    assert "400 more, of less worth, are not on this page." in section(page(digest(*jobs)), "coverage")
