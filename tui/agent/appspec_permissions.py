"""One entry of an appspec's ``permissions``, checked as agent 1.8.1 checks it."""

from __future__ import annotations

from typing import Any, Optional

from tui.agent import ruby
from tui.agent.appspec_rules import Budget, Invalid, member
from tui.agent.psych import Node, Octal
from tui.agent.records import Permission

_UPDATE = "Update the permissions section of the AppSpec file, and then try again."
_CORRECT = "Make corrections in the permissions section of the AppSpec file, and then try again."
_NO_OBJECT = (
    "The deployment failed because a permission listed in the application specification file has no object value. "
    + _UPDATE
)
_WINDOWS = (
    "The deployment failed because the application specification file specifiles file permissions, but the deployment "
    "is targeting one or more Windows Server instances. Permissions are supported only for Amazon Linux, Ubuntu "
    "Server, and Red Hat Enterprise Linux (RHEL) instances. " + _UPDATE
)
_TYPES = ("file", "directory")
_ACL_TYPES = {
    "m": "mask",
    "mask": "mask",
    "o": "other",
    "other": "other",
    "g": "group",
    "group": "group",
    "u": "user",
    "user": "user",
}
_ACL_DEFAULT = ("d", "default")


def read_permission(node: Node, linux: bool, budget: Budget, version: int = 1) -> Permission:
    """A permission, for an agent of ``version`` 1 or 2; ``linux``: whether the appspec's os is that. Raises Invalid."""
    if not isinstance(node.value, dict):
        raise Invalid(ruby.no_method("has_key?", node.plain()), node.line)
    given = _given(node.get("object"))
    if given is None:
        raise Invalid(_NO_OBJECT, node.line)
    if not linux:
        raise Invalid(_WINDOWS, node.line)
    pattern = _plain(node, "pattern")
    excepts = _list(node, "except", budget)
    types = _types(node, budget)
    mode, acls, context = (_given(node.get(name)) for name in ("mode", "acls", "context"))
    if mode is not None:
        _check_mode(mode, version)
    for ace in budget.each(acls) if acls is not None else ():
        _check_ace(ace.plain(), ace.line)
    if context is not None:
        _check_context(context)
    name = ruby.strip(ruby.to_s(given.plain()))
    if not name:
        raise Invalid(_NO_OBJECT, node.line)
    return Permission(
        object=name,
        line=node.line,
        pattern="**" if pattern is None or pattern is False else pattern,
        excepts=excepts,
        types=types,
        owner=_plain(node, "owner"),
        group=_plain(node, "group"),
        mode=_plain(node, "mode"),
        acls=_plain(node, "acls"),
        context=_plain(node, "context"),
    )


def _plain(node: Node, name: str) -> Any:
    value = node.get(name)
    return None if value is None else value.plain()


def _given(node: Optional[Node]) -> Optional[Node]:
    return None if node is None or node.value is None else node


def _list(node: Node, name: str, budget: Budget) -> tuple[Any, ...]:
    value = node.get(name)
    if value is None or value.value is None or value.value is False:
        return ()
    return tuple(item.plain() for item in budget.each(value))


def _types(node: Node, budget: Budget) -> tuple[str, ...]:
    types = _list(node, "type", budget)
    for kind in types:
        if kind not in _TYPES:
            raise Invalid(
                "The deployment failed because the application specification filespecifies a permission for an object "
                f"type not supported for permissions ({ruby.to_s(kind)}). {_UPDATE}",
                node.line,
            )
    given = node.get("type")
    return types if given is not None and given.value not in (None, False) else _TYPES


def _check_mode(node: Node, version: int) -> None:
    """Check a mode. ``0644`` unquoted is a number in base 8 for YAML, so it is checked, and set, as 420."""
    value = node.plain()
    mode = value.written if version == 2 and isinstance(value, Octal) else ruby.to_s(value).rjust(3, "0")
    if len(mode) > 4:
        raise Invalid(
            f"The deployment failed because the length of a permissions mode ({mode}) in the application specification "
            f"file is invalid. Permissions modes must be between one and four characters long. {_UPDATE}",
            node.line,
        )
    for char in mode:
        if not "0" <= char <= "7":
            raise Invalid(
                f"The deployment failed because the permissions mode ({mode}) in the application specification file "
                f"contains an invalid character ({char}). {_UPDATE}",
                node.line,
            )


def _check_ace(ace: Any, line: int) -> None:
    if not isinstance(ace, str):
        raise Invalid(ruby.no_method("split", ace), line)
    problem = (
        "The deployment failed because of a problem with the acls permission settings in the application "
        "specification file."
    )
    invalid = Invalid(f"{problem} Invalid acl entry ({ace}).", line)
    parts = ace.split(":") if ace else []
    if not 2 <= len(parts) <= 4:
        raise invalid
    bits, second = parts[-1], parts[-2]
    default = len(parts) == 4
    if default and parts[0] not in _ACL_DEFAULT:
        raise invalid
    kind: Optional[str] = None
    if len(parts) >= 3:
        third = parts[-3]
        if third in _ACL_DEFAULT and not default:
            default = True
        elif third in _ACL_TYPES:
            kind = _ACL_TYPES[third]
        else:
            raise invalid
    kind, name = _ace_name(kind, second)
    if kind in ("mask", "other") and name:
        raise invalid
    if not default and kind != "mask" and not name:
        raise Invalid(f"{problem} Use mode to set the base acl entry ({ace}). {_UPDATE}", line)
    if len(bits) == 1 and "0" <= bits <= "7":
        return
    for char in bits:
        if char not in "rwx-":
            raise Invalid(
                f"The deployment failed because the access control list (ACL) named {ace} in the application "
                f"specification file contains an invalid character ({char}). Correct the ACL in the hooks section of "
                "the AppSpec file, and then try again.",
                line,
            )


def _ace_name(kind: Optional[str], part: str) -> tuple[str, str]:
    if part in ("m", "mask", "o", "other"):
        full = _ACL_TYPES[part]
        return (full, "") if kind is None else (kind, full)
    return kind or "user", part


def _check_context(node: Node) -> None:
    if _given(member(node, "type")) is None:
        raise Invalid(
            "The deployment failed because the application specification file specifies an invalid context type "
            f"({ruby.inspect(node.plain())}). {_UPDATE}",
            node.line,
        )
    given = _given(member(node, "range"))
    if given is None:
        return
    value = given.plain()
    if not isinstance(value, str):
        raise Invalid(ruby.no_method("include?", value), given.line)
    _check_range(value, given.line)


def _check_range(text: str, line: int) -> None:
    """An SELinux range, ``s#[-s#][:c#[.c#](,c#[.c#])*]``."""
    parts = _parts(text, ":", line)
    levels = [_number(level, "s", "sensitivity", line) for level in _parts(parts[0], "-", line)]
    if levels[-1] < levels[0]:
        raise Invalid(
            f"The deployment failed because of a problem with the SELinux range specified ({text}) for the context "
            f"parameter in the permissions section of the application specification file. {_CORRECT}",
            line,
        )
    seen: list[int] = []
    for category in parts[1].rstrip(",").split(",") if len(parts) == 2 else ():
        ends = [_number(end, "c", "category", line) for end in _parts(category, ".", line)]
        if ends[-1] < ends[0]:
            raise Invalid(f"invalid category range {category}", line)
        seen.extend(range(ends[0], ends[-1] + 1))
        if len(seen) > 2048:
            break
    if len(set(seen)) != len(seen):
        raise Invalid("duplicate categories", line)


def _parts(text: str, separator: str, line: int) -> list[str]:
    parts = text.split(separator, 1)
    if "" in parts:
        raise Invalid(f"invalid range part {text}", line)
    return parts


def _number(text: str, letter: str, kind: str, line: int) -> int:
    digits = text[1:]
    if not text.startswith(letter) or not digits or not all("0" <= char <= "9" for char in digits):
        raise Invalid(f"invalid {kind} {text}", line)
    number = int(digits[:1000])
    if kind == "category" and number > 1023:
        raise Invalid(f"invalid category {text}", line)
    return number
