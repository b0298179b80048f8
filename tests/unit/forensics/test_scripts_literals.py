"""Paths in scripts of general languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.forensics.script_support import followed, told
from tui.forensics.scripts.dialects import dialect_of
from tui.forensics.scripts.effects import Use


@pytest.mark.parametrize(
    ("name", "script", "paths"),
    [
        ("x.py", "open('/srv/a', 'w')\nopen('/srv/b')\nopen('/srv/c', mode='a')", ["/srv/a", "/srv/c"]),
        ("x.py", "import os\nAPP = '/srv'\nos.makedirs(os.path.join(APP, 'a', 'b'))", ["/srv/a/b"]),
        ("x.py", "D = '/srv'\nos.mkdir(f'{D}/a')\nos.mkdir(D + '/b')", ["/srv/a", "/srv/b"]),
        ("x.py", "Path('/srv/a').write_text('x')\n(Path('/srv') / 'b').touch()", ["/srv/a", "/srv/b"]),
        ("x.py", "shutil.copy('/etc/a', '/srv/a')", ["/srv/a"]),
        ("x.py", "# open('/srv/a', 'w')", []),
        ("x.rb", 'A = \'/srv\'\nFileUtils.mkdir_p "#{A}/a"\nFile.write("#{A}/b", 1)', ["/srv/a", "/srv/b"]),
        ("x.js", "const a = '/srv';\nfs.writeFileSync(`${a}/a`, 'x');", ["/srv/a"]),
        ("x.php", "<?php\n$a = '/srv';\nfile_put_contents($a . '/a', 'x');\nmkdir(\"$a/b\");", ["/srv/a", "/srv/b"]),
        ("x.pl", "open(my $f, '>', '/srv/a');\nmkdir '/srv/b';", ["/srv/a", "/srv/b"]),
    ],
)
def test_plain_writes(name: str, script: str, paths: list[str]) -> None:
    first = {"py": "python3", "rb": "ruby", "js": "node", "php": "php", "pl": "perl"}[name.rpartition(".")[2]]
    assert told(f"#!/usr/bin/env {first}\n{script}", name=name) == paths


def test_adding_is_told_from_writing_anew() -> None:
    script = "#!/usr/bin/python3\nopen('/srv/a', 'a')\nopen('/srv/b', 'w')"
    assert told(script, Use.APPENDS) == ["/srv/a"]
    assert told(script, Use.MAKES) == ["/srv/b"]


def test_other_paths_are_named() -> None:
    assert told("#!/usr/bin/python3\nprint('/srv/a')", Use.NAMES) == ["/srv/a"]


@pytest.mark.parametrize(
    ("path", "text", "windows", "dialect"),
    [
        ("a.py", "#!/bin/bash\n", False, "shell"),
        ("a.sh", "#!/usr/bin/env python3\n", False, "python"),
        ("a", "#!/usr/bin/env -S node\n", False, "node"),
        ("a", "#!/usr/bin/awk -f\n", False, "other"),
        ("a.rb", "", False, "ruby"),
        ("a", "", False, "shell"),
        ("a.PS1", "", True, "powershell"),
        ("a", "", True, "batch"),
    ],
)
def test_dialects(path: str, text: str, windows: bool, dialect: str) -> None:
    assert dialect_of(path, text, windows) == dialect


@given(st.text(alphabet="openw('\"/srv,)+={}.\n Path`$#mkdir", max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    for effect in followed("#!/usr/bin/python3\n" + text).found:
        assert effect.text.startswith("/")
