"""A small tree and a small archive, written for the tests."""
# ruff: noqa: E101 - a diff has a blank before its tabs

from __future__ import annotations

import subprocess
from pathlib import Path

LAMP_C = """\
#include <linux/lamp.h>

/**
 * lamp_light - light a lamp
 * Return: 0, or -EINVAL without a lamp.
 */
int lamp_light(struct lamp *lamp)
{
	if (!lamp)
		return -EINVAL;
	lamp_switch(lamp, true);
	return 0;
}

static void lamp_switch(struct lamp *lamp, bool on)
{
	mutex_lock(&lamp->lock);
	lamp->lit = on;
	mutex_unlock(&lamp->lock);
}
"""
LAMP_H = """\
#define LAMP_VOLTS 12

struct lamp {
	struct mutex lock;
	bool lit;
};

int lamp_light(struct lamp *lamp);
"""
LAMP_RST = """\
=====
Lamps
=====

A lamp gives light.

Locking
=======

Whoever switches a lamp holds its mutex, which may sleep.
"""


def make_tree(root: Path) -> Path:
    for name, text in {
        "drivers/lamp/lamp.c": LAMP_C,
        "include/linux/lamp.h": LAMP_H,
        "Documentation/lamp.rst": LAMP_RST,
        "drivers/lamp/Kconfig": 'config LAMP\n\ttristate "Lamps"\n\tdepends on POWER\n',
        "MAINTAINERS": "Maintainers\n\nLAMPS\nM:\tMax <max@example.org>\nS:\tMaintained\nF:\tdrivers/lamp/\n",
        "Kbuild": "obj-y += drivers/\n",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def mail(number: int, subject: str, body: str, parent: str = "") -> bytes:
    head = f"From: Ann Author <ann@example.org>\nTo: list@lists.example.org\nSubject: {subject}\n"
    head += f"Message-ID: <{number}@example.org>\nDate: Mon, 04 Mar 2024 11:00:{number % 60:02} +0000\n"
    head += f"In-Reply-To: <{parent}>\nReferences: <{parent}>\n" if parent else ""
    return (head + "\n" + body).encode()


PATCH_BODY = """\
Light the lamp without waiting for dusk.

Signed-off-by: Ann Author <ann@example.org>
---
diff --git a/drivers/lamp/lamp.c b/drivers/lamp/lamp.c
--- a/drivers/lamp/lamp.c
+++ b/drivers/lamp/lamp.c
@@ -8,4 +8,5 @@ int lamp_light(struct lamp *lamp)
 {
 	if (!lamp)
 		return -EINVAL;
+	lamp->lit = true;
 	lamp_switch(lamp, true);
"""
REPLY_BODY = """\
> +++ b/drivers/lamp/lamp.c
> +	lamp->lit = true;

The lit flag belongs to the mutex, and here nobody holds that mutex.
"""


def thread() -> tuple[bytes, ...]:
    return (
        mail(1, "[PATCH v2 1/1] lamp: light it", PATCH_BODY),
        mail(2, "Re: [PATCH v2 1/1] lamp: light it", REPLY_BODY, "1@example.org"),
        mail(3, "Re: [PATCH v2 1/1] lamp: light it", "I will send another version tomorrow.\n", "2@example.org"),
    )


class V2Epoch:
    """A public-inbox v2 epoch, written with git's plumbing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.head = ""
        path.mkdir(parents=True)
        self._git("init", "-q", "--bare", "-b", "master", ".")

    def add(self, data: bytes, name: str = "m") -> str:
        """Commit one mail, or its deletion as `d`; its blob."""
        blob = self._git("hash-object", "-w", "--stdin", given=data)
        tree = self._git("mktree", given=f"100644 blob {blob}\t{name}\n".encode())
        parent = ("-p", self.head) if self.head else ()
        self.head = self._git("commit-tree", tree, *parent, "-m", "mail")
        self._git("update-ref", "refs/heads/master", self.head)
        return blob

    def rewind(self) -> None:
        """Forget the history, as a purge does."""
        self.head = ""

    def _git(self, *arguments: str, given: bytes = b"") -> str:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        command = ("git", *identity, *arguments)
        return (
            subprocess.run(command, cwd=self.path, input=given, capture_output=True, check=True).stdout.decode().strip()
        )
