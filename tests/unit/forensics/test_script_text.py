"""Which paths a script's text names, and what it does with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.forensics.script_support import mentions_in
from tui.forensics.evidence.script_text import Use


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("mkdir /srv/app/cache", {"/srv/app/cache": Use.MAKES}),
        ("mkdir -p /srv/app/cache", {"/srv/app/cache": Use.MAKES, "/srv/app": Use.APPENDS}),
        ("mkdir -p /var/lib/app", {"/var/lib/app": Use.MAKES}),
        ("mkdir -p '/srv/my app' \"/srv/two\"", {"/srv/my app": Use.MAKES, "/srv/two": Use.MAKES}),
        ("echo x > /srv/a; echo y >>/srv/b", {"/srv/a": Use.MAKES, "/srv/b": Use.APPENDS}),
        ("date | tee /srv/stamp", {"/srv/stamp": Use.MAKES}),
        ("date | sudo tee -a /srv/stamp", {"/srv/stamp": Use.APPENDS}),
        ("touch /srv/app/.started", {"/srv/app/.started": Use.APPENDS}),
        ("cp conf/prod.ini /srv/app/", {"/srv/app": Use.NAMES, "/srv/app/prod.ini": Use.MAKES}),
        (
            "ln -sfn /srv/app/v2 /srv/app/current",
            {"/srv/app/v2": Use.NAMES, "/srv/app/current": Use.MAKES},
        ),
        ("install -d -m 750 /srv/run", {"/srv/run": Use.MAKES}),
        ("rm -f /srv/old && cat /etc/hosts", {"/srv/old": Use.REMOVES, "/etc/hosts": Use.NAMES}),
        ("sed -i s/a/b/ /srv/app.ini", {"/srv/app.ini": Use.CHANGES}),
        ('echo $HOME/x > "$D/y" # /srv/comment', {}),
        ("# mkdir /srv/comment", {}),
        ("echo 'unclosed /srv/zz", {"/srv/zz": Use.NAMES}),
        ("PATH=/bin:/usr/bin sh -c true", {}),
    ],
)
def test_one_line(line: str, expected: dict) -> None:
    assert {path: use for path, _, use in mentions_in(line)} == expected


def test_lines_are_counted_and_continuations_joined() -> None:
    text = "#!/bin/sh\nset -e\nmkdir -p \\\n  /srv/a \\\n  /srv/b\ntouch /srv/c\n"
    assert list(mentions_in(text)) == [
        ("/srv/a", 3, Use.MAKES),
        ("/srv/b", 3, Use.MAKES),
        ("/srv/c", 6, Use.APPENDS),
    ]


@given(st.text())
def test_no_text_breaks_it_and_only_absolute_paths_come_out(text: str) -> None:
    for path, line, _ in mentions_in(text):
        assert path.startswith("/")
        assert 1 <= line <= text.count("\n") + 1


@given(st.text(alphabet="abc/.-_ ", min_size=1).map(lambda name: "/srv/" + name))
def test_a_quoted_path_that_a_redirection_writes_is_found(path: str) -> None:
    from tui.paths import normal_path

    assert (normal_path(path), 1, Use.MAKES) in list(mentions_in(f"echo x > '{path}'"))
