"""Templates of model files, which are programs of strangers: taken apart, or refused with a reason."""

from __future__ import annotations

import pytest

from lrev.model.template import TemplateFailed, taken_apart

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def test_what_stands_between_the_turns() -> None:
    own = taken_apart("{{ bos_token }}" + CHATML, "<|im_end|>")
    assert own.before_system == "<|im_start|>system\n"
    assert own.before_user == "<|im_end|>\n<|im_start|>user\n"
    assert own.before_answer == "<|im_end|>\n<|im_start|>assistant\n"
    assert own.after_answer.startswith("<|im_end|>")


def test_the_end_of_a_text_is_the_formats_own() -> None:
    form = "{% for message in messages %}[{{ message.content }}{{ eos_token }}{% endfor %}"
    assert taken_apart(form, "</s>").after_answer == "</s>["


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ raise_exception('no system role') }}", "no system role"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ messages.append(1) }}", "SecurityError"),
        ("{% include '/etc/hostname' %}", "TypeError"),
        ("{{ x", "TemplateSyntaxError"),
        ("{{ 'a' * 99999999999 }}", "memory"),
        ("hello", "a turn of the conversation is missing"),
        ("x" * 100_000, "more than 65536 characters"),
    ],
    ids=["its own refusal", "attribute", "change", "file", "syntax", "memory", "no turns", "length"],
)
def test_what_cannot_be_read_is_refused_with_its_reason(template: str, reason: str) -> None:
    with pytest.raises(TemplateFailed, match=reason):
        taken_apart(template, "")


def test_a_template_that_does_not_end_is_ended() -> None:
    endless = "{% for one in range(99999) %}{% for other in range(99999) %}{% endfor %}{% endfor %}"
    with pytest.raises(TemplateFailed, match="too much time"):
        taken_apart(endless, "", seconds=1)
