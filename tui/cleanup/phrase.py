"""What an operator types to say that a cleanup is really meant: how many, and where."""

from __future__ import annotations


def phrase(count: int, host: str) -> str:
    """``31 ip-10-0-0-12``. ``host`` is safe to show."""
    return f"{count} {' '.join(host.split())}"


def is_phrase(typed: str, wanted: str) -> bool:
    """Whether it is what was asked for, whatever the space around and between its words."""
    return typed.split() == wanted.split()
