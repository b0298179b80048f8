"""The app on damaged instances, opened one after the other and walked through with any keys."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.app.drive import lines, settled
from tui.app.app import ForensicsApp
from tui.app.scanning import ScanSource
from tui.forensics.scan import ScanOptions, scan

from .damage import damage, victims
from .instances import EXAMPLES, NOW, copied, opened
from .roots import KINDS, Troubled, failing

KEYS = (
    "f", "f", "enter", "enter", "enter", "down", "down", "end", "home", "pagedown", "tab", "shift+tab", "escape",
    "e", "d", "i", "s", "v", "n", "question_mark", "D", "S", "O", "U", "a", "slash", "x", "y", "r", "left", "right",
)  # fmt: skip


@pytest.mark.parametrize("part", range(2))
async def test_the_app_opens_and_goes_through_damaged_instances(part: int, whole: list[Path], tmp_path: Path) -> None:
    number = EXAMPLES // 2 or 8
    failures = set()
    for seed in range(part * number, (part + 1) * number):
        draw = random.Random(f"app {seed}")
        instance = copied(whole[seed % len(whole)], tmp_path / "instance")
        done = [str(instance), *damage(instance, victims(instance), draw)]
        root = opened(instance)
        if root is None:
            continue
        if draw.random() < 0.2:
            root = Troubled(root, draw.randint(20, 400), failing(draw.choice(KINDS)), draw.choice((1, 10**9)))
        keys = draw.choices(KEYS, k=8)
        app = ForensicsApp(ScanSource.of(root, ScanOptions(now=NOW), scan), now=lambda: NOW)
        told = f"seed {seed}, {whole[seed % len(whole)].name}: {done}, keys {keys}"
        try:
            async with app.run_test(size=draw.choice(((80, 24), (120, 40), (40, 10)))) as pilot:
                await settled(pilot)
                for key in keys:
                    await pilot.press(key)
                    shown = "".join(lines(pilot))
                    assert not [c for c in shown if ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c == "\u202e"]
                failures.add(app.state.failure.kind if app.state.failure else "")
                assert app.state.failure is None or app.state.failure.kind != "unexpected", app.state.failure
        except Exception as error:
            raise AssertionError(f"{told}: {error!r}") from error
        finally:
            root.close()
        assert not app.return_code, told
    assert "" in failures
