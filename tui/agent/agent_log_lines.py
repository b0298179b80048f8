"""The entries of the agent's own log."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Optional

from tui.agent.failed_scripts import LONGEST, one_line, script_in
from tui.agent.log_records import Failure
from tui.agent.log_times import seconds
from tui.paths import from_bytes

_REST = 16 << 10  # bytes of the lines that follow an entry, such as a backtrace
# "2026-01-12T07:30:00 INFO  [codedeploy-agent(23175)]: message"
# "2026-11-23 06:07:36  INFO deployment{deployment_id=… command=… app=…}: message key=value"
_ENTRY = re.compile(
    rb"^(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    rb"(?:T(?P<time1>[0-9:]{8}) (?P<level1>[A-Z]{3,7}) {1,5}\[[^\n]{0,255}?\((?P<pid>[0-9]{1,10})\)\]: "
    rb"| (?P<time2>[0-9:]{8})(?:\.[0-9]{1,9})?Z? {1,3}(?P<level2>TRACE|DEBUG|INFO|WARN|ERROR)"
    rb" (?:deployment\{(?P<span>[^}\n]{0,2000})\}:? ?)?)(?P<text>[^\n]{0,65536})",
    re.MULTILINE,
)
_FIELD = re.compile(rb'(\w{1,40})=("[^"\n]{0,500}"|[^ \n]{0,500})')
_PERFORM = b"Error during perform: "
_CLASS = re.compile(rb"Error during perform: ([\w:]{1,200}) - ")
_TRACE = re.compile(
    rb" - (?=(?:(?! - )[^\n]){1,500}?:[0-9]{1,7}:in )"
)  # where the message ends and the backtrace begins
_TRACKED = b"Deployment tracking file found: "
_MAKING = b"Creating deployment root directory "
_NAMED = re.compile(rb"[/\\](d-[0-9A-Z]{9}(?:-local)?|local-[0-9]{1,10})(?![^/\\\s'\",.;)])")
_AT, _TIMED_OUT = b"Script at specified location: ", b" timed out"
# Messages and steps of the Install event and of DownloadBundle (agent 1.8.1).
_INSTALL = re.compile(
    rb"a specified file already exists at this location|specifies two source files named|calls for installing the file"
    rb"|includes an mkdir command more than once|the permissions setting for \(|installer\.rb:"
)
_DOWNLOAD = re.compile(rb"download_from_|unpack_bundle|handle_local_|Could not download bundle")
_SAME = 5.0  # seconds between the note that a script timed out and the error that follows


@dataclass
class Parsed:
    """What the entries tell; a failure's line counts from 0."""

    form: Optional[int] = None
    first: Optional[float] = None
    last: Optional[float] = None
    failures: list[Failure] = field(default_factory=list)


def parse_lines(data: bytes) -> Parsed:
    """Whole lines of the agent's log, of either version, times and failures in their order. Never raises."""
    parsed = Parsed()
    making: dict[bytes, str] = {}  # process -> the deployment whose directory it made last (debug level alone)
    line, counted = 0, 0
    before: Optional[re.Match[bytes]] = None
    for entry in _ENTRY.finditer(data):
        if before is not None:
            line += data.count(b"\n", counted, before.start())
            counted = before.start()
            _take(parsed, before, data[before.end() : min(entry.start(), before.end() + _REST)], line, making)
        before = entry
    if before is not None:
        line += data.count(b"\n", counted, before.start())
        _take(parsed, before, data[before.end() : before.end() + _REST], line, making)
    return parsed


def _take(parsed: Parsed, entry: re.Match[bytes], rest: bytes, line: int, making: dict[bytes, str]) -> None:
    time = seconds(entry["day"] + b" " + (entry["time1"] or entry["time2"]))
    if time is None:
        return
    parsed.form = 1 if entry["time1"] else 2
    parsed.first = time if parsed.first is None else parsed.first
    parsed.last = time
    failure = _first(entry, rest, time, making) if parsed.form == 1 else _second(entry, rest, time)
    if failure is None:
        return
    if parsed.failures and _told_before(parsed.failures[-1], failure):
        parsed.failures.pop()
    parsed.failures.append(replace(failure, line=line))


def _told_before(noted: Failure, failure: Failure) -> bool:
    """Whether an error repeats the note just before it that its script timed out."""
    timed_out = noted.message.endswith(" timed out")
    return timed_out and noted.location == failure.location and 0 <= failure.time - noted.time <= _SAME


def _first(entry: re.Match[bytes], rest: bytes, time: float, making: dict[bytes, str]) -> Optional[Failure]:
    """What version 1's entry tells of a failed command."""
    level, text, pid = entry["level1"], entry["text"].rstrip(b"\r"), entry["pid"]
    if _MAKING in text:
        named = _NAMED.search(text)
        if named:
            making[pid] = from_bytes(named[1])
        return None
    if text.endswith(_TIMED_OUT) and _AT in text:
        note = text[text.rindex(_AT) :]
        location = from_bytes(note[len(_AT) : -len(_TIMED_OUT)])
        return Failure(one_line(note), time, "", None, making.get(pid), None, location)
    if level == b"WARN" and _TRACKED in text:
        return Failure(one_line(text[text.index(_TRACKED) :]), time, "", None)
    if level != b"ERROR" or _PERFORM not in text:
        return None
    whole = text[text.index(_PERFORM) :] + rest
    kind = _CLASS.match(whole)
    if not (b"process_command" in whole or (kind and kind[1].endswith(b"ScriptError"))):
        return None  # the agent could not ask for commands, which no deployment is to blame for
    message = whole[kind.end() if kind else len(_PERFORM) :]
    end = _TRACE.search(message)
    if end:
        message = message[: end.start()]
    named = _NAMED.search(message)
    deployment_id = from_bytes(named[1]) if named else making.pop(pid, None)
    return Failure(
        one_line(message), time, "", None, deployment_id, _event(whole), script_in(from_bytes(message[:LONGEST]))
    )


def _event(whole: bytes) -> Optional[str]:
    if _INSTALL.search(whole):
        return "Install"
    return "DownloadBundle" if _DOWNLOAD.search(whole) else None


def _second(entry: re.Match[bytes], rest: bytes, time: float) -> Optional[Failure]:
    """What version 2's entry tells of a failed command."""
    level, text, span = entry["level2"], entry["text"].rstrip(b"\r"), entry["span"]
    if span is None or not (level == b"ERROR" or (level == b"WARN" and b"fail" in text.lower())):
        return None
    fields = {key: value.strip(b'"') for key, value in _FIELD.findall(span)}
    message = one_line(text)
    return Failure(
        message=message,
        time=time,
        source="",
        line=None,
        deployment_id=from_bytes(fields[b"deployment_id"]) if fields.get(b"deployment_id") else None,
        event=from_bytes(fields[b"command"]) if fields.get(b"command") else None,
        location=script_in(message),
        utc=True,
    )
