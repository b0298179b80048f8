"""Damaged instances: a scan of each ends, can be told in every format, and changes nothing."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tui.disk.root import Root, RootError, Unusable
from tui.disk.windows_view import WindowsView

from .damage import damage, victims
from .instances import EXAMPLES, check, copied, picture, scanned, survives
from .roots import KINDS, Troubled, failing


@pytest.mark.parametrize("part", range(4))
def test_a_damaged_instance_is_scanned_and_told_or_refused_with_a_reason(
    part: int, whole: list[Path], tmp_path: Path
) -> None:
    ended = 0
    number = EXAMPLES // 4 or 20
    for seed in range(part * number, (part + 1) * number):
        draw = random.Random(seed)
        instance = copied(whole[seed % len(whole)], tmp_path / "instance")
        done = damage(instance, victims(instance), draw)
        before = picture(instance)
        try:
            ended += survives(instance)
            assert picture(instance) == before, "the scan changed something"
        except Exception as error:
            raise AssertionError(f"seed {seed}, {whole[seed % len(whole)]}: {done}: {error!r}") from error
    assert ended > number // 2, "most of the instances still have an agent to be found"


def look_ups(instance: Path) -> int:
    """How many look-ups a scan of a whole instance takes."""
    counted: list[Troubled] = []

    def count(root: Root) -> Root:
        counted.append(Troubled(root, 0, failing(Unusable), 0))
        return counted[0]

    assert survives(instance, count)
    return counted[0].calls


@pytest.mark.parametrize("kind", KINDS)
def test_a_look_up_that_fails_ends_in_a_result_or_an_error_of_a_known_kind(
    kind: type[RootError], whole: list[Path]
) -> None:
    draw = random.Random(kind.__name__)
    ended = 0
    number = EXAMPLES // len(KINDS) or 16
    for example in range(number):
        instance = whole[example % len(whole)]
        at, many = draw.randint(1, look_ups(instance)), draw.choice((1, 1, 3, 10**9))
        try:
            ended += survives(instance, lambda root, at=at, many=many: Troubled(root, at, failing(kind), many))  # type: ignore[misc]
        except Exception as error:
            raise AssertionError(f"{kind.__name__} at {at}, {many} times, in {instance}: {error!r}") from error
    assert ended > number // 3


def test_an_instance_that_changes_during_the_scan_is_told_all_the_same(whole: list[Path], tmp_path: Path) -> None:
    ended = 0
    number = EXAMPLES or 30
    for seed in range(number):
        draw = random.Random(f"change {seed}")
        instance = copied(whole[seed % len(whole)], tmp_path / "instance")
        paths = victims(instance)
        at = draw.randint(1, look_ups(instance))
        done: list[str] = []

        def change(path: str) -> None:
            done.extend(damage(instance, paths, draw))  # noqa: B023

        try:
            ended += survives(instance, lambda root: Troubled(root, at, change))  # noqa: B023
        except Exception as error:
            raise AssertionError(f"seed {seed}, {whole[seed % len(whole)]}, at {at}: {done}: {error!r}") from error
    assert ended > number // 2


@pytest.mark.skipif(os.name != "posix", reason="needs the Root of a POSIX system")
@pytest.mark.parametrize("kind", KINDS)
def test_a_look_up_below_a_drive_that_fails_ends_in_a_result_or_an_error_of_a_known_kind(
    kind: type[RootError], whole: list[Path]
) -> None:
    from tui.disk.posix import PosixRoot

    place = next(place for place in whole if place.name == "windows-guide")
    draw = random.Random(kind.__name__)
    for _ in range(EXAMPLES // len(KINDS) or 12):
        at, many = draw.randint(1, 176), draw.choice((1, 1, 3, 10**9))
        inner = Troubled(PosixRoot(str(place)), at, failing(kind), many)
        with WindowsView(inner, {"C:": "/C", "D:": "/D"}) as root:
            try:
                examination = scanned(root)
                if examination is not None:
                    check(examination)
            except Exception as error:
                raise AssertionError(f"{kind.__name__} at {at}, {many} times: {error!r}") from error
