"""One small preview with hostile names, and what every format makes of it.

``python -m tests.unit.report.preview_examples`` writes the expected bytes anew; read the difference before it is kept.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Optional

from tests.unit.report.examples import BAD, GOLDEN, HOSTILE, ROOT_DIR, SHOP, instance
from tui.agent.records import Instance
from tui.forensics.marks import Confidence, Mark
from tui.preview.records import (
    Action,
    AttributeChange,
    Behavior,
    CleanupLine,
    Collision,
    Effects,
    Ending,
    Failure,
    Lost,
    MadeBy,
    Phase,
    Preview,
    Remaining,
    ScriptToRun,
    Stays,
    Verdict,
)
from tui.report.output import Screen
from tui.report.preview_output import write_preview

RED, BOMB = "/srv/shop/[red]x[/red]", "/srv/shop/a\x1b[2J"
EXISTS = "The deployment failed because a specified file already exists at this location: "
LEFT = MadeBy(
    Mark.ORPHANED, Confidence.LIKELY, SHOP, "d-OLD00QRS4", f"revision d-OLD00QRS4 has {BAD}", f"{BAD}/appspec.yml:6"
)
OPERATOR = MadeBy(Mark.UNATTRIBUTED, Confidence.POSSIBLE, None, None, "written by hand: a\x1b[31mb\u202e")


def failing(behavior: Behavior = Behavior.DISALLOW) -> Verdict:
    """A deployment that fails when its cleanup is done, and all that a verdict can tell, with hostile names."""
    return Verdict(
        group=SHOP,
        revision="app\u202e.zip",
        behavior=behavior,
        behavior_from="option",
        version=1,
        failure=Failure(Phase.INSTRUCTIONS, EXISTS + f"/srv/shop/{BAD}", f"/srv/shop/{BAD}"),
        collisions=(
            Collision(f"/srv/shop/{BAD}", Phase.INSTRUCTIONS, EXISTS + f"/srv/shop/{BAD}", LEFT, "move it away"),
            Collision("/etc/=1+1", Phase.INSTALL, "Is a directory - /etc/=1+1", None, "move it away", "/srv/really\n"),
            Collision("", Phase.INSTALL, "can't find user for nobody\x07", None, "make the account"),
        ),
        cleanup=(
            CleanupLine(RED, Action.REMOVED, 5),
            CleanupLine(BOMB, Action.REMOVED, 4, f"/mnt/{BAD}"),
            CleanupLine("/srv/shop", Action.NOT_EMPTY, 3),
            CleanupLine("/srv/shop/cut", Action.NOT_LISTED_WHOLE, 2, None, "the last line, without a newline"),
            CleanupLine("relative\t", Action.UNKNOWN, 1, None, "relative to the agent's working directory"),
        ),
        effects=Effects((RED, BOMB), ("/srv/shop/new\\",), ("/srv/shop/=cmd", f"/srv/shop/{BAD}"), ("/bin/\u202egpj",)),
        possibly=Effects((f"/opt/{BAD}", "/opt/plain"), ("/opt/-1",), ("/opt/@x",), ("/opt/mode",)),
        overwritten=("/srv/shop/=cmd",),
        retained=(f"/srv/shop/kept {BAD}",),
        written_through=(("/srv/shop/link", f"/mnt/{BAD}"),),
        lost=(
            Lost(BOMB, "modified since it was deployed", 2150, LEFT),
            Lost(f"/srv/shop/{BAD}", "no revision left on the instance has this content", 3 << 20, OPERATOR, False),
        ),
        remains=(
            Remaining("/srv/shop", Stays.NOT_EMPTY),
            Remaining(f"/srv/shop/kept {BAD}", Stays.RETAINED),
            Remaining("/srv/shop/theirs", Stays.OTHER_GROUP, HOSTILE),
            *(Remaining(f"/srv/shop/many/{number:02}", Stays.NOT_LISTED) for number in range(30)),
        ),
        attributes=(
            AttributeChange("/bin/\u202egpj", (0o644, 0o4755), (0, 1000), None, "/srv/shop/\x1b]0;x\x07"),
            AttributeChange("/srv/shop/=cmd", None, None, (0, 50)),
        ),
        scripts=(
            ScriptToRun(
                "ApplicationStop", "stop\n.sh", "d-ABC12DEF3", f"{ROOT_DIR}/stop\n.sh", False, None, None, "gone"
            ),
            ScriptToRun("AfterInstall", f"{BAD}.sh", "app\u202e.zip", f"{ROOT_DIR}/{BAD}.sh", True, True, "app\x1b"),
            ScriptToRun("ApplicationStart", "x.sh", "app\u202e.zip", f"{ROOT_DIR}/x.sh", None, None, None),
        ),
        pruned=("d-OLD00QRS4", BAD),
        notes=("A note on \x1b[1m and [b]x[/b].",),
        guide=("Guide: all is well. Agent: it is not (2 files).",),
        instructions=12,
    )


def succeeding() -> Verdict:
    """A deployment that succeeds and does next to nothing."""
    line = CleanupLine("/srv/shop/a", Action.REMOVED, 1)
    return Verdict(
        SHOP, "d-ABC12DEF3", Behavior.RETAIN, "appspec", 1, cleanup=(line,), effects=Effects(("/srv/shop/a",)),
        instructions=1,
    )  # fmt: skip


def single() -> Preview:
    """One deployment, which fails."""
    verdict = failing()
    return Preview((verdict,), verdict.effects, verdict.possibly, verdict.lost)


def behaviors() -> Preview:
    """The same with all three behaviors."""
    found = {behavior: failing(behavior) for behavior in Behavior}
    found[Behavior.RETAIN] = replace(succeeding(), group=SHOP, revision="app\u202e.zip", behavior_from="option")
    return replace(single(), by_behavior=found)


def chain() -> Preview:
    """A deployment that fails, one that is told to fail, and the rollback."""
    told = replace(succeeding(), behavior=Behavior.OVERWRITE, behavior_from="default", ending=Ending.IN_SCRIPT)
    total = Effects(("/srv/shop/a", f"/srv/shop/{BAD}"), (), ("/srv/shop/=cmd",), ())
    return Preview(
        (failing(), told, succeeding()), total, Effects(("/opt/plain",)), (Lost(BOMB, "modified", 2150, LEFT),)
    )  # fmt: skip


def rendered(
    preview: Preview,
    format_name: str,
    paths: bool = False,
    width: int = 100,
    color: bool = False,
    encoding: str = "utf-8",
    of: Optional[Instance] = None,
) -> bytes:
    """The bytes of a report."""
    stream = io.BytesIO()
    write_preview(preview, of or instance(), format_name, stream, Screen(width, color, encoding), paths)
    return stream.getvalue()


# The file of the expected bytes, and how they come about. CSV is kept with LF alone, safe from checkouts.
RENDERINGS: dict[str, tuple[Preview, str, bool, int, bool]] = {
    "preview.json": (single(), "json", False, 100, False),
    "preview-behaviors.json": (behaviors(), "json", False, 100, False),
    "preview-chain.json": (chain(), "json", False, 100, False),
    "preview-chain.jsonl": (chain(), "jsonl", False, 100, False),
    "preview-behaviors.jsonl": (behaviors(), "jsonl", False, 100, False),
    "preview-chain.csv": (chain(), "csv", False, 100, False),
    "preview-80.txt": (single(), "table", False, 80, False),
    "preview-paths-120.txt": (single(), "table", True, 120, False),
    "preview-behaviors-100.txt": (behaviors(), "table", False, 100, False),
    "preview-chain-40.txt": (chain(), "table", False, 40, False),
    "preview-chain-color.txt": (chain(), "table", False, 80, True),
}


def golden_bytes(name: str) -> bytes:
    """What a rendering gives now, in the form that is kept."""
    return rendered(*RENDERINGS[name]).replace(b"\r\n", b"\n")


def verdicts(preview: Preview) -> Sequence[Verdict]:
    """All verdicts that the lines of a preview tell of."""
    return tuple(preview.by_behavior.values()) or preview.verdicts


if __name__ == "__main__":
    for file_name in RENDERINGS:
        (GOLDEN / file_name).write_bytes(golden_bytes(file_name))
