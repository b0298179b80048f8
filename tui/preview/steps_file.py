"""A steps file: several deployments in a row, written by an operator as YAML (so also as JSON).

    group: 7c1e5b1a-9d34-4f0a-8a1b-3f2c6d7e8f90    # optional, for all steps that name none
    file-exists-behavior: RETAIN                   # likewise
    steps:
      - revision: app-1.zip                        # as --revision takes it
      - revision: app-2.zip
        file-exists-behavior: OVERWRITE
        outcome: fails-in-script                   # or fails-in-install, or succeeds: as foretold

It is read as events, one after the other, and the first thing that has no place in it is the error:
no anchor, alias or tag is taken, so nothing grows, and nothing is nested deeper than this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from tui.paths import to_bytes
from tui.preview.records import Behavior, Ending

LIMIT = 256 << 10  # bytes of a steps file
MOST = 100  # steps
LONGEST = 4096  # characters of a value
OUTCOMES = {
    "succeeds": Ending.FORETOLD,
    "fails-in-install": Ending.IN_INSTALL,
    "fails-in-script": Ending.IN_SCRIPT,
}
_TOP = ("group", "file-exists-behavior", "steps")
_OF_A_STEP = ("revision", "group", "file-exists-behavior", "outcome")
_NOTHING = ("", "~", "null")  # a plain word that is no value


class StepsError(Exception):
    """A steps file that cannot be used; ``str()`` is one line: file, line, what is wrong, what is allowed."""


@dataclass(frozen=True)
class PlannedStep:
    """One deployment as it is written, with what the file says for all steps where the step is silent."""

    revision: str
    line: int  # where the step begins, from 1
    group: Optional[str] = None
    behavior: Optional[Behavior] = None
    ending: Ending = Ending.FORETOLD


@dataclass
class _Mapping:
    """Keys with a text and the line that it stands in."""

    line: int
    values: dict[str, tuple[str, int]] = field(default_factory=dict)

    def text(self, key: str) -> Optional[str]:
        found = self.values.get(key)
        return None if found is None else found[0]


def parse_steps(data: bytes, name: str) -> tuple[PlannedStep, ...]:
    """The steps in a steps file's bytes, at least one. ``name`` is the file, for errors. Raises StepsError."""
    if len(data) > LIMIT:
        raise StepsError(f"{name}: larger than {LIMIT >> 10} KiB; it may have {MOST} steps")
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Parser(yaml, name, yaml.parse(data, Loader=loader)).parse()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        words = ", ".join(part for part in (error.context, error.problem) if part)
        raise StepsError(f"{name}{line}: not YAML: {words}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        words = (str(error).splitlines() or [""])[0]
        raise StepsError(f"{name}: not YAML: {words}") from None


class _Parser:
    def __init__(self, yaml: Any, name: str, events: Iterator[Any]) -> None:
        self._yaml = yaml
        self._name = name
        self._events = events
        self._line = 1

    def parse(self) -> tuple[PlannedStep, ...]:
        yaml = self._yaml
        self._event()  # the stream begins
        event = self._event()
        if not isinstance(event, yaml.StreamEndEvent):  # a document begins
            event = self._event()
        if isinstance(event, yaml.StreamEndEvent) or (isinstance(event, yaml.ScalarEvent) and event.value in _NOTHING):
            raise self._wrong("empty; it needs steps, a list of deployments", 1)
        if not isinstance(event, yaml.MappingStartEvent):
            raise self._wrong(f"{self._kind(event)} where {_words(_TOP)} are expected")
        found: list[_Mapping] = []
        top = self._mapping(_TOP, {"steps": lambda: found.extend(self._steps())})
        self._event()  # the document ends
        if not isinstance(self._event(), yaml.StreamEndEvent):
            raise self._wrong("a second document; all steps stand in one")
        if not found:
            raise self._wrong("no steps; it needs steps, a list of deployments", top.line)
        return tuple(self._planned(step, top) for step in found)

    # -- events ----------------------------------------------------------------------------------

    def _event(self) -> Any:
        """The next event. Raises StepsError for anchors, aliases and tags, and what the parser raises."""
        event = next(self._events)
        if event.start_mark is not None:
            self._line = event.start_mark.line + 1
        if isinstance(event, self._yaml.AliasEvent):
            raise self._wrong("an alias; anchors, aliases and tags are not taken")
        if getattr(event, "anchor", None) is not None:
            raise self._wrong("an anchor; anchors, aliases and tags are not taken")
        if getattr(event, "tag", None) is not None:
            raise self._wrong("a tag; anchors, aliases and tags are not taken")
        return event

    def _kind(self, event: Any) -> str:
        if isinstance(event, self._yaml.MappingStartEvent):
            return "a mapping"
        return "a list" if isinstance(event, self._yaml.SequenceStartEvent) else "a text"

    def _wrong(self, what: str, line: Optional[int] = None) -> StepsError:
        return StepsError(f"{self._name}:{line or self._line}: {what}")

    # -- what it is made of ----------------------------------------------------------------------

    def _mapping(self, allowed: tuple[str, ...], below: Mapping[str, Callable[[], None]]) -> _Mapping:
        """A mapping that has begun. ``below`` reads the keys whose value is no text."""
        found, seen = _Mapping(self._line), set()
        while True:
            event = self._event()
            if isinstance(event, self._yaml.MappingEndEvent):
                return found
            if not isinstance(event, self._yaml.ScalarEvent):
                raise self._wrong(f"{self._kind(event)} for a key; allowed are {_words(allowed)}")
            key = event.value
            if key not in allowed:
                raise self._wrong(f"unknown key {_short(key)}; allowed are {_words(allowed)}")
            if key in seen:
                raise self._wrong(f"{key} comes twice")
            seen.add(key)
            if key in below:
                below[key]()
            else:
                found.values[key] = self._text(key)

    def _text(self, key: str) -> tuple[str, int]:
        event = self._event()
        if not isinstance(event, self._yaml.ScalarEvent):
            raise self._wrong(f"{self._kind(event)} for {key}, which is a text")
        text = event.value
        if text == "" or (text in _NOTHING and not event.style):
            raise self._wrong(f"{key} has no value")
        if len(text) > LONGEST:
            raise self._wrong(f"{key} is longer than {LONGEST:,} characters")
        try:
            if "\0" in to_bytes(text).decode("utf-8"):
                raise self._wrong(f"{key} has a NUL character, which no path and no id has")
        except UnicodeError:
            raise self._wrong(f"{key} has half a character") from None
        return text, self._line

    def _steps(self) -> Iterator[_Mapping]:
        event = self._event()
        if not isinstance(event, self._yaml.SequenceStartEvent):
            raise self._wrong(f"{self._kind(event)} for steps, which is a list of deployments")
        number = 0
        while True:
            event = self._event()
            if isinstance(event, self._yaml.SequenceEndEvent):
                return
            number += 1
            if number > MOST:
                raise self._wrong(f"more than {MOST} steps")
            if not isinstance(event, self._yaml.MappingStartEvent):
                raise self._wrong(f"{self._kind(event)} for a step; write it as - revision: app.zip")
            step = self._mapping(_OF_A_STEP, {})
            if "revision" not in step.values:
                raise self._wrong("a step without revision; it says what to deploy", step.line)
            yield step

    def _planned(self, step: _Mapping, top: _Mapping) -> PlannedStep:
        behavior = self._behavior(step) or self._behavior(top)
        outcome, line = step.values.get("outcome", ("succeeds", 0))
        if outcome not in OUTCOMES:
            raise self._wrong(f"unknown outcome {_short(outcome)}; allowed are {_words(tuple(OUTCOMES))}", line)
        group = step.text("group") or top.text("group")
        return PlannedStep(step.text("revision") or "", step.line, group, behavior, OUTCOMES[outcome])

    def _behavior(self, mapping: _Mapping) -> Optional[Behavior]:
        written, line = mapping.values.get("file-exists-behavior", (None, 0))
        if written is None:
            return None
        try:
            return Behavior(written.upper())
        except ValueError:
            allowed = _words(tuple(behavior.value for behavior in Behavior))
            raise self._wrong(f"unknown file-exists-behavior {_short(written)}; allowed are {allowed}", line) from None


def _words(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _short(text: str) -> str:
    """A text as it is quoted in an error."""
    return f"'{text}'" if len(text) <= 60 else f"'{text[:60]}' and more"
