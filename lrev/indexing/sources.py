"""What is to be indexed: trees and archives as given, merged with those the index already has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lrev.errors import UsageError
from lrev.indexing.layout import Generation
from lrev.indexing.tree_names import TreeSource, tree_source


@dataclass(frozen=True, slots=True)
class Sources:
    """`removed` are names of trees, and names or paths of archives, that are to be taken out."""

    trees: tuple[TreeSource, ...] = ()
    mail: tuple[Path, ...] = ()
    removed: tuple[str, ...] = ()


def sources_of(trees: Sequence[str | Path], mail: Sequence[Path], removed: Sequence[str] = ()) -> Sources:
    """`trees` are [NAME=]DIR[@REF] (tree_names.py). Raises UsageError for what is not there, GitError for no commit."""
    for path in mail:
        if not path.exists():
            raise UsageError(f"no mail at '{path}'", "give a public-inbox, an mbox, a Maildir or a mail file")
    return Sources(
        tuple(tree_source(str(tree)) for tree in trees), tuple(path.resolve() for path in mail), tuple(removed)
    )


def merged(sources: Sources, recorded: Generation | None) -> Sources:
    """What the index has, without `removed`, and the sources given. Raises UsageError when nothing is left."""
    before = _without(_recorded(recorded), sources.removed)
    trees = {tree.name: tree for tree in before.trees}
    for given in sources.trees:
        _add(trees, given)
    mail = dict.fromkeys((*before.mail, *(path.resolve() for path in sources.mail)))
    if not trees and not mail:
        if sources.removed:
            raise UsageError("nothing would be left in the index", "delete its directory instead")
        raise UsageError("nothing to index", "run 'lrev index --tree DIR', '--docs DIR' or '--mail PATH'")
    return Sources(tuple(trees.values()), tuple(mail))


def _add(trees: dict[str, TreeSource], given: TreeSource) -> None:
    """The same tree merges its sub-paths; a name that was given anew, or to another tree, counts from now on."""
    root = given.root.resolve()
    known = next((one for one in trees.values() if (one.root, one.ref) == (root, given.ref)), None)
    if known is None:
        name = given.name if given.named else _free_name(given.name or root.name, trees)
        trees[name] = TreeSource(name, root, _outermost(given.within), given.ref)
        return
    name = given.name if given.named else known.name
    within = _outermost((*known.within, *given.within)) if known.within and given.within else ()
    if name != known.name:
        del trees[known.name]
    trees[name] = TreeSource(name, root, within, known.ref)


def _recorded(generation: Generation | None) -> Sources:
    if generation is None:
        return Sources()
    return Sources(
        tuple(TreeSource(tree.name, Path(tree.root), tree.within, tree.ref) for tree in generation.trees),
        tuple(Path(record.path) for record in generation.mail),
    )


def _without(before: Sources, removed: Sequence[str]) -> Sources:
    trees, mail = {tree.name: tree for tree in before.trees}, list(before.mail)
    for name in removed:
        archives = [path for path in mail if str(path) == name or path == Path(name).resolve()]
        archives = archives or [path for path in mail if path.name == name]
        if name in trees:
            del trees[name]
        elif len(archives) == 1:
            mail.remove(archives[0])
        else:
            raise _unknown(name, archives, before)
    return Sources(tuple(trees.values()), tuple(mail))


def _unknown(name: str, archives: Sequence[Path], before: Sources) -> UsageError:
    if archives:
        return UsageError(f"several archives are named '{name}'", f"give the path: {', '.join(map(str, archives))}")
    there = [*(tree.name for tree in before.trees), *map(str, before.mail)]
    return UsageError(f"the index has no tree or archive '{name}'", f"there are: {', '.join(there)}" if there else "")


def _outermost(within: Sequence[str]) -> tuple[str, ...]:
    """Sorted, without those that lie below another."""
    kept: list[str] = []
    for path in sorted({one.strip("/") for one in within}):
        if not any(path == other or path.startswith(f"{other}/") for other in kept):
            kept.append(path)
    return tuple(kept)


def _free_name(name: str, taken: dict[str, TreeSource]) -> str:
    number = 2
    free = name
    while free in taken:
        free = f"{name}-{number}"
        number += 1
    return free
