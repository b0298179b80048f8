"""Shell scripts followed from their text: which paths they make."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import examples
from tests.unit.forensics.script_support import ARCHIVE, followed, told
from tui.forensics.scripts.arithmetic import evaluate
from tui.forensics.scripts.effects import Use
from tui.forensics.scripts.shell_patterns import braces, trim
from tui.forensics.scripts.values import STAR


@pytest.mark.parametrize(
    ("script", "paths"),
    [
        ("A=/srv/x; touch $A/f", ["/srv/x/f"]),
        ("export A=/srv/x B; touch ${A}/f", ["/srv/x/f"]),
        (': "${A:=/srv/x}"; touch "$A/f"', ["/srv/x/f"]),
        ("touch ${A:-/srv/x}/f", ["/srv/x/f"]),
        ("A=/srv/x/; touch ${A%/}/f", ["/srv/x/f"]),
        ("A=/srv/x.tar.gz; touch ${A%.*} ${A%%.*} /srv/${A##*/}", ["/srv/x.tar", "/srv/x", "/srv/x.tar.gz"]),
        ('A=/srv/x/y; touch "$(dirname "$A")/$(basename $A)2"', ["/srv/x/y2"]),
        ("for i in a b; do touch /srv/x/$i; done", ["/srv/x/a", "/srv/x/b"]),
        ("for i in {1..3}; do touch /srv/x/$i; done", ["/srv/x/1", "/srv/x/2", "/srv/x/3"]),
        ("for i in $(seq 2); do touch /srv/x/$i; done", ["/srv/x/1", "/srv/x/2"]),
        ("L='a b'; for i in $L; do touch /srv/x/$i; done", ["/srv/x/a", "/srv/x/b"]),
        ("A=(a 'b c'); touch \"/srv/x/${A[1]}\"; for i in \"${A[@]}\"; do touch \"/srv/$i\"; done",
         ["/srv/x/b c", "/srv/a", "/srv/b c"]),
        ("A='a b'; touch /srv/$A", ["/srv/a", "/b"]),
        ("for ((i=0; i<2; i++)); do touch /srv/x/$i; done", ["/srv/x/0", "/srv/x/1"]),
        ("i=0; while [ $i -lt 2 ]; do touch /srv/x/$i; i=$((i+1)); done", ["/srv/x/0", "/srv/x/1"]),
        ("until curl x; do touch /srv/x/y$i; i=$((i+1)); done", ["/srv/x/y<?>"]),
        ("while read a; do touch /srv/x/$a; done <<E\none\ntwo\nE", ["/srv/x/one", "/srv/x/two"]),
        ("if [ -f /x ]; then A=a; else A=b; fi; touch /srv/$A", ["/srv/a", "/srv/b"]),
        ('A=1; if [ "$A" = 2 ]; then touch /srv/no; fi; touch /srv/yes', ["/srv/yes"]),
        ("case $X in a) touch /srv/a;; *) touch /srv/b;; esac", ["/srv/a", "/srv/b"]),
        ('f() { touch "/srv/$1"; }; f a; f b', ["/srv/a", "/srv/b"]),
        ("function f { local d=$1; touch $d/x; }\nf /srv/q", ["/srv/q/x"]),
        ("cd /srv/x && touch a; cd y; touch b; cd ..; touch c", ["/srv/x/a", "/srv/x/y/b", "/srv/x/c"]),
        ("(cd /srv/x; touch a); touch b", ["/srv/x/a", "/b"]),
        ("pushd /srv/x; touch a; popd; touch b", ["/srv/x/a", "/b"]),
        ("if cd /srv/x; then touch a; cd /; fi; touch b", ["/srv/x/a", "/b"]),
        ("exit 0; touch /srv/never", []),
        ("[ -d /a ] || exit 1; touch /srv/x/a", ["/srv/x/a"]),
        ("cat > /srv/x/f <<EOF\nmkdir /srv/no\nEOF\ntouch /srv/x/g", ["/srv/x/f", "/srv/x/g"]),
        ("D=/srv/x; cat <<'EOF' | tee \"$D/f\" >/dev/null\nit's\nEOF", ["/srv/x/f"]),
        ("sudo -u www mkdir /srv/x/d", ["/srv/x/d"]),
        ("env A=b nohup touch /srv/x/d", ["/srv/x/d"]),
        ("D=/srv/x; su - app -c \"touch $D/f\"", ["/srv/x/f"]),
        ("bash -c 'cd /srv/x; touch f'", ["/srv/x/f"]),
        ("bash <<'E'\ntouch /srv/x/f\nE", ["/srv/x/f"]),
        ("eval 'touch /srv/x/f'", ["/srv/x/f"]),
        ("exec > /srv/x/log 2>&1; touch /srv/x/f", ["/srv/x/log", "/srv/x/f"]),
        ("nohup java x >> /srv/x/out 2>> /srv/x/err &", ["/srv/x/out", "/srv/x/err"]),
        ("touch /srv/x/{a,b}.txt /srv/x/'{c,d}'", ["/srv/x/a.txt", "/srv/x/b.txt", "/srv/x/{c,d}"]),
        ("touch /srv/x/$(date +%F).log", ["/srv/x/<?>.log"]),
        ("touch /srv/x/$(some command)/f", ["/srv/x/<??>/f"]),
        ("touch $UNKNOWN/f", []),
        ("touch /srv/x/\\\n  /srv/y # /srv/z", ["/srv/x", "/srv/y"]),
        ('echo "a # b" > /srv/x', ["/srv/x"]),
        ("A=a\\ b; touch \"/srv/$A\"", ["/srv/a b"]),
        ("touch /srv/$DEPLOYMENT_ID/x", ["/srv/d-1/x"]),
    ],
)  # fmt: skip
def test_computed_paths(script: str, paths: list[str]) -> None:
    assert told(script, DEPLOYMENT_ID="d-1") == paths


@pytest.mark.parametrize(
    ("script", "paths"),
    [
        ("cp a.txt /srv/x/", ["/srv/x/a.txt"]),
        ("cp a.txt b.txt /srv/x", ["/srv/x/a.txt", "/srv/x/b.txt"]),
        ("cp -t /srv/x a.txt", ["/srv/x/a.txt"]),
        ("cp -T a.txt /srv/x", ["/srv/x"]),
        ("cp a.txt /srv/x", ["/srv/x", "/srv/x/a.txt"]),
        ("mkdir /srv/x; cp a.txt /srv/x", ["/srv/x", "/srv/x/a.txt"]),
        ("cp -r /data/app/. /srv/x", ["/srv/x/…"]),
        ("ln -s /srv/v2 /srv/x/current", ["/srv/x/current", "/srv/x/current/v2"]),
        ("install -D -m 644 a.txt /srv/x/b.txt", ["/srv/x/b.txt"]),
        ("install -d /srv/x /srv/y", ["/srv/x", "/srv/y"]),
        ("rsync -a --delete site/ /srv/x/", ["/srv/x", "/srv/x/…"]),
        ("dd if=/dev/zero of=/srv/swap", ["/srv/swap"]),
        ("mktemp -d /srv/x/t.XXXX", ["/srv/x/t.<?>"]),
        ("T=$(mktemp /srv/x/t.XXXX); touch $T.2", ["/srv/x/t.<?>", "/srv/x/t.<?>.2"]),
        ("tar xzf a.tgz -C /srv/x", ["/srv/x/…"]),
        ("unzip -q a.zip -d /srv/x", ["/srv/x/…"]),
        ("tar czf /srv/x/b.tgz /srv/y", ["/srv/x/b.tgz"]),
        ("git clone https://h/r.git /srv/x", ["/srv/x", "/srv/x/…"]),
        ("cd /srv; git clone https://h/r.git", ["/srv/r", "/srv/r/…"]),
        ("curl -sSL -o /srv/x/f https://h/a", ["/srv/x/f"]),
        ("cd /srv/x; curl -O https://h/a.zip; wget https://h/b.zip", ["/srv/x/a.zip", "/srv/x/b.zip"]),
        ("wget -q -O /srv/x/f https://h/a; wget -P /srv/y https://h/c", ["/srv/x/f", "/srv/y/c"]),
        ("aws s3 cp s3://b/k.json /srv/x/k2.json", ["/srv/x/k2.json", "/srv/x/k2.json/k.json"]),
        ("aws s3 sync s3://b/site /srv/x", ["/srv/x", "/srv/x/…"]),
        ("sed -i.bak s/a/b/ /srv/x", ["/srv/x.bak"]),
        ("python3 -m venv /srv/x/venv", ["/srv/x/venv", "/srv/x/venv/…"]),
        ("cd /srv/x && npm ci --production", ["/srv/x/node_modules", "/srv/x/node_modules/…"]),
        ("composer install -d /srv/x", ["/srv/x/vendor", "/srv/x/vendor/…"]),
        ("pip install -r r.txt -t /srv/x/lib", ["/srv/x/lib", "/srv/x/lib/…"]),
        ("gzip /srv/x/a", ["/srv/x/a.gz"]),
        ("openssl req -new -keyout /srv/k -out /srv/c", ["/srv/k", "/srv/c"]),
        ("ssh-keygen -t rsa -N '' -f /srv/k", ["/srv/k", "/srv/k.pub"]),
        ("systemctl enable shop", ["/etc/systemd/system/multi-user.target.wants/shop.service"]),
        ("chown -R a:b /srv/x; chmod 644 /srv/x/f", []),
        ("find /srv/x -name '*.log' | xargs rm", []),
    ],
)  # fmt: skip
def test_commands_that_make(script: str, paths: list[str]) -> None:
    assert told(script) == paths


@pytest.mark.parametrize(
    ("script", "paths"),
    [
        ("rm -f /srv/x/a", ["/srv/x/a"]),
        ("rm -rf /srv/x/*", ["/srv/x/*", "/srv/x/*/…"]),
        ("mv /srv/a /srv/b", ["/srv/a", "/srv/a/…"]),
        ("find /srv/x -name '*.log' -delete", ["/srv/x/<??><?>.log"]),
        ("gunzip /srv/x.gz", ["/srv/x.gz"]),
    ],
)
def test_commands_that_remove(script: str, paths: list[str]) -> None:
    assert told(script, Use.REMOVES) == paths


def test_a_script_knows_its_own_place() -> None:
    script = 'HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"\ntouch $HERE/a\ncd "$(dirname "$0")/.."; touch b'
    assert told(script) == [f"{ARCHIVE}/scripts/a", f"{ARCHIVE}/b"]


def test_each_effect_has_the_line_of_its_command() -> None:
    script = "A=/srv\n\nf() {\n  touch $A/one\n}\nmkdir \\\n  $A/two\nf\nfor i in a; do\n  touch $A/$i\ndone\n"
    found = {effect.text: effect.line for effect in followed(script).found}
    assert found == {"/srv/two": 6, "/srv/one": 4, "/srv/a": 10}


def test_an_unmatched_text_is_still_named() -> None:
    assert told('echo "never closed /srv/x/y', Use.NAMES) == ["/srv/x/y"]


@pytest.mark.parametrize(
    "script",
    [
        "f() { f; f; }; f",
        "while true; do touch /srv/x/a; done",
        "a=x; while true; do a=$a$a; done; touch /srv/$a",
        "eval " * 500,
        "sudo " * 500 + "id",
        "$(" * 500,
        "{" * 500 + "(" * 500 + "if " * 500,
        "((" * 5000,
        "echo " + "{a,b}" * 40,
        "f() { $0; }; bash $0; . $0; f",
        "x=1; " + "if a; then x=$x$x; fi; " * 300,
    ],
)
def test_no_script_goes_on_without_end(script: str) -> None:
    assert len(followed(script).found) < 1_000


PIECES = st.sampled_from(
    [
        "if", "then", "fi", "else", "for i in", "do", "done", "while", "case", "esac", ";;", "a)", "{", "}", "(", ")",
        "((", "))", "$(", "`", "${", '"', "'", "\\", ";", "|", "&&", "||", ">", ">>", "<<E", "E", "f()", "f", "$x",
        "x=$x$x", "cd", "/srv/x", "*", "[", "{a,b}", "{1..3}", "~", "$((i+1))", "mkdir", "bash -c", "eval", "sudo",
        "source", "return", "local", "x=(", "${x:-", "${x%/*}", "cp -r", "ln", "tar -x", "read", "shift", "set --",
        "trap", "xargs", "#", "mktemp", "printf", "%s", "seq", "\n", " ",
    ]
)  # fmt: skip


@settings(max_examples=examples(150), deadline=None)
@given(st.one_of(st.text(), st.lists(PIECES, max_size=60).map(" ".join)))
def test_no_text_breaks_it(text: str) -> None:
    for effect in followed(text).found:
        assert effect.text.startswith("/")
        assert 1 <= effect.line <= text.count("\n") + 1


@given(st.text(alphabet="ab{},.1", max_size=12))
def test_braces_always_end(text: str) -> None:
    assert braces(text)


@given(
    st.text(alphabet="ab/.", max_size=8),
    st.text(alphabet="ab/." + STAR, max_size=3),
    st.sampled_from(["%", "%%", "#", "##"]),
)
def test_trimming_leaves_an_end_of_the_value(value: str, pattern: str, kind: str) -> None:
    if pattern.count(STAR) < 2:
        left = trim(value, pattern, kind)
        assert value.startswith(left) if kind[0] == "%" else value.endswith(left)


@given(st.integers(-50, 50), st.integers(-50, 50), st.sampled_from(["+", "-", "*", "<", "=="]))
def test_arithmetic(a: int, b: int, operator: str) -> None:
    expected = int(eval(f"({a}) {operator} ({b})"))
    assert evaluate(f"({a}) {operator} (x)", {"x": str(b)}.get) == expected


FOUND_FILE = "f=$(find '/srv/app' -maxdepth 1 -type f -name '*.conf' 2>/dev/null | sort | head -1); "


def test_what_find_finds_is_there_already() -> None:
    assert told(FOUND_FILE + '[ -n "$f" ] && echo tuned >> "$f"', Use.CHANGES) == ["/srv/app/<?>.conf"]
    assert told(FOUND_FILE + '[ -n "$f" ] && echo tuned >> "$f"') == []
    assert told("touch $(find /srv/app -name '*.stamp')", Use.CHANGES) == ["/srv/app/<??>.stamp"]


def test_a_name_made_of_what_was_found_is_another() -> None:
    assert told(FOUND_FILE + 'cp "$f" "$f.bak"')[0] == "/srv/app/<?>.conf.bak"
    assert told(FOUND_FILE + 'touch "/var/run/app/${f##*/}"') == ["/var/run/app/<?>.conf"]
    assert told(FOUND_FILE + 'touch "$(dirname "$f")/done"') == ["/srv/app/done"]


def test_what_find_finds_otherwise_is_not_known() -> None:
    assert told("touch $(find /srv/app ! -name '*.conf')", Use.CHANGES) == []
