"""The frozen data of the flow, one type per arrow (ARCHITECTURE.md), and the two model protocols.

Lines are 1-based and spans inclusive everywhere. A path is relative to the root of its tree, with forward
slashes. A blob is the git blob id (40 hex digits of SHA-1) of a file's bytes, whether or not git is involved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy


# --- source ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """Lines start..end of a file, 1-based, both included."""

    start: int
    end: int

    def __contains__(self, line: int) -> bool:
        return self.start <= line <= self.end


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a tree: its bytes and their blob id."""

    path: str
    blob: str
    data: bytes


class SymbolKind(Enum):
    FUNCTION = "function"
    DECLARATION = "declaration"
    MACRO = "macro"
    STRUCT = "struct"
    UNION = "union"
    ENUM = "enum"
    ENUMERATOR = "enumerator"
    TYPEDEF = "typedef"
    GLOBAL = "global"
    CONFIG = "config"
    MAINTAINERS = "maintainers"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition. `signature` is its first lines, white space folded, without the body."""

    name: str
    kind: SymbolKind
    blob: str
    span: Span
    static: bool
    signature: str


@dataclass(frozen=True, slots=True)
class Call:
    """`caller` calls `callee` at `line` of `blob`."""

    caller: str
    callee: str
    blob: str
    line: int


class FactKind(Enum):
    RETURNS_NULL = "returns NULL"
    RETURNS_ERR_PTR = "returns ERR_PTR"
    RETURNS_ERRNO = "returns a negative errno"
    RETURNS_BOOL = "returns bool"
    RETURNS_ALLOCATION = "returns an allocation"
    RETURNS_REFERENCE = "returns a reference"
    MAY_SLEEP = "may sleep"
    FREES_ARGUMENT = "frees argument"
    PUTS_ARGUMENT = "drops a reference of argument"
    GETS_ARGUMENT = "takes a reference of argument"
    MUST_CHECK = "__must_check"
    LOCK_HELD = "lockdep_assert_held"
    ACQUIRES = "__acquires"
    RELEASES = "__releases"
    LEAVES_LOCKED = "returns with a lock held"
    LEAVES_UNLOCKED = "drops a lock of its caller"
    RCU = "RCU"
    EXPORTED = "exported"
    DOC_RETURN = "kernel-doc Return"
    DOC_CONTEXT = "kernel-doc Context"


class FactOrigin(Enum):
    """How a fact is known: written as an annotation or comment, read from the body, or inferred from callees."""

    DECLARED = "declared"
    READ = "read"
    INFERRED = "inferred"


# The condition of a fact that a branch decides.
SOME_PATHS = "on some paths"


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of `function`. `detail` is the lock, the errno names or the sentence; `condition` when it holds."""

    function: str
    kind: FactKind
    detail: str
    origin: FactOrigin
    blob: str
    line: int
    condition: str = ""


class ChunkKind(Enum):
    FUNCTION = "function"
    TYPE = "type"
    MACRO = "macro"
    TEXT = "text"  # a stretch of a file that has no grammar here: Kconfig, Makefile, assembly
    DOCUMENT = "document"
    PATCH = "patch"  # the message and diff of a patch mail
    COMMENT = "comment"  # one reviewer comment with the hunk it quotes
    MAIL = "mail"  # other mail: cover letters, discussion


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is searched: a stretch of one blob. `name` is a symbol, a heading, or a subject."""

    kind: ChunkKind
    name: str
    blob: str
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class FunctionSource:
    """One function definition as written. `text` holds the lines of `span`; `whole` is false after a parse error."""

    name: str
    span: Span
    text: str
    static: bool
    whole: bool


# --- mail and patches -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Address:
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Message:
    """One mail, decoded. `date` is seconds since 1970 UTC or None; message ids come without angle brackets.

    `body` is the text as a reader sees it, LF line ends; patches sent as attachments are in `attachments`.
    """

    message_id: str
    subject: str
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    date: int | None
    in_reply_to: str
    references: tuple[str, ...]
    body: str
    attachments: tuple[str, ...] = ()
    bot: bool = False


@dataclass(frozen=True, slots=True)
class ReviewComment:
    """A human reply: `text` written directly below the `quote` of a patch (quote marks removed)."""

    message_id: str
    author: Address
    quote: str
    text: str
    path: str  # the file of the quoted hunk, or ""


class DiffLineKind(Enum):
    CONTEXT = " "
    ADDED = "+"
    REMOVED = "-"


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a hunk without its marker. `old` and `new` are its line numbers, None where it is absent.

    As parsed they are what the mail states; once the diff was applied, where the line stands in the two images.
    """

    kind: DiffLineKind
    text: str
    old: int | None
    new: int | None


@dataclass(frozen=True, slots=True)
class Hunk:
    """One `@@` block. `section` is the text after the second @@.

    `old_newline` and `new_newline` are false where that side ends in `\\ No newline at end of file`.
    """

    old: Span  # an empty side has end == start - 1
    new: Span
    section: str
    lines: tuple[DiffLine, ...]
    old_newline: bool = True
    new_newline: bool = True


class FileStatus(Enum):
    ADDED = "added"
    DELETED = "deleted"
    MODIFIED = "modified"
    RENAMED = "renamed"
    COPIED = "copied"
    MODE = "mode changed"


@dataclass(frozen=True, slots=True)
class FileDiff:
    """The change to one file. Blobs are as the `index` line gives them: abbreviated, "" when there is none."""

    old_path: str
    new_path: str
    status: FileStatus
    old_blob: str
    new_blob: str
    binary: bool
    hunks: tuple[Hunk, ...]

    @property
    def path(self) -> str:
        """The name by which the file is spoken of: the new one unless it was deleted."""
        return self.old_path if self.status is FileStatus.DELETED else self.new_path


@dataclass(frozen=True, slots=True)
class Patch:
    """One patch of a series. `message` is None for a bare diff or a commit."""

    subject: str
    author: Address
    description: str  # the commit message without subject and diffstat, trailers included
    files: tuple[FileDiff, ...]
    message: Message | None = None
    commit: str = ""  # the commit it was read from
    part: int = 1
    total: int = 1
    version: int = 1
    base_commit: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """Patches in order of application, with the cover letter if there is one; `notes` say what is odd about it."""

    patches: tuple[Patch, ...]
    cover: Message | None = None
    notes: tuple[str, ...] = ()


# --- review ---------------------------------------------------------------------------------------------------


class BaseHow(Enum):
    """How the base of a patch was found, from sure to unsure."""

    BASE_COMMIT = "base-commit"
    PARENT = "parent commit"
    BLOBS = "blob ids"
    NAMES = "file names"
    NONE = "not found"


@dataclass(frozen=True, slots=True)
class Base:
    """What the patch was laid on. `commit` is "" for a plain directory; counts are of the files it touches."""

    how: BaseHow
    tree: str
    commit: str
    files_matched: int
    files_total: int
    applies: bool
    problem: str = ""  # why it does not apply, naming file and hunk


@dataclass(frozen=True, slots=True)
class ChangedFunction:
    """A function the patch touches. `changed` are the post-image lines added, `removed` the pre-image lines gone."""

    path: str
    name: str
    before: FunctionSource | None
    after: FunctionSource | None
    changed: frozenset[int]
    removed: frozenset[int]
    hunks: tuple[int, ...]  # positions in FileDiff.hunks


class Certainty(Enum):
    PROVEN = "proven"  # by code, on a path that is printed
    SUSPECTED = "suspected"  # a model's answer that survived the second look, or what another program says
    NOTED = "noted"  # by code: worth knowing, and no defect


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One line of the path that shows the defect."""

    line: int
    text: str
    note: str


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What a check claims of the post-image of `subject`, a lock or variable; a reviewer would comment on `line`."""

    check: str
    mechanism: str
    path: str
    function: str
    line: int
    message: str
    trace: tuple[TraceStep, ...]
    rests_on: tuple[str, ...] = ()  # facts, as sentences with file:line
    pre_existing: bool = False
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """Retrieved text. `source` is `path:start-end` or a message-id; `reason` says why it was chosen."""

    source: str
    title: str
    text: str
    reason: str
    tokens: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    source: str
    reason: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Context:
    """What the model reads about one changed function; `tokens` never exceeds the budget it was packed for."""

    function: ChangedFunction
    code: str
    passages: tuple[Passage, ...]
    left_out: tuple[LeftOut, ...]
    tokens: int
    code_whole: bool


class QuestionKind(Enum):
    CLOSED = "closed"  # one of `choices`
    SHORT = "short"  # a line of at most `max_tokens`
    JSON = "json"  # a JSON value under `schema`, of at most `max_tokens`


@dataclass(frozen=True, slots=True)
class Question:
    """A narrow question; `id` is unique within a plan and names its origin, such as `alloc-check/before`."""

    id: str
    kind: QuestionKind
    text: str
    choices: tuple[str, ...] = ()
    max_tokens: int = 0
    lead: str = ""  # words put into the model's mouth before it writes
    schema: str = ""  # a JSON schema, as JSON


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question below its shared prefix: the system text first, then ever more special segments."""

    segments: tuple[str, ...]
    question: Question


@dataclass(frozen=True, slots=True)
class Answer:
    """`probabilities` are aligned with the question's choices and sum to 1; `text` is the choice, the line or the JSON.

    JSON is whole unless `max_tokens` cut it short. `seconds` is this answer's share of the wall time, and no part of
    what two answers are compared by.
    """

    question: str
    text: str
    probabilities: tuple[float, ...] = ()
    tokens_read: int = 0
    tokens_reused: int = 0
    tokens_written: int = 0
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Sampling:
    """Temperature 0 writes the likeliest token; above it (seed, place in the plan) decides. Only writing does."""

    temperature: float = 0.0
    seed: int = 0


LIKELIEST = Sampling()


@dataclass(frozen=True, slots=True)
class Finding:
    """One comment for the patch: `quote` is the text of `line` in the post-image of `path`.

    `lean` places a model's answer between the rule's own examples: 0 is as for the sound one, 1 as for the faulty one.
    """

    path: str
    function: str
    line: int
    quote: str
    mechanism: str
    comment: str
    certainty: Certainty
    origin: str  # check:NAME or rule:ID
    trace: tuple[TraceStep, ...] = ()
    rests_on: tuple[str, ...] = ()
    lean: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A finding and whether it is reported; `reason` says what it survived or why it was dropped."""

    finding: Finding
    kept: bool
    reason: str


class ReadState(Enum):
    READ = "read"
    PARTLY = "partly read"
    NOT_READ = "not read"


@dataclass(frozen=True, slots=True)
class Coverage:
    """One hunk, function or rule, and how far it was read. `by` is `code`, `model` or the name of another program."""

    kind: str  # "hunk", "function", "rule", "patch", "program"
    subject: str
    state: ReadState
    by: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Tokens:
    read: int = 0
    reused: int = 0
    written: int = 0


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the review was made from, enough to replay it. Empty strings where a part took no part.

    `qualification` says what the model was measured to be good for, "" if it was not (lrev/qualification.py).
    """

    lrev: str
    model: str
    model_sha256: str
    index: str
    embedder: str
    prompts_sha256: str
    seed: int
    budget_tokens: int
    qualification: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """The whole outcome for one patch. Nothing in it depends on the clock."""

    patch: Patch
    base: Base
    verdicts: tuple[Verdict, ...]
    coverage: tuple[Coverage, ...]
    passages: tuple[Passage, ...]
    provenance: Provenance
    tokens: Tokens = field(default_factory=Tokens)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings that are reported."""
        return tuple(verdict.finding for verdict in self.verdicts if verdict.kept)


# --- the two models -------------------------------------------------------------------------------------------


class Embedder(Protocol):
    """Texts to unit vectors. `sha256` names the weights, so that an index can refuse another embedder's vectors."""

    @property
    def name(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def dimension(self) -> int: ...
    def encode(self, texts: Sequence[str]) -> numpy.ndarray:
        """float32, shape (len(texts), dimension), rows of length 1 (a text without a known word may be 0)."""
        ...


class Generator(Protocol):
    """A local language model that answers prompts; equal calls give equal answers."""

    @property
    def name(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def context_tokens(self) -> int: ...
    def count(self, text: str) -> int:
        """Tokens of `text` by the model's own tokenizer, control tokens in it taken as plain text."""
        ...

    def overhead(self, prompt: Prompt) -> int:
        """Tokens that the prompt format adds around the segments, the question and its answer."""
        ...

    def answer(self, prompts: Sequence[Prompt]) -> list[Answer]:
        """Answers in the order of `prompts`. Raises ContextOverflow before anything runs if one does not fit.

        All questions about a function are best asked at once: they are answered together, and in the last bits of its
        probabilities an answer depends on those it was asked with. What is written is the likeliest; the generators of
        lrev.model take a Sampling as well.
        """
        ...
