"""Groups in one another's way, abandoned ones, and the space that revisions take."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.unit.forensics.instances import ROOT_DIR, deployment_of, group_of, instance_with
from tests.unit.forensics.looking import Healthy, examined, findings_of
from tui.agent.records import MKDIR, AppSpec, CleanupFile, FileMapping, Group, InstallPlan, Pointer
from tui.fixtures import unpack
from tui.forensics.findings.groups import QUIET, REPLACED, group_findings
from tui.forensics.findings.space import next_pruned, space_findings
from tui.forensics.marks import Finding, Severity

DAY = 86_400.0


def group(name: str, destination: str, when: float, listed: Sequence[str], **fields: Any) -> Group:
    """A group with one deployment into a destination, all of it written at one time."""
    appspec = AppSpec(f"/{name}/appspec.yml", files=(FileMapping("content", destination, 4),))
    deployment = replace(deployment_of(f"d-{name}", name, when), appspec=appspec)
    pointer = Pointer(f"/i/{name}_last_successful_install", deployment.path, deployment.id, True, when)
    lines = array("I", range(1, len(listed) + 1))
    cleanup = CleanupFile(f"/i/{name}-cleanup", list(listed), lines, mtime=when)
    return group_of(name, deployment, cleanup=cleanup, last_successful=pointer, most_recent=pointer, **fields)


def found(*groups: Group) -> dict[str, Finding]:
    return {finding.code: finding for finding in group_findings(instance_with(groups=groups))}


def test_a_file_in_two_cleanup_files() -> None:
    a = group("a", "/srv/a", 1.0, ["/srv/x/one", "/srv/a/two"])
    b = group("b", "/srv/b", 2.0, ["/srv/x/one", "/srv/b/two"])
    (twice,) = group_findings(instance_with(groups=(a, b)))
    assert (twice.code, twice.paths, twice.source) == ("claimed-twice", ("/srv/x/one",), "i/a-cleanup:1")
    assert "The groups: a and b." in twice.detail and "a and b" not in twice.title
    assert found(a, group("b", "/srv/b", 2.0, ["/srv/b/one"])) == {}


def test_a_directory_in_two_cleanup_files_is_nobodys_loss() -> None:
    plan = InstallPlan("/i/a-install.json", bytearray([MKDIR]), ["/srv/x"], array("H", [0]))
    a = group("a", "/srv/x/a", 1.0, ["/srv/x", "/srv/x/a"], plan=plan)
    assert found(a, group("b", "/srv/x/b", 2.0, ["/srv/x", "/srv/x/b"])) == {}


def test_destinations_that_overlap() -> None:
    a, b = group("a", "/srv/app", 1.0, ["/srv/app/a"]), group("b", "/srv/app/", 1.0, ["/srv/app/b"])
    same = found(a, b)["destinations-overlap"]
    assert same.severity == Severity.WARNING and same.paths == ("/srv/app",)
    nested = found(a, group("b", "/srv/app/plugins", 1.0, ["/srv/app/plugins/b"]))["destinations-overlap"]
    assert nested.severity == Severity.INFO
    assert found(a, group("b", "/srv/apps", 1.0, ["/srv/apps/b"])) == {}


def test_places_that_all_share_do_not_overlap() -> None:
    assert found(group("a", "/etc", 1.0, ["/etc/a"]), group("b", "/etc", 1.0, ["/etc/b"])) == {}


def test_a_group_whose_place_another_took() -> None:
    mine = [f"/srv/app/{n}" for n in range(4)]
    old = group("old", "/srv/app", 1.0, mine)
    taken = found(old, group("new", "/srv/app", 5.0, mine))
    assert taken["group-abandoned"].group == "old" and taken["group-abandoned"].severity == Severity.WARNING
    assert "claimed-twice" in taken and "destinations-overlap" not in taken
    other = ["/srv/app/other"]
    assert set(found(old, group("new", "/srv/app", 5.0, other))) == {"destinations-overlap"}  # both may be in use
    assert set(found(old, group("new", "/srv/app", 2.0 + REPLACED, other))) == {"group-abandoned"}


def test_a_group_that_is_quiet_while_others_are_deployed() -> None:
    old = group("old", "/srv/old", 1.0, ["/srv/old/a"])
    quiet = found(old, group("new", "/srv/new", 2.0 + QUIET, ["/srv/new/a"]))["group-abandoned"]
    assert (quiet.group, quiet.severity) == ("old", Severity.INFO) and "180 days" in quiet.detail
    assert found(old, group("new", "/srv/new", QUIET, ["/srv/new/a"])) == {}


def test_the_bundled_instances(tmp_path: Path) -> None:
    abandoned = findings_of(unpack("abandoned-group", tmp_path))
    assert "It holds 7 paths" in abandoned["group-abandoned"].detail
    shared = findings_of(unpack("two-groups-one-directory", tmp_path))
    assert shared["claimed-twice"].paths == ("/srv/shop/static/logo.svg",)
    assert "group-abandoned" not in shared


# -- pruning -----------------------------------------------------------------------------------------


def revisions(count: int, last: int) -> Group:
    deployments = [deployment_of(f"d-{n}", "g", float(n)) for n in range(count)]
    target = deployments[last].path
    return group_of("g", *deployments, last_successful=Pointer("/i/p", target, f"d-{last}", True))


def pruned(count: int, last: int) -> list[str]:
    record = revisions(count, last)
    return [path.rpartition("/")[2] for path in next_pruned(instance_with(groups=(record,)), record)]


def test_the_next_pruning_counts_the_new_revision_and_spares_the_last_successful() -> None:
    assert pruned(4, last=3) == []  # max_revisions is 5, the new one counted
    assert pruned(5, last=4) == ["d-0"]
    assert pruned(5, last=0) == ["d-1"]
    assert pruned(7, last=6) == ["d-0", "d-1", "d-2"]


def test_a_pointer_in_other_words_protects_nothing() -> None:
    record = revisions(5, last=0)
    assert record.last_successful is not None
    other = replace(record, last_successful=replace(record.last_successful, target=f"{ROOT_DIR}/g/d-0/"))
    assert next_pruned(instance_with(groups=(other,)), other) == (f"{ROOT_DIR}/g/d-0",)


def test_space_is_told_where_it_matters(tmp_path: Path) -> None:
    healthy = Healthy(tmp_path)
    examination = examined(healthy.sysroot)
    assert list(space_findings(examination)) == []
    for path in examination.revision_sizes:
        examination.revision_sizes[path] = (3, 20 << 20)
    (space,) = space_findings(examination)
    assert "2 revisions take 40.0 MiB" in space.title and "in 6 files" in space.detail
    config = replace(examination.instance.config, max_revisions=1)
    examination.instance = replace(examination.instance, config=config)
    (space,) = space_findings(examination)
    assert "more than max_revisions keeps" in space.detail
    assert [path.rpartition("/")[2] for path in space.paths] == ["d-41AAAAAAA"]


def test_one_bundle_under_two_names_counts_once(tmp_path: Path) -> None:
    examination = examined(Healthy(tmp_path).sysroot)
    (record,) = examination.instance.groups
    size = 50 << 20
    one = tuple(replace(d, bundle_size=size, bundle_file=(1, 7), bundle_links=2) for d in record.deployments)
    examination.instance = replace(examination.instance, groups=(replace(record, deployments=one),))
    (space,) = space_findings(examination)
    assert "take 50.0 MiB" in space.title
    two = tuple(replace(d, bundle_file=(1, n)) for n, d in enumerate(one))
    examination.instance = replace(examination.instance, groups=(replace(record, deployments=two),))
    (space,) = space_findings(examination)
    assert "take 100.0 MiB" in space.title
