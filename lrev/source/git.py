"""The one module that runs git: plumbing only, and no program that a repository names is ever started.

A repository can name programs in its configuration and attributes (fsmonitor, textconv, filters, diff drivers, gpg,
hooks, pagers, remote helpers). Nothing here reads the work tree or the index, so filters and fsmonitor have no
occasion; diffs are made with --no-ext-diff and --no-textconv; the transports are closed; and the environment is ours.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lrev.errors import GitError
from lrev.source.git_isolation import OPTIONS, environment
from lrev.source.git_output import Change, CommitText, TreeEntry, changes, commit_text, tree_entries

_HEX = frozenset("0123456789abcdef")
_FULL_ID_DIGITS = 40
# git takes no fewer digits for an abbreviation.
_PREFIX = re.compile(r"[0-9a-f]{4,40}")
# Longer than any subject; one argument of a program has a limit of its own.
_LONGEST_GREP_CHARACTERS = 1000
_DIFF = ("-p", "--full-index", "-M", "--no-ext-diff", "--no-textconv", "--no-color", "--submodule=short")
_RAW = ("-r", "-z", "--no-renames", "--raw")
_HINT = "give a git repository, its .git directory or a bare repository"


def blob_id(data: bytes) -> str:
    """The id git gives a file of these bytes."""
    digest = hashlib.sha1(b"blob %d\0" % len(data), usedforsecurity=False)
    digest.update(data)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository by its git directory. `top` is its work tree, None for a bare one."""

    git_directory: Path
    top: Path | None

    @classmethod
    def open(cls, path: Path) -> Repository:
        """`path` is a work tree's top, a .git directory or a bare repository. Raises GitError for anything else."""
        found = cls.at(path)
        if found is None:
            raise GitError(f"'{path}' is not a git repository", _HINT)
        return found

    @classmethod
    def at(cls, path: Path) -> Repository | None:
        """None when `path` is not itself a repository's top, though it may lie inside one."""
        dot_git = path / ".git"
        if dot_git.is_dir() and not dot_git.is_symlink():
            return cls(dot_git, path)
        if dot_git.is_file():  # a worktree or submodule: a one-line pointer
            pointer = dot_git.read_text(errors="replace").removeprefix("gitdir:").strip()
            target = (path / pointer).resolve()
            return cls(target, path) if (target / "HEAD").is_file() else None
        is_bare = (path / "HEAD").is_file() and (path / "objects").is_dir()
        return cls(path, path.parent if path.name == ".git" else None) if is_bare else None

    def rev_parse(self, text: str) -> str:
        """The commit that `text` names. Raises GitError."""
        done = self._try("rev-parse", "--verify", "--quiet", "--end-of-options", f"{text}^{{commit}}")
        if done.returncode != 0:
            hint = _refused(done) or "git log shows what is there"
            raise GitError(f"no commit '{text}' in '{self.git_directory}'", hint)
        return done.stdout.decode().strip()

    def exists(self, commit: str) -> bool:
        return self._try("cat-file", "-e", f"{commit}^{{commit}}").returncode == 0

    def commits_with_prefix(self, digits: str) -> tuple[str, ...]:
        """The commits whose ids begin so: none, one, or several where the abbreviation is ambiguous."""
        if not _PREFIX.fullmatch(digits):
            return ()
        named = self._run("rev-parse", f"--disambiguate={digits}")
        kinds = self._run("cat-file", "--batch-check=%(objecttype) %(objectname)", given=named)
        words = (line.split(" ") for line in kinds.decode().splitlines())
        return tuple(name for kind, name in words if kind == "commit")

    def is_shallow(self) -> bool:
        return self._run("rev-parse", "--is-shallow-repository").strip() == b"true"

    def is_ancestor(self, older: str, newer: str) -> bool:
        return self._try("merge-base", "--is-ancestor", older, newer).returncode == 0

    def ls_tree(self, commit: str, paths: Sequence[str] = ()) -> dict[str, str]:
        """Path -> blob id of every regular file, below `paths` if any are given; symlinks and submodules left out."""
        output = self._run("ls-tree", "-r", "-z", "--full-tree", commit, "--", *paths)
        blobs: dict[str, str] = {}
        for record in output.split(b"\0"):
            head, _, path = record.partition(b"\t")
            if head.startswith(b"100"):
                blobs[path.decode("utf-8", "surrogateescape")] = head.split()[2].decode()
        return blobs

    def entries(self, commit: str, paths: Sequence[str] = ()) -> Iterator[TreeEntry]:
        """The same with sizes, and with symlinks and submodules."""
        yield from tree_entries(self._run("ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--", *paths))

    def cat_file(self, blob: str) -> bytes | None:
        """The bytes of a blob by its id, which may be abbreviated; None when it is missing, ambiguous or no blob."""
        if not blob or not set(blob) <= _HEX:
            return None
        name = blob if len(blob) == _FULL_ID_DIGITS else f"{blob}^{{blob}}"
        done = self._try("cat-file", "blob", name)
        return done.stdout if done.returncode == 0 else None

    def cat_batch(self, blobs: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """Blob after blob through one git process, in order; None for what git calls missing.

        One request at a time is under way, so that neither side ever waits for a full pipe.
        """
        with subprocess.Popen(
            self._command("cat-file", "--batch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        ) as process:
            assert process.stdin is not None and process.stdout is not None
            for blob in blobs:
                process.stdin.write(blob.encode() + b"\n")
                process.stdin.flush()
                head = process.stdout.readline().split()
                if len(head) != 3 or not head[2].isdigit():
                    if not head:
                        raise GitError(f"git stopped while reading '{self.git_directory}'")
                    yield blob, None
                    continue
                data = process.stdout.read(int(head[2]))
                process.stdout.read(1)
                yield blob, data if head[1] == b"blob" else None
            process.stdin.close()

    def commits(self, range_text: str) -> tuple[str, ...]:
        """The commits of `A..B` oldest first, merges left out; of one commit, that commit. Raises GitError."""
        if ".." not in range_text:
            return (self.rev_parse(range_text),)
        first, _, last = range_text.partition("..")
        bounds = (f"^{self.rev_parse(first or 'HEAD')}", self.rev_parse(last.lstrip(".") or "HEAD"))
        output = self._run("rev-list", "--reverse", "--topo-order", "--no-merges", *bounds, "--")
        return tuple(output.decode().split())

    def commit(self, commit: str) -> CommitText:
        """Raises GitError for what is no commit."""
        return commit_text(commit, self._run("cat-file", "commit", commit))

    def diff(self, commit: str) -> str:
        """The change against the first parent as a unified diff with full blob ids; bytes that are no UTF-8 survive."""
        output = self._run("diff-tree", "--root", "--no-commit-id", "--first-parent", "-m", *_DIFF, commit, "--")
        return output.decode("utf-8", "surrogateescape")

    def history(self, ref: str, after: str = "") -> Iterator[Change]:
        """Every change on the way from `after` (all of it if "") to `ref`, oldest first: how public-inbox is read."""
        bounds = (f"^{after}",) if after else ()
        commits = self._run("rev-list", "--reverse", "--topo-order", self.rev_parse(ref), *bounds, "--")
        listing = self._run("diff-tree", "--root", "--stdin", *_RAW, given=commits)
        yield from changes(listing)

    def mentioning(self, texts: Iterable[str], bounds: Sequence[str], since_seconds: int = 0) -> Iterator[str]:
        """Commits whose message has one of `texts` word for word, the newest first, each as soon as it is found.

        `bounds` are commit ids, those with ^ in front and what leads to them left out; of commits made before
        `since_seconds` (since 1970) none is looked at. A text with control characters is in no message.
        """
        wanted = [f"--grep={one}" for one in texts if one.isprintable() and 0 < len(one) <= _LONGEST_GREP_CHARACTERS]
        if not wanted:
            return
        age = (f"--max-age={since_seconds}",) if since_seconds > 0 else ()
        command = self._command("rev-list", "--fixed-strings", *age, *wanted, "--end-of-options", *bounds, "--")
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment()
        ) as process:
            assert process.stdout is not None
            try:
                yield from (line.decode().strip() for line in process.stdout)
            except GeneratorExit:
                process.kill()
                raise
        if process.returncode != 0:
            raise GitError(f"git rev-list failed in '{self.git_directory}'")

    def first_parents(self, commit: str) -> tuple[str, ...]:
        """`commit` and its first parent, that one's first parent and so on: what a maintainer's branch was in turn."""
        return tuple(self._run("rev-list", "--first-parent", "--end-of-options", commit, "--").decode().split())

    def changing_count(self, word: str, path: str, bounds: Sequence[str]) -> Iterator[Change]:
        """Of the commits within `bounds` that touch `path`, the oldest first: the files in which the number of times
        that `word` stands in them changes."""
        commits = self._run("rev-list", "--reverse", "--topo-order", "--no-merges", *bounds, "--", path)
        listing = self._run("diff-tree", "--root", "--stdin", f"-S{word}", *_RAW, given=commits)
        yield from changes(listing)

    def _command(self, *arguments: str) -> list[str]:
        return ["git", f"--git-dir={self.git_directory}", "--no-pager", *OPTIONS, *arguments]

    def _try(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = self._command(*arguments)
        try:
            return subprocess.run(command, check=False, input=given, capture_output=True, env=environment())
        except FileNotFoundError as error:
            raise GitError("git is not installed", "apt-get install git") from error

    def _run(self, *arguments: str, given: bytes = b"") -> bytes:
        done = self._try(*arguments, given=given)
        if done.returncode != 0:
            raise GitError(f"git {arguments[0]} failed in '{self.git_directory}'", _refused(done))
        return done.stdout


def _refused(done: subprocess.CompletedProcess[bytes]) -> str:
    """What git said, in one line; the ownership refusal with its remedy."""
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    if any("dubious ownership" in line for line in said):
        return "the repository belongs to another user; run lrev as its owner or copy it"
    return said[0] if said else ""
