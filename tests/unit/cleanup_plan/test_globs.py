from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.cleanup.globs import BadGlob, matcher


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("*.log", "/srv/app/x.log", True),
        ("*.log", "/srv/app/logs.d/x", False),
        ("cache", "/srv/app/cache/deep/x", True),
        ("cach", "/srv/app/cache", False),
        ("/srv/app/*", "/srv/app/x", True),
        ("/srv/app/*", "/srv/app/x/y", True),  # it lies in what the glob names
        ("/srv/app/*.txt", "/srv/app/x/y.txt", False),
        ("/srv/**/y.txt", "/srv/app/x/y.txt", True),
        ("/srv/**/y.txt", "/srv/y.txt", True),
        ("**/y.txt", "/y.txt", True),
        ("/srv/**y.txt", "/srv/x/y.txt", True),
        ("/srv/app/**", "/srv/app/x/y", True),
        ("/srv/app/**", "/srv/app", False),
        ("app/cache", "/srv/app/cache/x", True),
        ("app/cache", "/srv/myapp/cache/x", False),
        ("./app/*", "/srv/app/x", True),
        ("//srv//app/./x", "/srv/app/x", True),
        ("/", "/srv/app/x", True),
        (".", "/srv/app/x", True),
        ("/srv/app/", "/srv/app/x", True),
        ("srv/app", "/srv/app/x", True),
        ("[ab].txt", "/a.txt", True),
        ("[!ab].txt", "/a.txt", False),
        ("[!ab].txt", "/c.txt", True),
        ("[", "/x/[", True),
        (r"\*", "/x/*", True),
        (r"\*", "/x/y", False),
        ("?", "/x/\n", True),
        ("a*b", "/x/a\nb", True),
        ("A.txt", "/a.txt", False),
        ("x.log", "/srv/xylog", False),
    ],
)
def test_what_a_glob_names(glob: str, path: str, matches: bool) -> None:
    assert matcher([glob])(path) is matches


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        (r"C:\temp\*.log", "/C:/Temp/A.LOG", True),
        ("c:/temp", "/C:/temp/x", True),
        ("*.LOG", "/D:/x/a.log", True),
        (r"C:\temp\*.log", "/D:/temp/a.log", False),
        (r"temp\*.log", "/D:/temp/a.log", True),
    ],
)
def test_on_windows_letter_case_and_slashes_do_not_count(glob: str, path: str, matches: bool) -> None:
    assert matcher([glob], windows=True)(path) is matches


def test_no_globs_name_nothing() -> None:
    assert not matcher([])("/srv/app/x")


@pytest.mark.parametrize("glob", ["", "a\0b", "x" * 5000, "[z-a]", "/srv/../app", ".."])
def test_what_is_no_glob_is_told(glob: str) -> None:
    with pytest.raises(BadGlob):
        matcher([glob])


def test_too_many_globs_are_told() -> None:
    with pytest.raises(BadGlob, match="more than 1000"):
        matcher(["x"] * 1001)


@given(st.text(st.sampled_from("ab*?[]!^-\\/.{}()|+$\n"), max_size=12), st.text(st.sampled_from("ab/.\n"), max_size=12))
def test_any_text_is_a_glob_or_is_told(glob: str, path: str) -> None:
    try:
        matched = matcher([glob])
    except BadGlob:
        return
    matched("/" + path)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=8))
def test_a_name_taken_as_it_is_names_itself_alone(name: str) -> None:
    glob = "".join("\\" + character for character in name)
    assert matcher([glob])("/srv/" + name)
    assert not matcher([glob])("/srv/" + name + "x")
