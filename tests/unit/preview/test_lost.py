"""What would be lost: content that a deployment destroys and that no revision left on the instance holds."""

from __future__ import annotations

import json
import os

from tests.support import posix_only
from tui.preview.records import Verdict

from .building import ARCHIVE, GROUP, OVERWRITE, RETAIN, ROOT_DIR, Link, Site, appspec, step

SPEC = appspec(("app", "/srv/app"))
CONFIG = "/etc/codedeploy-agent/conf/codedeployagent.yml"


def lost(verdict: Verdict) -> list[str]:
    return [item.path for item in verdict.lost]


def installed(site: Site, files: dict[str, str], deployment: str = "d-LASTLAST1") -> None:
    """Let a revision be what was installed last: its archive, its files in place, and all records."""
    directory = site.deployed(
        {"appspec.yml": SPEC, **{f"app/{name}": data for name, data in files.items()}}, deployment
    )
    site.put({f"/srv/app/{name}": data for name, data in files.items()})
    site.cleanup(*(f"/srv/app/{name}" for name in files))
    site.completed(directory)
    instructions = [
        {"type": "copy", "source": f"{directory}/deployment-archive/app/{name}", "destination": f"/srv/app/{name}"}
        for name in files
    ]
    site.put({f"{site.instructions}/{GROUP}-install.json": json.dumps({"instructions": instructions})})


def test_what_its_revision_still_holds_is_not_lost(site: Site) -> None:
    installed(site, {"a": "as it came"})
    assert lost(site.deploy(site.revision({}, appspec()))) == []


def test_a_modified_file_is_lost_when_it_is_removed(site: Site) -> None:
    installed(site, {"a": "as it came"})
    site.put({"/srv/app/a": "edited by hand"})
    verdict = site.deploy(site.revision({}, appspec()))
    (item,) = verdict.lost
    assert (item.path, item.size, item.sure) == ("/srv/app/a", len("edited by hand"), True)
    assert item.reason.startswith("modified since it was deployed")


def test_an_operators_file_that_is_overwritten_is_lost(site: Site) -> None:
    site.put({"/srv/app/a": "an operator's"})
    site.deployed({"appspec.yml": SPEC})
    revision = site.revision({"app/a": "ours"})
    assert lost(site.deploy(revision, OVERWRITE)) == ["/srv/app/a"]
    assert lost(site.deploy(revision, RETAIN)) == []


def test_content_that_any_revision_on_the_instance_holds_is_not_lost(site: Site) -> None:
    site.deployed({"appspec.yml": SPEC, "elsewhere/under/another/name": "an operator's"}, group="another-group")
    site.put({"/srv/app/a": "an operator's"})
    assert lost(site.deploy(site.revision({"app/a": "ours"}), OVERWRITE)) == []


def test_content_that_the_new_revision_holds_is_not_lost(site: Site) -> None:
    site.put({"/srv/app/a": "1", "/srv/app/b": "2"})
    site.cleanup("/srv/app/a", "/srv/app/b")
    assert lost(site.deploy(site.revision({"app/moved/a": "1"}))) == ["/srv/app/b"]


def test_content_that_the_new_revision_holds_where_nothing_is_copied_from_is_not_lost(site: Site) -> None:
    site.put({"/srv/app/a": "1", "/srv/app/b": "2", "/srv/app/c": "3"})
    site.cleanup("/srv/app/a", "/srv/app/b", "/srv/app/c")
    assert lost(site.deploy(site.revision({"app/x": "x", "doc/old/a": "1", "c": "3"}))) == ["/srv/app/b"]


def test_content_that_the_new_revision_writes_over_in_itself_is_lost(site: Site) -> None:
    site.put({"/srv/app/a": "1"})
    spec = appspec(("app", "/srv/app"), ("app", f"{ARCHIVE}/old"))
    assert lost(site.deploy(site.revision({"app/a": "x", "old/a": "1"}, spec), OVERWRITE)) == ["/srv/app/a"]
    assert lost(site.deploy(site.revision({"app/a": "x", "old/b": "1"}, spec), OVERWRITE)) == []


def test_content_of_a_revision_that_this_download_prunes_is_lost(site: Site) -> None:
    site.put({CONFIG: ":max_revisions: 1\n"})
    installed(site, {"a": "as it came"})
    site.place(f"{site.instructions}/{GROUP}_last_successful_install").unlink()
    verdict = site.deploy(site.revision({}, appspec()))
    assert list(verdict.pruned) == ["d-LASTLAST1"]
    assert lost(verdict) == ["/srv/app/a"]


def test_an_empty_file_has_no_content_to_lose(site: Site) -> None:
    site.put({"/srv/app/a": ""})
    site.cleanup("/srv/app/a")
    assert lost(site.deploy(site.revision({}, appspec()))) == []


def test_a_file_that_is_copied_over_with_the_same_content_is_not_lost(site: Site) -> None:
    site.put({"/srv/app/a": "same"})
    site.cleanup("/srv/app/a")
    assert lost(site.deploy(site.revision({"app/a": "same"}))) == []


def test_a_link_is_lost_where_somebody_let_it_lead_elsewhere(site: Site) -> None:
    installed(site, {"a": "a file"})
    archive = f"{ROOT_DIR}/{GROUP}/d-LASTLAST1/deployment-archive"
    instructions = [
        {"type": "copy", "source": f"{archive}/app/{name}", "destination": f"/srv/app/{name}"} for name in ("l", "m")
    ]
    site.place(f"{site.instructions}/{GROUP}-install.json").write_text(json.dumps({"instructions": instructions}))
    site.put({f"{archive}/app/l": Link("x"), f"{archive}/app/m": Link("x")})
    site.put({"/srv/app/l": Link("x"), "/srv/app/m": Link("an operator's")})
    site.cleanup("/srv/app/l", "/srv/app/m")
    verdict = site.deploy(site.revision({}, appspec()))
    assert [(item.path, item.reason) for item in verdict.lost] == [
        ("/srv/app/m", "the link's target is written nowhere else")
    ]


def test_what_a_failing_deployment_never_comes_to_is_not_lost(site: Site) -> None:
    site.put({"/srv/app/a": "an operator's", "/srv/app/b": "another"})
    verdict = site.deploy(site.revision({"app/a": "ours", "app/b": "b"}))
    assert (verdict.outcome, lost(verdict)) == ("fails", [])


@posix_only
def test_a_file_with_a_name_left_elsewhere_is_not_lost(site: Site) -> None:
    site.put({"/srv/app/a": "an operator's", "/backup": None})
    os.link(site.place("/srv/app/a"), site.place("/backup/a"))
    site.cleanup("/srv/app/a")
    assert lost(site.deploy(site.revision({}, appspec()))) == []


@posix_only
def test_a_file_with_two_names_that_is_overwritten_in_place_is_lost(site: Site) -> None:
    site.put({"/srv/app/a": "an operator's", "/backup": None})
    os.link(site.place("/srv/app/a"), site.place("/backup/a"))
    assert lost(site.deploy(site.revision({"app/a": "ours"}), OVERWRITE)) == ["/srv/app/a"]


@posix_only
def test_a_file_whose_every_name_is_removed_is_lost(site: Site) -> None:
    site.put({"/srv/app/a": "an operator's"})
    os.link(site.place("/srv/app/a"), site.place("/srv/app/b"))
    site.cleanup("/srv/app/a", "/srv/app/b")
    assert lost(site.deploy(site.revision({}, appspec()))) == ["/srv/app/a", "/srv/app/b"]


def test_a_chain_loses_what_stood_on_disk_at_first_and_not_what_its_own_steps_brought(site: Site) -> None:
    site.put({"/srv/app/a": "an operator's"})
    one, two = site.revision({"app/a": "1"}), site.revision({"app/a": "2"})
    preview = site.preview(step((one, OVERWRITE)), step((two, OVERWRITE)))
    assert [lost(verdict) for verdict in preview.verdicts] == [["/srv/app/a"], []]
    assert [item.path for item in preview.lost] == ["/srv/app/a"]
