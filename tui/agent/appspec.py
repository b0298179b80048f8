"""The appspec: parsed and checked in the order, and with the messages, of agent 1.8.1."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any, Optional

from tui.agent import psych, ruby
from tui.agent.appspec_permissions import read_permission
from tui.agent.appspec_rules import Budget, Invalid, member
from tui.agent.psych import Node
from tui.agent.reading import read_record, stat_or_none
from tui.agent.records import AppSpec, FileMapping, HookScript, Permission, Problem
from tui.disk.inventory import FILE
from tui.disk.root import Root, RootError

LIMIT = 1 << 20  # bytes
MAX_ENTRIES = 20_000  # of all lists together
USUAL_NAMES = ("appspec.yml", "appspec.yaml")  # in the order that counts when the deployment names none
BEHAVIORS = ("DISALLOW", "OVERWRITE", "RETAIN")
DEFAULT_TIMEOUT = 3600  # seconds
_FAILED = "The deployment failed because "
_SPECIFIES = _FAILED + "the application specification file specifies "
_EMPTY = (
    _FAILED + "the application specification file was empty. Make sure your AppSpec file defines at minimum the "
    "'version' and 'os' properties."
)
_NO_LOCATION = (
    _SPECIFIES + "a script with no location value. Specify the location in the hooks section of the AppSpec file, "
    "and then try again."
)


def find_appspec(root: Root, archive: str) -> Optional[str]:
    """The appspec of an unpacked revision: ``appspec.yml``, ``appspec.yaml``, else any that parses as one.

    The deployment can name any file, which no record on disk repeats; it names ``appspec.yml`` where
    the operator gave no name, and the agent then falls back to ``appspec.yaml``. A result of another
    name than these is a guess: the first file ``*.yml`` or ``*.yaml`` with a version and an os.
    """
    for name in USUAL_NAMES:
        path = posixpath.join(archive, name)
        stat = stat_or_none(root, path)
        if stat is not None and stat.type == FILE:
            return path
    try:
        names = [name for name, _ in root.list(archive) if name.lower().endswith((".yml", ".yaml"))]
    except (RootError, OSError):
        return None
    for name in names[:50]:
        path = posixpath.join(archive, name)
        content, _ = read_record(root, path, LIMIT)
        if content and content.complete and parse_appspec(content.data, path, root.platform).error is None:
            return path
    return None


def read_appspec(root: Root, path: str, version: int = 1) -> Optional[AppSpec]:
    """The appspec at a path of the instance, as an agent of ``version`` 1 or 2 reads it; None where there is none."""
    content, problem = read_record(root, path, LIMIT)
    if content is None:
        return AppSpec(path, error=problem.message, unreadable=True) if problem else None
    if not content.complete:
        return AppSpec(path, error=f"The appspec is larger than {LIMIT} bytes and was not read.", unreadable=True)
    return parse_appspec(content.data, path, root.platform, version)


def parse_appspec(data: bytes, path: str, platform: str = "linux", version: int = 1) -> AppSpec:
    """An appspec's bytes, checked for an agent on ``platform`` (``linux`` or ``windows``). Never raises.

    Checks are version 1's (agent 1.8.1), but that an agent of ``version`` 2 does not check the ``os``.

    ``error`` is the message of the first error, in the order in which the agent would meet them, and the
    rest is what could be read all the same. Errors of a wrong type carry the message of Ruby before 3.4.
    """
    try:
        top = psych.load_first(data)
    except psych.YamlError as error:
        return AppSpec(path, error=str(error), error_line=error.line)
    if top is None or top.value is None or top.value is False:
        return AppSpec(path, error=_EMPTY)
    reader = _Reader(path, platform if version == 1 else None, top)
    reader.read()
    return reader.result()


class _Reader:
    """Reads one appspec, section by section; keeps the first error and goes on."""

    def __init__(self, path: str, platform: Optional[str], top: Node) -> None:
        self._path = path
        self._platform = platform
        self._top = top
        self._error: Optional[str] = None
        self._error_line: Optional[int] = None
        self._budget = Budget(MAX_ENTRIES)
        self._version: Any = None
        self._os: Any = None
        self._behavior: Optional[str] = None
        self._hooks: dict[str, tuple[HookScript, ...]] = {}
        self._files: list[FileMapping] = []
        self._permissions: list[Permission] = []
        self._problems: list[Problem] = []
        refused = psych.newer_refuses(top) if platform is not None else None
        if refused is not None:
            message = f"{refused[1]} in the appspec: an agent that runs on Ruby 3.1 or newer refuses it."
            self._problems.append(Problem("appspec-newer-ruby", path, message[0].upper() + message[1:], refused[0]))

    def result(self) -> AppSpec:
        return AppSpec(
            path=self._path,
            version=self._version,
            os=self._os,
            files=tuple(self._files),
            hooks=self._hooks,
            permissions=tuple(self._permissions),
            file_exists_behavior=self._behavior,
            error=self._error,
            error_line=self._error_line,
            problems=tuple(self._problems),
        )

    def read(self) -> None:
        for section in (
            self._read_version,
            self._read_os,
            self._read_hooks,
            self._read_files,
            self._read_permissions,
            self._read_behavior,
        ):
            try:
                section()
            except Invalid as error:
                self._fail(error)

    def _fail(self, error: Invalid) -> None:
        if self._error is None:
            self._error, self._error_line = str(error), error.line

    def _section(self, name: str) -> Optional[Node]:
        """A section of the appspec; None where it is missing, null or false."""
        node = member(self._top, name)
        return None if node is None or node.value is None or node.value is False else node

    def _scalar(self, name: str) -> tuple[Any, int]:
        node = member(self._top, name)
        return (None, self._top.line) if node is None else (node.plain(), node.line)

    def _read_version(self) -> None:
        self._version, line = self._scalar("version")
        if isinstance(self._version, bool) or not isinstance(self._version, (int, float)) or self._version != 0:
            raise Invalid(
                f"{_FAILED}an invalid version value ({ruby.to_s(self._version)}) was entered in the application "
                'specification file. Make sure your AppSpec file specifies "0.0" as the version, and then try again.',
                line,
            )

    def _read_os(self) -> None:
        self._os, line = self._scalar("os")
        if self._platform is not None and self._os != self._platform:
            raise Invalid(
                f'{_SPECIFIES}an unsupported operating system ({ruby.to_s(self._os)}). Specify either "linux" or '
                '"windows" in the os section of the AppSpec file, and then try again.',
                line,
            )

    def _read_hooks(self) -> None:
        hooks = self._section("hooks")
        if hooks is None:
            return
        if not isinstance(hooks.value, dict):
            raise Invalid(ruby.no_method("each_pair", hooks.plain()), hooks.line)
        for event, (_, scripts) in hooks.value.items():
            if scripts.value is None or scripts.value is False:
                continue
            name = ruby.to_s(event)
            runs: list[HookScript] = []
            self._hooks[name] = ()
            try:
                for script in self._budget.each(scripts):
                    try:
                        runs.append(_script(name, script))
                    except Invalid as error:
                        self._fail(error)
            finally:
                self._hooks[name] = tuple(runs)

    def _read_files(self) -> None:
        files = self._section("files")
        for mapping in self._budget.each(files) if files else ():
            try:
                self._files.append(self._file(mapping))
            except Invalid as error:
                self._fail(error)

    def _file(self, mapping: Node) -> FileMapping:
        source, destination = (_given(member(mapping, name)) for name in ("source", "destination"))
        if source is None:
            raise Invalid(
                f"{_SPECIFIES}a destination file, but no source file. Update the files section of the AppSpec file, "
                "and then try again.",
                mapping.line,
            )
        if destination is None:
            raise Invalid(
                f"{_SPECIFIES}only a source file ({ruby.to_s(source.plain())}). Add the name of the destination "
                "file to the files section of the AppSpec file, and then try again.",
                mapping.line,
            )
        not_text: Optional[str] = None
        written = _path_list(source.plain()) if self._platform is not None else None
        for node in (source, destination) if written is None else (destination,):
            if not isinstance(node.value, str):
                value = node.plain()
                kind = ruby.inspect(value) if isinstance(value, bool) else ruby.class_name(value)
                not_text = not_text or kind
                message = (
                    f"{ruby.inspect(value)} is no text: the Install event fails, after the cleanup, with "
                    f'"no implicit conversion of {kind} into String".'
                )
                self._problems.append(Problem("appspec-not-text", self._path, message, node.line))
        return FileMapping(
            ruby.to_s(source.plain()) if written is None else written,
            ruby.to_s(destination.plain()),
            mapping.line,
            not_text,
        )

    def _read_permissions(self) -> None:
        permissions = self._section("permissions")
        for node in self._budget.each(permissions) if permissions else ():
            try:
                self._permissions.append(
                    read_permission(node, self._os == "linux", self._budget, 2 if self._platform is None else 1)
                )
            except Invalid as error:
                self._fail(error)

    def _read_behavior(self) -> None:
        value, line = self._scalar("file_exists_behavior")
        if value is None:
            return
        if value not in BEHAVIORS:
            raise Invalid(
                f"{_FAILED}an invalid file_exists_behavior value ({ruby.to_s(value)}) was entered in the application "
                f"specification file. Make sure your AppSpec file specifies one of {','.join(BEHAVIORS)} as the "
                "file_exists_behavior, and then try again.",
                line,
            )
        self._behavior = value


def _given(node: Optional[Node]) -> Optional[Node]:
    return None if node is None or node.value is None else node


def _path_list(value: Any) -> Optional[str]:
    """What ``File.join`` makes of a list of texts, which version 1 takes for a source; None for all else."""
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        return None
    joined = value[0] if value else ""
    for part in value[1:]:
        joined = f"{joined.rstrip('/')}{part}" if part.startswith("/") else f"{joined.removesuffix('/')}/{part}"
    return joined


def _script(event: str, node: Node) -> HookScript:
    if not isinstance(node.value, dict):
        raise Invalid(ruby.no_method("has_key?", node.plain()), node.line)
    location = _given(node.get("location"))
    text = ruby.strip(ruby.to_s(location.plain())) if location else ""
    if not text:
        raise Invalid(_NO_LOCATION, node.line)
    runas = _given(node.get("runas"))
    return HookScript(
        event=event,
        location=text,
        timeout=_timeout(node),
        runas=ruby.strip(ruby.to_s(runas.plain())) if runas else None,
        line=node.line,
    )


def _timeout(node: Node) -> int:
    """A script's timeout, by Ruby's ``to_i``: ``"30s"`` is 30, ``1.9`` is 1, ``soon`` is 0 and refused."""
    given = node.get("timeout")
    value = None if given is None else given.plain()
    line = node.line if given is None else given.line
    if value is None or value is False:
        return DEFAULT_TIMEOUT
    if isinstance(value, str):
        seconds = ruby.leading_integer(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            seconds = int(value)
        except (OverflowError, ValueError):
            raise Invalid(ruby.inspect(value), line) from None  # Ruby's FloatDomainError says just that
    else:
        raise Invalid(ruby.no_method("to_i", value), line)
    if seconds <= 0:
        raise Invalid(
            f"{_FAILED}an invalid timeout value was provided for a script in the application specification file. "
            "Make corrections in the hooks section of the AppSpec file, and then try again.",
            line,
        )
    return seconds


def other_names(root: Root, archive: str, path: str) -> Iterator[Problem]:
    """What to doubt about the choice of ``path`` as a revision's appspec."""
    if posixpath.basename(path) not in USUAL_NAMES:
        message = f"No {USUAL_NAMES[0]} is there; {posixpath.basename(path)} parses as an appspec and is taken for it."
        yield Problem("appspec-other-name", path, message, severity="info")
    elif path.endswith("/" + USUAL_NAMES[0]) and stat_or_none(root, posixpath.join(archive, USUAL_NAMES[1])):
        first, second = USUAL_NAMES
        message = f"{second} is there as well; the agent reads {first} unless the deployment names another."
        yield Problem("appspec-two", path, message, severity="info")
