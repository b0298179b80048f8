"""Which old revisions the next download deletes."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from .building import GROUP, ROOT_DIR, Site, appspec

CONFIG = "/etc/codedeploy-agent/conf/codedeployagent.yml"


def old(site: Site, *names: str) -> None:
    """Leave deployments, the oldest first."""
    for age, name in enumerate(names):
        directory = site.deployed({"appspec.yml": appspec()}, name)
        os.utime(site.place(directory), (1_000_000 + age, 1_000_000 + age))


def pruned(site: Site) -> Sequence[str]:
    return site.deploy(site.revision({}, appspec())).pruned


def test_max_revisions_counts_the_new_deployment(any_site: Site) -> None:
    old(any_site, "d-1", "d-2", "d-3", "d-4")
    assert list(pruned(any_site)) == []
    old(any_site, "d-1", "d-2", "d-3", "d-4", "d-5")
    assert list(pruned(any_site)) == ["d-1"]


def test_the_oldest_by_their_directorys_time_go_first(any_site: Site) -> None:
    old(any_site, "d-9", "d-1", "d-8", "d-2", "d-7", "d-3")
    assert list(pruned(any_site)) == ["d-9", "d-1"]


def test_the_last_completed_installs_revision_is_never_deleted(any_site: Site) -> None:
    old(any_site, "d-1", "d-2", "d-3", "d-4", "d-5", "d-6")
    any_site.completed(f"{ROOT_DIR}/{GROUP}/d-1")
    assert list(pruned(any_site)) == ["d-2", "d-3"]


def test_max_revisions_comes_from_the_config(any_site: Site) -> None:
    any_site.put({CONFIG: ":max_revisions: 2\n"})
    old(any_site, "d-1", "d-2", "d-3")
    assert list(pruned(any_site)) == ["d-1", "d-2"]


@pytest.mark.parametrize(("version", "expected"), [(1, ["d-1"]), (2, [])])
def test_version_1_counts_files_beside_the_deployments_and_version_2_directories_alone(
    tmp_path: object, version: int, expected: list[str]
) -> None:
    site = Site(tmp_path, version)  # type: ignore[arg-type]
    old(site, "d-1", "d-2", "d-3", "d-4")
    site.put({f"{ROOT_DIR}/{GROUP}/notes.txt": "n"})
    assert list(pruned(site)) == expected
    site.close()


def test_another_groups_revisions_are_not_pruned(any_site: Site) -> None:
    for number in range(8):
        any_site.deployed({"appspec.yml": appspec()}, f"d-{number}", "another-group")
    assert list(pruned(any_site)) == []


def test_a_chain_prunes_what_it_deployed_itself(site: Site) -> None:
    site.put({CONFIG: ":max_revisions: 2\n"})
    old(site, "d-1")
    nothing = site.revision({}, appspec())
    verdicts = site.chain(nothing, nothing, nothing)
    assert [list(verdict.pruned) for verdict in verdicts] == [[], ["d-1"], ["d-NEXT00001"]]


def test_a_pruned_revision_is_gone_for_the_links_that_lead_into_it(site: Site) -> None:
    site.put({CONFIG: ":max_revisions: 1\n"})
    old(site, "d-1")
    site.put({"/srv/a": "a"})
    verdict = site.deploy(site.revision({}, appspec()))
    assert (list(verdict.pruned), verdict.outcome) == (["d-1"], "succeeds")


def test_a_pointer_that_leads_elsewhere_spares_nothing_of_the_same_name(any_site: Site) -> None:
    old(any_site, "d-1", "d-2", "d-3", "d-4", "d-5")
    any_site.completed(f"{ROOT_DIR}/another-group/d-1")
    assert list(pruned(any_site)) == ["d-1"]
