"""A preview compares with the revisions left only what it has to, and tells the same as after a whole scan."""

from __future__ import annotations

import json
from typing import Optional

from tui.disk.source import open_source
from tui.forensics.marks import State
from tui.preview.play import play
from tui.preview.records import Preview, Revision

from .building import GROUP, INSTRUCTIONS, OVERWRITE, Site, appspec, step

SPEC = appspec(("app", "/srv/app"))
NAMES = ("edited", "kept", "removed", "removed-edited", "same", "swapped")


def played(site: Site, revision: Revision, verify: bool) -> tuple[Preview, dict[str, Optional[str]]]:
    """The preview of one deployment, and the states of the deployed files when it is made."""
    with open_source(str(site.top)) as root:
        examination = site.examined(root, verify)
        *_, last = play(root, examination, [step(revision, OVERWRITE)])
        rows = ((row, path) for row, path in examination.inventory.paths() if path.startswith("/srv/app/"))
        states = {path: State(examination.state[row]).label for row, path in rows}
    assert isinstance(last, Preview)
    return last, states


def instance(site: Site) -> Revision:
    """Files that a last deployment brought, some of them edited since, and a revision that leaves some of them as
    they are."""
    directory = site.deployed({"appspec.yml": SPEC, **{f"app/{name}": f"{name} as it came" for name in NAMES}})
    site.put({f"/srv/app/{name}": f"{name} as it came" for name in NAMES})
    for name in ("edited", "removed-edited"):
        site.place(f"/srv/app/{name}").write_text(f"{name} by hand !")
    site.place("/srv/app/swapped").unlink()
    site.put({"/srv/app/swapped/inside": "an operator's"})
    site.cleanup(*(f"/srv/app/{name}" for name in NAMES))
    site.completed(directory)
    archive = f"{directory}/deployment-archive"
    copies = [{"type": "copy", "source": f"{archive}/app/{name}", "destination": f"/srv/app/{name}"} for name in NAMES]
    site.put({f"{INSTRUCTIONS}/{GROUP}-install.json": json.dumps({"instructions": copies})})
    left = {f"app/{name}": f"{name} as it came" for name in ("edited", "kept", "same")}
    return site.revision({"appspec.yml": SPEC, **left}, SPEC)


def test_a_preview_tells_the_same_as_after_a_scan_that_compared_all(site: Site) -> None:
    revision = instance(site)
    later, _ = played(site, revision, verify=False)
    before, states = played(site, revision, verify=True)
    assert later == before
    assert [item.path for item in later.lost] == ["/srv/app/edited", "/srv/app/removed-edited"]
    assert State.PENDING.label not in states.values()


def test_only_what_is_destroyed_is_compared_with_its_revision(site: Site) -> None:
    _, states = played(site, instance(site), verify=False)
    assert states == {
        "/srv/app/edited": "modified",
        "/srv/app/kept": "pending",
        "/srv/app/removed": "intact",
        "/srv/app/removed-edited": "modified",
        "/srv/app/same": "pending",
        "/srv/app/swapped": "pending",
        "/srv/app/swapped/inside": None,
    }
