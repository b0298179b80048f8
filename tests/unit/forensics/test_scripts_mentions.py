"""What the scripts of an instance's revisions say of its paths, on real files."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.unit.forensics.instances import ROOT_DIR, instance_with
from tui.agent.appspec import parse_appspec
from tui.agent.records import AppSpec, Deployment, Group
from tui.disk.source import open_source
from tui.forensics.evidence.script_text import Certainty, Mention, ScriptText, Use, mention_evidence
from tui.forensics.scripts import revision
from tui.forensics.scripts.effects import Effect
from tui.forensics.scripts.mentions import Mentions
from tui.forensics.scripts.values import ANY, DEEP, pattern_of

DIRECTORY = f"{ROOT_DIR}/g/d-1"
ARCHIVE = f"{DIRECTORY}/deployment-archive"
APPSPEC = """version: 0.0
os: linux
files:
  - {source: web, destination: /srv/shop}
hooks:
  AfterInstall:
    - {location: scripts/x.sh, runas: app}
  ApplicationStop:
    - {location: scripts/x.sh}
"""


def texts(tmp_path: Path, script: str, **files: str) -> ScriptText:
    """What the script ``scripts/x.sh`` says, of an instance with this revision and these files in it."""
    top = tmp_path / ARCHIVE[1:]
    for name, text in {"scripts/x.sh": script, "web/index.html": "x", **files}.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    (tmp_path / "etc").mkdir(exist_ok=True)
    (tmp_path / "etc/passwd").write_bytes(b"root:x:0:0:root:/root:/bin/sh\napp:x:7:7::/home/app:/bin/sh\n")
    spec: AppSpec = parse_appspec(APPSPEC.encode(), f"{ARCHIVE}/appspec.yml")
    assert spec.error is None
    deployment = Deployment("d-1", "g", DIRECTORY, 0.0, archive=ARCHIVE, appspec=spec)
    instance = instance_with(groups=(Group("g", f"{ROOT_DIR}/g", (deployment,)),))
    return ScriptText(open_source(str(tmp_path)), instance)


def uses(text: ScriptText, path: str) -> list[tuple[str, Use, Certainty]]:
    return [(m.event, m.use, m.certainty) for m in text.mentions(path)]


def test_a_path_is_found_whole_as_part_of_a_tree_and_by_a_pattern(tmp_path: Path) -> None:
    text = texts(tmp_path, "touch /srv/a/b/c\ngit clone x /srv/a\ntouch /srv/a/b/$(date +%s)\nmkdir /srv/a/b/$(q)\n")
    found = text.mentions("/srv/a/b/c")
    assert [(m.certainty, m.use, m.line, m.text) for m in found if m.event == "AfterInstall"] == [
        (Certainty.EXACT, Use.APPENDS, 1, ""),
        (Certainty.TREE, Use.MAKES, 2, "/srv/a"),
        (Certainty.PATTERN, Use.MAKES, 4, "/srv/a/b/*"),
        (Certainty.PATTERN, Use.APPENDS, 3, "/srv/a/b/*"),
    ]
    assert text.mentions("/srv/other") == ()


def test_a_piece_that_can_be_any_path_says_nothing_of_directories(tmp_path: Path) -> None:
    text = texts(tmp_path, "mkdir -p /srv/a/b/$(q)/x\n")
    assert text.mentions("/srv/a/b/c/d/x")
    assert not text.mentions("/srv/a/b/c/d/x", is_dir=True)


def test_a_pattern_needs_a_directory_of_its_own(tmp_path: Path) -> None:
    text = texts(tmp_path, "touch /srv/$A /var/log/$(date).log /etc/nginx/$(date).conf $A/b\n")
    assert not text.mentions("/srv/a")
    assert not text.mentions("/var/log/a.log")
    assert text.mentions("/etc/nginx/a.conf")


def test_what_the_agent_sets_is_known_and_what_no_record_holds_is_not(tmp_path: Path) -> None:
    text = texts(tmp_path, "touch /srv/a/$DEPLOYMENT_ID-$LIFECYCLE_EVENT-$DEPLOYMENT_GROUP_ID.$APPLICATION_NAME\n")
    found = text.mentions("/srv/a/d-1-AfterInstall-g.shop")
    assert [(m.event, m.text) for m in found] == [("AfterInstall", "/srv/a/d-1-AfterInstall-g.*")]
    # ApplicationStop's deployment is the next one, and its script is this one's
    assert [m.event for m in text.mentions("/srv/a/d-2-ApplicationStop-g.shop")] == ["ApplicationStop"]


def test_home_is_that_of_the_user_it_runs_as(tmp_path: Path) -> None:
    text = texts(tmp_path, "touch ~/.a $HOME/.b\n")
    assert uses(text, "/home/app/.a") == [("AfterInstall", Use.APPENDS, Certainty.EXACT)]
    assert uses(text, "/root/.b") == [("ApplicationStop", Use.APPENDS, Certainty.EXACT)]


def test_files_of_the_revision_are_told_one_by_one(tmp_path: Path) -> None:
    script = 'HERE=$(cd "$(dirname "$0")/.." && pwd)\ncp -r "$HERE/conf" /srv/x/\ncp $HERE/conf/*.ini /srv/y/\n'
    text = texts(tmp_path, script, **{"conf/a.ini": "", "conf/sub/b.txt": ""})
    assert text.named() == {
        "/srv/x/conf",
        "/srv/x/conf/a.ini",
        "/srv/x/conf/sub",
        "/srv/x/conf/sub/b.txt",
        "/srv/y/a.ini",
    }
    assert not text.mentions("/srv/x/conf/other")


def test_a_deployed_copy_of_the_revision_serves_as_well(tmp_path: Path) -> None:
    text = texts(tmp_path, "cp -r /srv/shop/conf/. /srv/y\n", **{"web/conf/a": ""})
    assert text.named() == {"/srv/y/a"}


def test_scripts_that_are_called_or_sourced_are_followed_with_their_own_lines(tmp_path: Path) -> None:
    script = 'cd "$(dirname "$0")"\n. ./env.sh\n./two.sh "$APP" &&\n  bash three.sh\n/srv/shop/four.sh\n'
    files = {
        "scripts/env.sh": "\nAPP=/srv/x\ntouch $APP/env\n",
        "scripts/two.sh": 'touch "$1/two"\n',
        "scripts/three.sh": "touch /srv/x/three\n",
        "web/four.sh": "touch /srv/x/four\n",
    }
    text = texts(tmp_path, script, **files)
    for name, file, line in [("env", "scripts/env.sh", 3), ("two", "scripts/two.sh", 1), ("four", "web/four.sh", 1)]:
        assert {(m.script, m.line) for m in text.mentions(f"/srv/x/{name}")} == {(f"{ARCHIVE}/{file}", line)}
    assert text.mentions("/srv/x/three")


def test_a_small_file_of_the_revision_gives_its_text(tmp_path: Path) -> None:
    text = texts(tmp_path, 'V=$(cat "$(dirname "$0")/../VERSION")\ntouch /srv/x/$V\n', VERSION="1.2\n")
    assert text.mentions("/srv/x/1.2")[0].certainty == Certainty.EXACT


@pytest.mark.parametrize("kind", ["tar", "tgz", "zip"])
def test_archives_of_the_revision_are_listed(tmp_path: Path, kind: str) -> None:
    top = tmp_path / ARCHIVE[1:]
    top.mkdir(parents=True)
    if kind == "zip":
        with zipfile.ZipFile(top / "a.zip", "w") as packed:
            packed.writestr("in/b.txt", "x")
    else:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            tar.addfile(tarfile.TarInfo("in/b.txt"))
        (top / f"a.{kind}").write_bytes(gzip.compress(out.getvalue()) if kind == "tgz" else out.getvalue())
    command = "unzip -o a.zip -d /srv/x" if kind == "zip" else f"tar -xf a.{kind} -C /srv/x"
    text = texts(tmp_path, f'cd "$(dirname "$0")/.."\n{command}\n')
    assert text.named() == {"/srv/x/in/b.txt"}
    assert not text.mentions("/srv/x/other")


@pytest.mark.parametrize(
    "data", [b"", b"PK\x05\x06", b"PK" + b"\xff" * 100, b"\x1f\x8b\x08\x00" + b"x" * 50, b"BZh9", b"x" * 600]
)
def test_a_broken_archive_is_told_as_a_whole_directory(tmp_path: Path, data: bytes) -> None:
    top = tmp_path / ARCHIVE[1:]
    top.mkdir(parents=True)
    (top / "a.bin").write_bytes(data)
    text = texts(tmp_path, 'cd "$(dirname "$0")/.."\nunzip a.bin -d /srv/x\ntar xf a.bin -C /srv/x\n')
    assert {m.certainty for m in text.mentions("/srv/x/any")} == {Certainty.TREE}


def test_a_tree_too_large_to_list_is_told_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revision, "MAX_TREE", 2)
    text = texts(tmp_path, 'cp -r "$(dirname "$0")/../conf" /srv/x/\n', **{f"conf/{i}": "" for i in range(5)})
    assert text.mentions("/srv/x/conf/3")[0].certainty == Certainty.TREE


def test_the_agents_own_directories_are_not_looked_for_outside(tmp_path: Path) -> None:
    text = texts(tmp_path, 'cd "$(dirname "$0")"\necho x > made\necho x > /srv/x/made\n')
    assert text.named() == {"/srv/x/made"}
    assert text.mentions(f"{ARCHIVE}/scripts/made")


def test_a_script_that_does_too_much_is_said_to_be_cut(tmp_path: Path) -> None:
    loop = "for i in {1..60}; do for j in {1..60}; do for k in {1..60}; do touch /srv/x/$i$j$k; done; done; done\n"
    text = texts(tmp_path, "touch /srv/x/first\n" + loop)
    assert f"{ARCHIVE}/scripts/x.sh" in text.incomplete
    assert text.mentions("/srv/x/first")


def test_removing_and_changing_are_no_making(tmp_path: Path) -> None:
    text = texts(tmp_path, "rm /srv/a\nsed -i s/a/b/ /srv/b\necho > /srv/c\n")
    assert [text.mentions(path)[0].use for path in ("/srv/a", "/srv/b")] == [Use.REMOVES, Use.CHANGES]
    assert text.named() == {"/srv/c"}


def test_windows_paths_are_found_in_the_spelling_of_the_disk() -> None:
    mentions = Mentions(True, lambda path: path.replace("SHOP", "Shop"))
    mentions.add(Effect("/C:/SHOP/a.txt", Use.MAKES, False, "s", 1), 0, "d-1", "AfterInstall")
    mentions.add(Effect(f"/C:/SHOP/x/{ANY}.LOG", Use.MAKES, False, "s", 2), 0, "d-1", "AfterInstall")
    assert [m.line for m in mentions.of("/C:/Shop/a.txt")] == [1]
    assert [m.line for m in mentions.of("/C:/Shop/x/b.log")] == [2]


@pytest.mark.parametrize(
    ("text", "fits", "fits_not"),
    [
        (f"/a/{ANY}/c", "/a/b/c", "/a/b/b/c"),
        (f"/a/{ANY}", "/a/b", "/a/"),
        (f"/a/x{ANY}", "/a/x", "/a/x/y"),
        (f"/a/{DEEP}/c", "/a/b/b/c", "/a/c"),
        (f"/a/{ANY}1{ANY}2{ANY}.c", "/a/1122.c", "/a/2211.c"),
        (f"/a/{DEEP}/b/{DEEP}/c", "/a/x/b/y/c", "/a/x/b/y/d"),
        ("/a/" + f"{ANY}a" * 30, "/a/" + "a" * 30, "/a/" + "a" * 29 + "b" * 200),
    ],
)
def test_patterns(text: str, fits: str, fits_not: str) -> None:
    assert pattern_of(text).fullmatch(fits)
    assert not pattern_of(text).fullmatch(fits_not)


def test_evidence_says_how_far_the_text_goes() -> None:
    mention = Mention(0, "d-1", "AfterInstall", "/opt/x.sh", 3, Use.MAKES)
    assert mention_evidence(mention).detail == "the AfterInstall script of d-1 makes it"
    assert mention_evidence(mention).source == "opt/x.sh:3"
    tree = mention._replace(certainty=Certainty.TREE, text="/srv/x")
    assert mention_evidence(tree).detail.endswith("fills /srv/x, which it lies in")
    pattern = mention._replace(certainty=Certainty.PATTERN, text="/srv/x/*", use=Use.REMOVES)
    assert "removes /srv/x/*" in mention_evidence(pattern).detail
    assert mention_evidence(pattern).for_mark is None
