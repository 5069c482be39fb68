"""The headers of a mail and its parts: the standard library's parser, spared what most mail does not need of it.

Half of an archive's bytes are headers that nobody reads (Received, DKIM-Signature), and the library reads the body of a
mail of one part line by line, looking for borders that are not there. Sources: RFC 5322, RFC 2045.
"""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import Message as Parsed

_FIELD = re.compile(rb"([!-9;-~]+):[ \t]*([^\n]*\n(?:[ \t][^\n]*\n)*)")
_END = re.compile(rb"\r?\n")
_CONTENT = frozenset({"content-type", "content-disposition"})
# In these a body is written as it is.
_IDENTITY = frozenset({"7bit", "8bit", "binary"})
_ENCODING = "content-transfer-encoding"


class Plain(Parsed):
    """A mail of one part whose body stands in the mail as it is."""

    body: bytes = b""


def read_parts(data: bytes, headers: dict[str, list[str]]) -> Parsed:
    """Fills `headers`: lower-case name -> values as they stand there, folds included."""
    end = _fields(data, headers)
    kind = headers.get("content-type", [""])[0].lower()
    if end and "multipart/" not in kind and "message/" not in kind and _is_identity(headers):
        plain = Plain(policy.compat32)
        for name in _CONTENT & headers.keys():
            plain[name] = headers[name][0]
        plain.body = data[end:]
        return plain
    headers.clear()
    parsed = message_from_bytes(data, policy=policy.compat32)
    for name, value in parsed.raw_items():
        headers.setdefault(str(name).lower(), []).append(str(value))
    return parsed


def part_data(part: Parsed) -> bytes:
    """The bytes of a part, its transfer encoding undone."""
    if isinstance(part, Plain):
        return part.body
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _fields(data: bytes, headers: dict[str, list[str]]) -> int:
    """Where the body begins; 0 where the headers are not as they should be, which is for the library to sort out."""
    at = 0
    while (field := _FIELD.match(data, at)) is not None:
        name, value = field.groups()
        text = value.decode("ascii", "surrogateescape").rstrip("\r\n")
        headers.setdefault(name.decode("ascii").lower(), []).append(text)
        at = field.end()
    end = _END.match(data, at)
    return end.end() if end and headers else 0


def _is_identity(headers: dict[str, list[str]]) -> bool:
    return headers.get(_ENCODING, ["7bit"])[0].strip().lower() in _IDENTITY
