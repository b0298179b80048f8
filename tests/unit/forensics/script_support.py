"""Following scripts for tests, and their effects in a readable form."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from tui import windows_paths
from tui.forensics.scripts.dialects import follow, run_file, run_nested
from tui.forensics.scripts.effects import Effects, Use
from tui.forensics.scripts.values import ANY, DEEP, ONE, STAR, Spent, known
from tui.forensics.scripts.world import World
from tui.paths import normal_path

ARCHIVE = "/opt/codedeploy-agent/deployment-root/g/d-1/deployment-archive"
_SHOWN = str.maketrans({ANY: "<?>", DEEP: "<??>", STAR: "*", ONE: "?"})


def followed(text: str, name: str = "scripts/x.sh", windows: bool = False, **variables: str) -> Effects:
    """The effects of a script's text, started in ``/``."""
    effects = Effects(windows_paths.inside if windows else normal_path, windows)
    world = World(
        effects, environment={k: (v,) for k, v in variables.items()}, run_file=run_file, run_nested=run_nested
    )
    path = f"/C:/archive/{name}" if windows else f"{ARCHIVE}/{name}"
    with suppress(Spent):
        follow(world, path, text.encode("utf-8", "surrogateescape"), (), ("",) if windows else ("/",))
    return effects


def told(text: str, *uses: Use, name: str = "scripts/x.sh", windows: bool = False, **variables: str) -> list[str]:
    """The paths that a script uses so (makes or adds to, if none is named): unknown pieces shown, ``/…`` for trees."""
    wanted = uses or (Use.MAKES, Use.APPENDS)
    found = followed(text, name, windows, **variables).found
    return [effect.text.translate(_SHOWN) + ("/…" if effect.tree else "") for effect in found if effect.use in wanted]


_SAYS_MOST = (Use.MAKES, Use.APPENDS, Use.CHANGES, Use.REMOVES, Use.NAMES)


def mentions_in(text: str) -> Iterator[tuple[str, int, Use]]:
    """``(path, line, use)`` for each absolute path that a shell script gives whole, the strongest use of each line."""
    uses: dict[tuple[int, str], Use] = {}
    for effect in followed(text).found:
        if known(effect.text) and not effect.tree:
            key = effect.line, effect.text
            uses[key] = min(effect.use, uses.get(key, effect.use), key=_SAYS_MOST.index)
    for (line, path), use in sorted(uses.items()):
        yield path, line, use
