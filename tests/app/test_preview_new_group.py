"""A preview where the deployment root was emptied: no group has records, the next deployment is a first one."""

from __future__ import annotations

import shutil
from pathlib import Path

from tui.preview.records import NEW_GROUP

from .drive import Text, cursor_line, lines, press, text
from .previews import example, played, previewing

HOTFIX = "/srv/shop/static/hotfix.js"


async def test_where_no_group_has_records_any_more_a_first_deployment_is_foretold(tmp_path: Path) -> None:
    directory, _, name = HOTFIX.rpartition("/")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / name).write_text("ours")
    (tmp_path / "appspec.yml").write_text(
        f"version: 0.0\nos: linux\nfiles:\n  - source: app\n    destination: {directory}\n"
    )

    def emptied(top: Path) -> None:
        for entry in (top / "opt/codedeploy-agent/deployment-root").iterdir():
            shutil.rmtree(entry)

    with example("failed-disallow", emptied) as of:
        async with previewing(of) as (pilot, _):
            assert lines(pilot)[1] == "new" and "no Install event of the group has completed" in text(pilot)
            await press(pilot, "r", Text(tmp_path), "enter")
            await played(pilot)
            assert lines(pilot)[1].startswith("new \u00b7 ") and "I In the way 1" in text(pilot)
            assert HOTFIX in cursor_line(pilot)
            assert of.play.asked[-1][0][0] == NEW_GROUP
