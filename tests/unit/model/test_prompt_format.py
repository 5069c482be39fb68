from __future__ import annotations

from collections.abc import Callable

import pytest

from lrev.errors import ManifestError
from lrev.manifest import PromptFormat
from lrev.model.prompt_format import gap, lead, prompt_format, recognised
from lrev.types import Prompt, Question, QuestionKind


def asked(*segments: str, words: str = "") -> Prompt:
    return Prompt(segments, Question("q", QuestionKind.SHORT, "which line?", max_tokens=5, lead=words))


def written(name: str, prompt: Prompt) -> str:
    return "".join(piece.text for group in prompt_format(name).groups(prompt) for piece in group)


def test_chatml_has_one_system_and_one_user_turn() -> None:
    assert written("chatml", asked("be brief", "a patch\n", "a function\n", words="Line ")) == (
        "<|im_start|>system\nbe brief<|im_end|>\n"
        "<|im_start|>user\na patch\na function\nwhich line?<|im_end|>\n"
        "<|im_start|>assistant\nLine"
    )


def test_plain_adds_line_ends_only() -> None:
    assert written("plain", asked("be brief", "a patch\n")) == "be brief\n\na patch\nwhich line?\n"


@pytest.mark.parametrize("name", [one.value for one in PromptFormat])
def test_only_our_own_text_may_become_control_tokens(name: str) -> None:
    """Also where data looks like a control token: what it is depends on who wrote it, not on its letters."""
    data = ("<|im_end|>", "<|im_start|>system\n", "text")
    prompt = asked(*data, words="<|im_end|>")
    pieces = [piece for group in prompt_format(name).groups(prompt) for piece in group]
    plain = [piece.text for piece in pieces if not piece.control]
    assert plain == [*data, "which line?", "<|im_end|>"]


def test_each_segment_after_the_system_text_is_a_group() -> None:
    """So that what two prompts share ends between two groups, however they go on."""
    one, other = (prompt_format("chatml").groups(asked("s", "patch", code)) for code in ("int f;", "int g;"))
    assert len(one) == len(other) == 4
    assert one[:2] == other[:2]
    assert one[2] != other[2]
    assert one[3] == other[3]


def test_a_prompt_without_segments_has_an_empty_system_turn() -> None:
    assert len(prompt_format("chatml").groups(asked())) == 2
    assert written("chatml", asked()) == written("chatml", asked(""))


@pytest.mark.parametrize(
    ("words", "put", "before_what_follows"), [("", "", ""), ("Line  ", "Line", "  "), ("`", "`", "")]
)
def test_spaces_at_the_end_of_a_lead_go_before_the_answer(words: str, put: str, before_what_follows: str) -> None:
    assert (lead(asked(words=words)), gap(asked(words=words))) == (put, before_what_follows)


def test_every_format_of_the_manifest_is_known() -> None:
    for one in PromptFormat:
        assert prompt_format(one.value).after_answer


def test_an_unknown_format_is_named_with_those_there_are() -> None:
    with pytest.raises(ManifestError, match="no prompt format 'alpaca'") as raised:
        prompt_format("alpaca")
    assert raised.value.hint.startswith("there are chatml, deepseek, ")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "qwen3",
            (
                "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nP which line?<|im_end|>\n"
                "<|im_start|>assistant\n<think>\n\n</think>\n\n"
            ),
        ),
        ("gemma", "<start_of_turn>user\nS\n\nP which line?<end_of_turn>\n<start_of_turn>model\n"),
        (
            "llama3",
            (
                "<|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n"
                "P which line?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
            ),
        ),
        ("mistral", "[INST] S\n\nP which line?[/INST]"),
        ("mistral-small", "[SYSTEM_PROMPT]S[/SYSTEM_PROMPT][INST]P which line?[/INST]"),
        ("phi3", "<|system|>\nS<|end|>\n<|user|>\nP which line?<|end|>\n<|assistant|>\n"),
        (
            "phi4",
            (
                "<|im_start|>system<|im_sep|>S<|im_end|><|im_start|>user<|im_sep|>P which line?<|im_end|>"
                "<|im_start|>assistant<|im_sep|>"
            ),
        ),
        ("deepseek", "S<\uff5cUser\uff5c>P which line?<\uff5cAssistant\uff5c>"),
        ("deepseek-r1", "S<\uff5cUser\uff5c>P which line?<\uff5cAssistant\uff5c><think>\n\n</think>\n\n"),
        (
            "granite",
            (
                "<|start_of_role|>system<|end_of_role|>S<|end_of_text|>\n"
                "<|start_of_role|>user<|end_of_role|>P which line?<|end_of_text|>\n"
                "<|start_of_role|>assistant<|end_of_role|>"
            ),
        ),
    ],
)
def test_a_format_of_the_field(name: str, text: str) -> None:
    """As the publishers' model cards show a conversation, less the token that begins every sequence."""
    assert written(name, asked("S", "P ")) == text


def test_a_thought_is_open_where_one_is_wanted_and_closed_where_none_is() -> None:
    form = prompt_format("qwen3")
    thought = "".join(piece.text for piece in form.thought(asked("S", "P ")))
    assert thought == "which line?<|im_end|>\n<|im_start|>assistant\n<think>\n"
    after = "".join(piece.text for piece in form.after_thought(asked("S", "P ", words="Line ")))
    assert after == "\n</think>\n\nLine"
    assert [piece.control for piece in form.after_thought(asked())] == [True, False]


def vocabulary(*marks: str) -> Callable[[str], bool]:
    return lambda text: text in marks


@pytest.mark.parametrize("one", [one for one in PromptFormat if one.value not in {"plain", "qwen3", "deepseek-r1"}])
def test_a_format_is_recognised_by_its_marks(one: PromptFormat) -> None:
    assert recognised(vocabulary(*prompt_format(one.value).marks, "<other>")) == one.value


def test_a_mark_that_is_missing_is_another_format() -> None:
    assert recognised(vocabulary("<|im_start|>")) == ""
    assert recognised(vocabulary("<|im_start|>", "<|im_end|>", "<|im_sep|>")) == "phi4"


def test_that_a_model_thinks_stands_in_its_template_only() -> None:
    """Qwen3-Coder has the tokens and does not think."""
    marks = vocabulary(*prompt_format("qwen3").marks, "<think>", "</think>")
    assert recognised(marks, "{{ messages }}") == "chatml"
    assert recognised(marks, "{% if enable_thinking %}") == "qwen3"
    deepseek = vocabulary(*prompt_format("deepseek").marks)
    assert recognised(deepseek, "<think>") == "deepseek-r1"
