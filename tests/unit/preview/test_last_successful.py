"""``last-successful`` in a chain: the last completed Install when its step comes, an earlier step's too."""

from __future__ import annotations

import pytest

from tui.preview.records import Ending, LastSuccessful, Step
from tui.preview.revision import NoRevision

from .building import GROUP, Site


def test_last_successful_is_the_last_completed_install_at_that_point(site: Site) -> None:
    def label(*steps: Step) -> list[str]:
        return [verdict.revision for verdict in site.chain(*steps)]

    site.completed(site.deployed({"appspec.yml": '{"version": 0.0, "os": "linux"}'}))
    last, one, two = LastSuccessful(), site.revision({"app/a": "1"}), site.revision({"app/a": "2"})
    assert label(Step(GROUP, last)) == ["d-LASTLAST1"]
    assert label(Step(GROUP, one), Step(GROUP, last)) == ["0", "0"]
    assert label(Step(GROUP, one, None, Ending.IN_INSTALL), Step(GROUP, last)) == ["0", "d-LASTLAST1"]
    assert label(Step(GROUP, one), Step(GROUP, two, None, Ending.IN_SCRIPT), Step(GROUP, last)) == ["0", "1", "1"]
    assert label(Step(GROUP, one), Step(GROUP, two, None, Ending.IN_INSTALL), Step(GROUP, last)) == ["0", "1", "0"]


def test_last_successful_needs_an_install_that_completed(site: Site) -> None:
    one = site.revision({"app/a": "1"})
    site.cleanup("/srv/app/a")
    with pytest.raises(NoRevision, match="no Install event of the group has completed"):
        site.chain(Step(GROUP, LastSuccessful()))
    *_, verdict = site.chain(one, Step(GROUP, LastSuccessful()))
    assert verdict.effects.changed == [] and verdict.outcome == "succeeds"
