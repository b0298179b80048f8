"""Ways to damage a file's content."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import yaml

from .words import ODD_VALUES, WORDS


def rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    """Change a file's bytes in place. What is no file is left alone."""
    if path.is_file() and not path.is_symlink():
        path.write_bytes(change(path.read_bytes()))


def cut(path: Path, draw: random.Random) -> None:
    rewrite(path, lambda data: data[: draw.randint(0, len(data))])


def cut_front(path: Path, draw: random.Random) -> None:
    rewrite(path, lambda data: data[draw.randint(0, len(data)) :])


def emptied(path: Path, draw: random.Random) -> None:
    rewrite(path, lambda data: b"")


def noise(path: Path, draw: random.Random) -> None:
    rewrite(path, lambda data: draw.getrandbits(8 * 400).to_bytes(400, "big"))


def flipped(path: Path, draw: random.Random) -> None:
    def change(data: bytes) -> bytes:
        found = bytearray(data)
        for _ in range(draw.randint(1, 8) if found else 0):
            found[draw.randrange(len(found))] = draw.randrange(256)
        return bytes(found)

    rewrite(path, change)


def worded(path: Path, draw: random.Random) -> None:
    """Something nasty put into it, as a line of its own or into one."""

    def change(data: bytes) -> bytes:
        at = draw.randint(0, len(data))
        word = draw.choice(WORDS)
        return data[:at] + (b"\n" + word + b"\n" if draw.random() < 0.5 else word) + data[at:]

    rewrite(path, change)


def replaced_words(path: Path, draw: random.Random) -> None:
    """A line's value replaced: what follows its colon, or all of it."""

    def change(data: bytes) -> bytes:
        lines = data.split(b"\n")
        at = draw.randrange(len(lines))
        head, colon, _ = lines[at].partition(b":")
        lines[at] = (head + colon + b" " if draw.random() < 0.7 else b"") + draw.choice(WORDS)
        return b"\n".join(lines)

    rewrite(path, change)


def repeated(path: Path, draw: random.Random) -> None:
    def change(data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        return data + b"".join(draw.choices(lines, k=draw.randint(1, 2000))) if lines else data

    rewrite(path, change)


def shuffled(path: Path, draw: random.Random) -> None:
    def change(data: bytes) -> bytes:
        lines = data.splitlines(keepends=True)
        draw.shuffle(lines)
        return b"".join(lines)

    rewrite(path, change)


def with_crlf(path: Path, draw: random.Random) -> None:
    rewrite(path, lambda data: data.replace(b"\n", b"\r\n"))


def as_utf16(path: Path, draw: random.Random) -> None:
    rewrite(path, lambda data: b"\xff\xfe" + b"\0".join(data[i : i + 1] for i in range(len(data))) + b"\0")


def huge(path: Path, draw: random.Random) -> None:
    """One very long line, or a file that says it is very large."""
    if draw.random() < 0.5:
        rewrite(path, lambda data: data + draw.choice(WORDS)[:1] * 3_000_000)
    elif path.is_file() and not path.is_symlink():
        os.truncate(path, 200 << 20)


def _nodes(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    pending = [value]
    while pending:
        here = pending.pop()
        keys = list(here) if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ()
        for key in keys:
            yield here, key
            pending.append(here[key])


def restructured(path: Path, draw: random.Random) -> None:
    """A JSON or YAML record that parses, with values of other kinds in it."""

    def change(data: bytes) -> bytes:
        try:
            value = yaml.load(data, yaml.SafeLoader)
        except (yaml.YAMLError, ValueError):
            return data
        nodes = list(_nodes(value))
        for container, key in draw.sample(nodes, min(len(nodes), draw.randint(1, 3))):
            if isinstance(container, dict) and draw.random() < 0.2:
                container.pop(key, None)
            elif isinstance(container, list) and key < len(container) and draw.random() < 0.2:
                container.append(container[key])
            elif isinstance(container, dict) or key < len(container):
                container[key] = draw.choice(ODD_VALUES)
        if path.suffix == ".json":
            return json.dumps(value).encode("utf-8", "surrogatepass")
        return yaml.safe_dump(value, default_flow_style=draw.random() < 0.3).encode("utf-8", "surrogatepass")

    rewrite(path, change)
