"""Changes of XML: its tags and attributes, what it declares, and what it packs."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Sequence
from random import Random

from tools.fuzz.changes import TOO_LONG, ByteChange
from tools.fuzz.text_changes import NUMBERS, WORDS, of_text

_TAG = re.compile(r"<[^<>]*>")
_ATTRIBUTE = re.compile(r'(?<![\w:])([\w:]++)="([^"]*)"')
_PACKED = re.compile(r">\s*+([A-Za-z0-9+/=]{16,}+)\s*+<")


def declare(text: str, _others: Sequence[str], draw: Random) -> str:
    """Put a document type in front: entities that grow, lead out of the file, or to themselves."""
    root = re.search(r"<([A-Za-z_][\w:.-]*)", text)
    name = root[1] if root else "a"
    laughs = "".join(
        f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha"}">' for i in range(draw.choice((3, 12)))
    )
    kind = draw.choice(
        (
            f"<!DOCTYPE {name} [{laughs}]>",
            f'<!DOCTYPE {name} [<!ENTITY e "{"x" * 50_000}">]>',
            f'<!DOCTYPE {name} [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
            f'<!DOCTYPE {name} SYSTEM "http://localhost:9/x.dtd">',
            f'<!DOCTYPE {name} [<!ENTITY % p SYSTEM "file:///dev/zero"> %p;]>',
            f'<!DOCTYPE {name} [<!ENTITY a "&b;"><!ENTITY b "&a;">]>',
            f"<!DOCTYPE {name}>",
            f'<!DOCTYPE {name} [<!ATTLIST {name} id CDATA "1">]>',
            '<?xml version="1.0" encoding="utf-16"?>',
            '<?xml-stylesheet href="file:///dev/zero"?>',
        )
    )
    body = re.sub(r"^<\?xml[^>]*\?>", "", text)
    if draw.random() < 0.7:
        use = draw.choice(("&e;", "&l2;" * 200, "&a;", "&l11;", "%p;"))
        at = _TAG.search(body, draw.randrange(len(body) + 1))
        if at:
            body = body[: at.end()] + use + body[at.end() :]
    return kind + body


def attribute(text: str, _others: Sequence[str], draw: Random) -> str:
    """Change, drop or repeat an attribute."""
    if not text:
        return text
    found = _ATTRIBUTE.search(text, draw.randrange(len(text))) or _ATTRIBUTE.search(text)
    if found is None:
        return text
    name, value = found[1], found[2]
    escaped = draw.choice((draw.choice(NUMBERS), draw.choice(WORDS))).replace("&", "&amp;")
    escaped = escaped.replace('"', "&quot;").replace("<", "&lt;")
    new = draw.choice(
        (f'{name}="{escaped}"', f'{name}="{escaped}"', "", f"{found[0]} {found[0]}",
         f'{draw.choice(("id", "name", "type", "x"))}="{value}"', f'{name}="{value}{value}"')
    )  # fmt: skip
    return text[: found.start()] + new + text[found.end() :]


def tag(text: str, others: Sequence[str], draw: Random) -> str:
    """Drop, repeat, replace or open a tag once more."""
    if not text:
        return text
    found = _TAG.search(text, draw.randrange(len(text))) or _TAG.search(text)
    if found is None:
        return text
    pool = _TAG.findall(draw.choice([text, *others])[:200_000]) or [""]
    times = draw.choice((1, 1, 2, 1000, 30_000))
    new = draw.choice(
        ("", found[0] * 2, draw.choice(pool), found[0] * min(times, TOO_LONG // len(found[0])))
    )
    return text[: found.start()] + new + text[found.end() :]


def packed(text: str, _others: Sequence[str], draw: Random) -> str:
    """Change what lies packed in base 64: its sizes, its bytes, or put a bomb there."""
    found = _PACKED.search(text, draw.randrange(max(len(text), 1))) or _PACKED.search(text)
    if found is None:
        return text
    try:
        inner = bytearray(base64.b64decode(found[1] + "=="))
    except ValueError:
        return text
    what = draw.randrange(4)
    if what == 0 and len(inner) >= 8:
        at = draw.randrange(0, min(len(inner) - 7, 40), 4)
        inner[at : at + 8] = draw.choice((2**31, 2**40, 2**63, 2**64 - 1, 0)).to_bytes(8, "little")
    elif what == 1:
        inner[draw.randrange(len(inner))] ^= 1 << draw.randrange(8)
    elif what == 2:
        bomb = zlib.compress(bytes(2**26), 9)
        block = 2**26
        head = b"".join(n.to_bytes(draw.choice((4, 8)), "little") for n in (1, block, 0, len(bomb)))
        inner = bytearray(head + bomb)
    else:
        inner = inner[: draw.randrange(len(inner) + 1)]
    return text[: found.start(1)] + base64.b64encode(bytes(inner)).decode() + text[found.end(1) :]


XML: tuple[ByteChange, ...] = tuple(
    of_text(change) for change in (declare, attribute, attribute, tag, tag, packed)
)
