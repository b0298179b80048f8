"""The appspec, accepted and refused as the agent does, with its own messages."""

from __future__ import annotations

import pytest

from tui.agent.appspec import find_appspec, other_names, parse_appspec, read_appspec
from tui.agent.records import AppSpec, FileMapping, HookScript

from .conftest import Disk

HEAD = "version: 0.0\nos: linux\n"
# The AWS guide's example, with permissions.
GUIDE = """version: 0.0
os: linux
files:
  - source: a.txt
    destination: /tmp
  - source: /
    destination: /srv/temp/
hooks:
  AfterInstall:
    - location: c.sh
      timeout: 300
      runas: root
  ApplicationStart:
    - location: "  scripts/d.sh "
  ValidateService:
permissions:
  - object: /srv/temp
    pattern: "*.sh"
    except: [c.sh]
    mode: 750
    owner: daemon
    type:
      - file
file_exists_behavior: RETAIN
"""


def parsed(text: str | bytes, platform: str = "linux") -> AppSpec:
    data = text if isinstance(text, bytes) else text.encode()
    return parse_appspec(data, "/archive/appspec.yml", platform)


def error(text: str) -> str:
    found = parsed(text).error
    assert found is not None
    return found


def test_everything_in_it_with_its_line() -> None:
    spec = parsed(GUIDE)
    assert spec.error is None
    assert (spec.version, spec.os, spec.file_exists_behavior) == (0.0, "linux", "RETAIN")
    assert spec.files == (FileMapping("a.txt", "/tmp", 4), FileMapping("/", "/srv/temp/", 6))
    assert spec.hooks == {
        "AfterInstall": (HookScript("AfterInstall", "c.sh", 300, "root", 10),),
        "ApplicationStart": (HookScript("ApplicationStart", "scripts/d.sh", 3600, None, 14),),
    }
    (permission,) = spec.permissions
    assert (permission.object, permission.line, permission.pattern) == ("/srv/temp", 17, "*.sh")
    assert (permission.excepts, permission.types, permission.mode) == (("c.sh",), ("file",), 750)
    assert (permission.owner, permission.group, permission.acls) == ("daemon", None, None)


@pytest.mark.parametrize("version", ["0.0", "0", "-0.0", "0.", ".0", "0:00"])
def test_versions_that_ruby_holds_equal_to_zero(version: str) -> None:
    assert parsed(f"version: {version}\nos: linux\n").error is None


@pytest.mark.parametrize(("version", "shown"), [('"0.0"', "0.0"), ("1.0", "1.0"), ("", ""), ("no", "false")])
def test_other_versions_are_refused(version: str, shown: str) -> None:
    spec = parsed(f"# first\nversion: {version}\nos: linux\n")
    assert spec.error == (
        f"The deployment failed because an invalid version value ({shown}) was entered in the application "
        'specification file. Make sure your AppSpec file specifies "0.0" as the version, and then try again.'
    )
    assert spec.error_line == 2


def test_an_os_is_refused_by_the_other_platform() -> None:
    text = "version: 0.0\nos: windows\n"
    assert "unsupported operating system (windows)" in error(text)
    assert parsed(text, "windows").error is None
    assert "unsupported operating system (linux)" in error("version: 0.0\nos: :linux\n")  # a symbol, no text


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "--- ~\n", "false\n"])
def test_an_empty_one(text: str) -> None:
    assert "the application specification file was empty" in error(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hooks: text", 'undefined method `each_pair\' for "text":String'),
        ("hooks: []", "undefined method `each_pair' for []:Array"),
        ("hooks:\n  AfterInstall: a.sh", 'undefined method `each\' for "a.sh":String'),
        ("hooks:\n  AfterInstall: [a.sh]", 'undefined method `has_key?\' for "a.sh":String'),
        ("hooks:\n  AfterInstall: {location: a.sh}", 'undefined method `has_key?\' for ["location", "a.sh"]:Array'),
        ("hooks:\n  AfterInstall: [{timeout: 3}]", "specifies a script with no location value"),
        ("hooks:\n  AfterInstall: [{location: '  '}]", "specifies a script with no location value"),
        ("hooks:\n  AfterInstall: [{location: a, timeout: 0}]", "an invalid timeout value"),
        ("hooks:\n  AfterInstall: [{location: a, timeout: soon}]", "an invalid timeout value"),
        ("hooks:\n  AfterInstall: [{location: a, timeout: yes}]", "undefined method `to_i' for true:TrueClass"),
        ("hooks:\n  AfterInstall: [{location: a, timeout: .inf}]", "Infinity"),
        ("files: [{destination: /srv}]", "specifies a destination file, but no source file"),
        ("files: [{source: a.txt}]", "specifies only a source file (a.txt)"),
        ("files: [source]", "specifies only a source file (source)"),
        ("files: {source: a, destination: /b}", "no implicit conversion of String into Integer"),
        ("files: [null]", "undefined method `[]' for nil:NilClass"),
        ("files: 1.5", "undefined method `each' for 1.5:Float"),
        ("permissions: [{mode: 1}]", "has no object value"),
        ("permissions: [{object: ' '}]", "has no object value"),
        ("permissions: [x]", 'undefined method `has_key?\' for "x":String'),
        ("permissions: [{object: /a, type: [link]}]", "object type not supported for permissions (link)"),
        ("permissions: [{object: /a, type: file}]", 'undefined method `each\' for "file":String'),
        ("permissions: [{object: /a, mode: 12345}]", "the length of a permissions mode (12345)"),
        ("permissions: [{object: /a, mode: rwx}]", "permissions mode (rwx) in the application specification file"),
        ("permissions: [{object: /a, mode: 0999}]", "contains an invalid character (9)"),
        ("permissions: [{object: /a, acls: ['x']}]", "Invalid acl entry (x)"),
        ("permissions: [{object: /a, acls: ['u::rw']}]", "Use mode to set the base acl entry (u::rw)"),
        ("permissions: [{object: /a, acls: ['u:bob:rz']}]", "contains an invalid character (z)"),
        ("permissions: [{object: /a, acls: ['m:x:r']}]", "Invalid acl entry (m:x:r)"),
        ("permissions: [{object: /a, acls: [1]}]", "undefined method `split' for 1:Integer"),
        ("permissions: [{object: /a, context: {name: x}}]", 'an invalid context type ({"name"=>"x"})'),
        ("permissions: [{object: /a, context: {type: t, range: s1-s0}}]", "SELinux range specified (s1-s0)"),
        ("permissions: [{object: /a, context: {type: t, range: x0}}]", "invalid sensitivity x0"),
        ("permissions: [{object: /a, context: {type: t, range: 's0:c1,c1'}}]", "duplicate categories"),
        ("permissions: [{object: /a, context: {type: t, range: 's0:c9999'}}]", "invalid category c9999"),
        ("permissions: [{object: /a, context: {type: t, range: 's0:'}}]", "invalid range part s0:"),
        ("file_exists_behavior: overwrite", "invalid file_exists_behavior value (overwrite)"),
        ("file_exists_behavior: no", "invalid file_exists_behavior value (false)"),
    ],
)
def test_what_the_agent_refuses(text: str, said: str) -> None:
    assert said in error(HEAD + text + "\n")


@pytest.mark.parametrize(
    "text",
    [
        "hooks: false",
        "files:",
        "hooks:\n  AfterInstall:\n  BeforeInstall: no",
        "permissions: [{object: /a, mode: '0644', type: null, except: null}]",
        "permissions: [{object: /a, acls: ['u:bob:7', 'd:u::rwx', 'm::r', 'default:group:x:r-x', 'd:m:rw']}]",
        "permissions: [{object: /a, context: {name: u, type: t, range: 's0-s1:c1.c3,c9'}}]",
        "file_exists_behavior: ~",
        "unknown: [1, 2]",
    ],
)
def test_what_the_agent_takes(text: str) -> None:
    assert parsed(HEAD + text + "\n").error is None


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [("30", 30), ("'30s'", 30), ("1.9", 1), ("1_000", 1000), ("0x10", 16), ("010", 8), ("no", 3600), ("~", 3600)],
)
def test_timeouts_by_rubys_to_i(timeout: str, seconds: int) -> None:
    spec = parsed(f"{HEAD}hooks:\n  AfterInstall: [{{location: a, timeout: {timeout}}}]\n")
    assert spec.hooks["AfterInstall"][0].timeout == seconds


def test_an_unquoted_mode_with_a_leading_zero_is_a_number_in_base_8() -> None:
    spec = parsed(f"{HEAD}permissions: [{{object: /a, mode: 0644}}, {{object: /b, mode: '0644'}}]\n")
    assert [permission.mode for permission in spec.permissions] == [420, "0644"]


def test_the_first_error_in_the_agents_order_and_all_the_rest() -> None:
    spec = parsed(
        HEAD + "files:\n  - source: a\n  - source: b\n    destination: /b\n"
        "hooks:\n  AfterInstall:\n    - timeout: 1\n    - location: ok.sh\n"
    )
    assert spec.error is not None and "no location value" in spec.error  # hooks are read before files
    assert spec.error_line == 9
    assert spec.files == (FileMapping("b", "/b", 5),)
    assert [script.location for script in spec.hooks["AfterInstall"]] == ["ok.sh"]


def test_permissions_are_for_linux_alone() -> None:
    spec = parsed("version: 0.0\nos: windows\npermissions: [{object: /a}]\n", "windows")
    assert spec.error is not None and "targeting one or more Windows Server instances" in spec.error


@pytest.mark.parametrize(
    ("value", "kind"), [("5", "Integer"), ("yes", "true"), ("{a: b}", "Hash"), ("[[a]]", "Array"), (":a", "Symbol")]
)
def test_a_source_that_is_no_text_fails_later(value: str, kind: str) -> None:
    spec = parsed(f"{HEAD}files:\n  - source: {value}\n    destination: /srv\n")
    assert spec.error is None
    assert [(problem.code, problem.line) for problem in spec.problems] == [("appspec-not-text", 4)]
    assert f"no implicit conversion of {kind} into String" in spec.problems[0].message


def test_a_source_that_is_a_list_of_texts_is_joined() -> None:
    spec = parsed(f"{HEAD}files:\n  - source: [a, /b/, c]\n    destination: /srv\n")
    assert (spec.files[0].source, spec.files[0].not_text, spec.problems) == ("a/b/c", None, ())
    other = parsed(f"{HEAD}files:\n  - source: a\n    destination: [/srv]\n")
    assert other.files[0].not_text == "Array"


@pytest.mark.parametrize(
    ("text", "line"), [("x: &x 1\ny: *x\n", 3), ("x:\n  - 2026-03-02\n", 4), ("x: 2026-03-02 09:11:00Z\n", 3)]
)
def test_what_newer_rubies_refuse_is_told(text: str, line: int) -> None:
    spec = parsed(HEAD + text)
    assert spec.error is None
    assert [(problem.code, problem.line) for problem in spec.problems] == [("appspec-newer-ruby", line)]
    assert parsed(HEAD + 'x: "2026-03-02"\ny: :symbol\n').problems == ()


@pytest.mark.parametrize("text", ["a: [", "a: *b", "\tx: 1", "a: b: c", "%YAML 9.9\n", "\x00"])
def test_broken_yaml_is_an_error(text: str) -> None:
    assert error(text).startswith(("(<unknown>): ", "Unknown alias: "))


def test_only_the_first_document_counts() -> None:
    assert parsed(HEAD + "---\nversion: 7\n").error is None


def test_the_file_that_counts(disk: Disk) -> None:
    archive = disk.mkdir("/archive")
    assert find_appspec(disk.root, archive) is None
    disk.write("/archive/docker-compose.yml", "version: 3\n")
    assert find_appspec(disk.root, archive) is None
    disk.write("/archive/deploy.YAML", HEAD)
    assert find_appspec(disk.root, archive) == "/archive/deploy.YAML"
    assert [p.code for p in other_names(disk.root, archive, "/archive/deploy.YAML")] == ["appspec-other-name"]
    disk.write("/archive/appspec.yaml", "broken: [")
    assert find_appspec(disk.root, archive) == "/archive/appspec.yaml"
    disk.write("/archive/appspec.yml", HEAD)
    assert find_appspec(disk.root, archive) == "/archive/appspec.yml"
    assert [p.code for p in other_names(disk.root, archive, "/archive/appspec.yml")] == ["appspec-two"]


def test_one_that_cannot_be_read_is_an_error(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_appspec(disk.root, "/appspec.yml") is None
    disk.write("/appspec.yml", HEAD)
    monkeypatch.setattr("tui.agent.appspec.LIMIT", 5)
    spec = read_appspec(disk.root, "/appspec.yml")
    assert spec is not None and spec.error is not None and "larger than 5 bytes" in spec.error
