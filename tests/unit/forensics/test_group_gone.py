"""Groups that the operator declares gone: what they alone list is orphaned."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cleanup_plan.planning import APP, opened, small_site
from tests.unit.preview.building import GROUP
from tui.forensics.marks import Mark

OTHER = "other"


@pytest.mark.parametrize(
    ("gone", "shared", "alone"),
    [
        ((), Mark.DEPLOYED, Mark.DEPLOYED),
        ((GROUP,), Mark.DEPLOYED, Mark.ORPHANED),
        ((OTHER,), Mark.DEPLOYED, Mark.DEPLOYED),
        ((GROUP, OTHER), Mark.ORPHANED, Mark.ORPHANED),
    ],
)
def test_what_a_group_in_use_lists_too_stays_deployed(
    tmp_path: Path, gone: tuple[str, ...], shared: Mark, alone: Mark
) -> None:
    site = small_site(tmp_path)
    site.cleanup(f"{APP}/a.txt", f"{APP}/made.txt")
    site.cleanup(f"{APP}/a.txt", group=OTHER)
    site.put({f"{APP}/made.txt": "m"})
    with opened(site.top, gone=gone) as planned:
        e = planned.e
        assert [Mark(e.mark[planned.row(f"{APP}/{name}")]) for name in ("a.txt", "made.txt")] == [shared, alone]
        owner = e.instance.groups[e.group[planned.row(f"{APP}/a.txt")]].id
        assert owner == (OTHER if gone == (GROUP,) else GROUP)
        told = [one.kind for one in e.evidence_of(planned.row(f"{APP}/a.txt"))]
        assert told.count("cleanup-file") == 2 and ("group-gone" in told) is (shared is Mark.ORPHANED)
