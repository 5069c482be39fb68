"""Build a public-inbox v2 archive from the mails in messages/: `python make_archive.py [OUTPUT]`.

The layout is that of https://public-inbox.org/public-inbox-v2-format.html: one bare repository per epoch, here only
git/0.git, and one commit a message whose tree holds the mail as the file `m`. A message that was removed from the
archive has a later commit whose tree holds it as `d`. Names and dates come from the mails, so the commit ids are the
same each time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import default
from email.utils import parseaddr
from pathlib import Path

HERE = Path(__file__).resolve().parent
MESSAGES = HERE / "messages"
DELETED = "0028-spam.eml"
LIST_NAME = "example-kernel"
LIST_ADDRESS = "example-kernel@lists.example.org"
# A packing in the background would still hold files when the new archive is moved into place.
QUIET_CONFIGURATION = ("-c", "gc.auto=0", "-c", "core.hooksPath=/dev/null")


def block(data: bytes) -> bytes:
    """Bytes with their length in front, as `git fast-import` reads them."""
    return b"data %d\n%s\n" % (len(data), data)


def person(name: str, address: str, when: str) -> bytes:
    return f"{name or address} <{address}> {when}\n".encode()


def commit(mail: bytes, file: str, subject: str) -> bytes:
    """One commit with `mail` as the only file of its tree; a deletion bears a subject of its own."""
    message = BytesParser(policy=default).parsebytes(mail)
    name, address = parseaddr(str(message["From"]))
    sent = message["Date"].datetime
    when = f"{int(sent.timestamp())} {sent:%z}"
    text = (subject or str(message["Subject"])).encode()
    return b"".join(
        (
            b"commit refs/heads/master\n",
            b"author " + person(name, address, when),
            b"committer " + person(LIST_NAME, LIST_ADDRESS, when),
            block(text + b"\n"),
            b"deleteall\n",
            f"M 100644 inline {file}\n".encode(),
            block(mail),
        )
    )


def stream() -> Iterator[bytes]:
    """The input of `git fast-import`: all messages in the order of their file names, then the deletion."""
    for path in sorted(MESSAGES.glob("*.eml")):
        yield commit(path.read_bytes(), "m", "")
    yield commit((MESSAGES / DELETED).read_bytes(), "d", "rm")


def git(repository: Path, *arguments: str, data: bytes = b"") -> str:
    """Run git on `repository`, free of the user's configuration. Raises CalledProcessError."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", *QUIET_CONFIGURATION, f"--git-dir={repository}", *arguments]
    done = subprocess.run(command, input=data, env=environment, check=True, stdout=subprocess.PIPE)
    return done.stdout.decode().strip()


def build(output: Path) -> str:
    """Build the archive in `output`, replacing one that is there, and return the id of its last commit.

    Raises FileExistsError when `output` is there and is not such an archive.
    """
    if output.exists() and not (output / "git" / "0.git").is_dir() and any(output.iterdir()):
        raise FileExistsError(f"'{output}' is not an archive")
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".archive-") as beside:
        repository = Path(beside) / "new" / "git" / "0.git"
        repository.mkdir(parents=True)
        git(repository, "init", "--quiet", "--bare", "--template=", "--initial-branch=master")
        git(repository, "fast-import", "--quiet", data=b"".join(stream()))
        head = git(repository, "rev-parse", "--verify", "refs/heads/master")
        if output.exists():
            shutil.rmtree(output)
        (Path(beside) / "new").rename(output)
    return head


def main() -> None:
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "archive"
    try:
        print(build(output))
    except FileExistsError as error:
        sys.exit(f"make_archive: {error}")


if __name__ == "__main__":
    main()
