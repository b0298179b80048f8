"""What is to be cleaned: the options of the command line as a Selection."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Callable, NamedTuple, Optional

from tui.arguments import Refused
from tui.commands.chain import Chain
from tui.ports import Ports

if TYPE_CHECKING:
    import argparse

    from tui.agent.records import Instance
    from tui.cleanup.choose import Selection
    from tui.disk.root import Root
    from tui.forensics.examination import Examination

_CHOICES = {
    "residue": "--residue", "unblock": "--unblock", "uninstall": "--uninstall", "agent_records": "--agent-records",
    "mark": "--mark", "path": "--path", "plan": "--plan",
}  # fmt: skip
_READ = 1 << 30  # bytes of a file of paths
_NARROWED = ("residue", "mark")


class Narrowing(NamedTuple):
    """An option that goes with some choices only."""

    option: str
    choices: tuple[str, ...]


_NARROWINGS = {
    "group": Narrowing("--group", ("residue", "mark", "unblock")),
    "file_exists_behavior": Narrowing("--file-exists-behavior", ("unblock",)),
    "below": Narrowing("--below", _NARROWED),
    "confidence": Narrowing("--confidence", _NARROWED),
    "widen": Narrowing("--widen", _NARROWED),
}


@dataclass(frozen=True)
class Chosen:
    """What is chosen, and what is to be said of it. ``useless``: why cleaning it up does not help."""

    selection: Selection
    notes: tuple[str, ...] = ()
    useless: Optional[str] = None


def check_choice(args: argparse.Namespace) -> str:
    """The choice that was made, by its option's name. Raises Refused where it is none, or two."""
    made = [name for name in _CHOICES if getattr(args, name)]
    if args.paths_from and "path" not in made:
        made.append("path")
    if made == ["unblock", "plan"]:
        made = ["plan"]  # the revision says where a reviewed plan may reach
    if not made:
        raise Refused(f"say what to clean: {', '.join(_CHOICES.values())} or --paths-from (see clean --help)")
    if len(made) > 1:
        raise Refused(f"{' and '.join(_CHOICES[name] for name in made)}: give one of the two, a cleanup each")
    for name, narrowing in _NARROWINGS.items():
        allowed = made[0] in narrowing.choices or (
            made[0] == "plan" and args.unblock and "unblock" in narrowing.choices
        )
        if getattr(args, name) and not allowed:
            wanted = ", ".join(_CHOICES[choice] for choice in narrowing.choices)
            raise Refused(f"{narrowing.option} goes with {wanted} only")
    if args.widen and args.confidence not in (None, "possible"):
        raise Refused("--widen is --confidence possible: leave one of the two out")
    if made[0] == "plan" and args.exclude:
        raise Refused("--exclude: a reviewed plan is carried out as it is; export one without those paths")
    return made[0]


def chosen(
    choice: str, args: argparse.Namespace, ports: Ports, root: Root, examination: Examination,
    stack: contextlib.ExitStack, cancelled: Callable[[], bool] = lambda: False,
) -> Chosen:  # fmt: skip
    """What the options choose; ``stack`` closes a revision. Raises Refused, and what the engine does.

    Also ``tui.cleanup.presets.Stopped`` once ``cancelled()`` is true.
    """
    from tui.cleanup.choose import BadChoice
    from tui.cleanup.globs import BadGlob

    try:
        if choice == "unblock":
            return _unblocked(args, ports, root, examination, stack, cancelled)
        if choice in _NARROWED:
            selection = _marked(choice, args, root, examination)
        elif choice == "path":
            selection = _paths(args, ports, root, examination)
        elif choice == "uninstall":
            selection = _uninstalled(args, root, examination)
        else:
            from tui.cleanup.agent_records import agent_records

            selection = agent_records(root, examination.instance, ports.now(), args.group_gone)
        return _less(Chosen(selection), args.exclude, examination)
    except (BadChoice, BadGlob) as error:
        raise Refused(str(error)) from None


def _less(found: Chosen, globs: Sequence[str], examination: Examination) -> Chosen:
    """A choice less what globs name; one that names nothing of it is told: it may be misspelled. Raises BadGlob."""
    from tui.cleanup.choose import without
    from tui.cleanup.globs import matcher

    notes = list(found.notes)
    for glob in globs:
        excluded = matcher([glob], examination.instance.windows)
        rows = (path for _, path in examination.inventory.paths(found.selection.rows))
        if found.selection and not any(map(excluded, chain(rows, (pick.path for pick in found.selection.picks)))):
            notes.append(f"--exclude {glob}: names nothing of what is chosen, so nothing is left out by it")
    return replace(found, selection=without(examination, found.selection, globs), notes=tuple(notes))


def _marked(choice: str, args: argparse.Namespace, root: Root, examination: Examination) -> Selection:
    from tui.cleanup.choose import Wanted, asked_path, choose
    from tui.cleanup.presets import RESIDUE
    from tui.cleanup.records import Why
    from tui.forensics.marks import Confidence, Mark

    instance = examination.instance
    if args.group is not None:
        _check_group("--group", args.group, instance)
    marks = RESIDUE if choice == "residue" else frozenset(mark for mark in Mark if mark.label in args.mark)
    named = args.confidence or ("possible" if args.widen or choice == "mark" else "likely")
    confidence = next(one for one in Confidence if one.label == named)
    below = tuple(asked_path(root, instance, text) for text in args.below) or None
    words = "residue" if choice == "residue" else " or ".join(sorted(mark.label for mark in marks))
    words += "" if args.group is None else f" of group {args.group}"
    words += "" if below is None else f" below {', '.join(map(instance.native, below))}"
    why = Why.RESIDUE if choice == "residue" else Why.MARK
    wanted = Wanted(marks, confidence, group=args.group, below=below)
    return choose(examination, wanted, words, why)


def _paths(args: argparse.Namespace, ports: Ports, root: Root, examination: Examination) -> Selection:
    from tui.cleanup.choose import by_paths

    paths = named_paths(args, ports, root, examination.instance)
    return by_paths(examination, paths, "paths by name")


def named_paths(args: argparse.Namespace, ports: Ports, root: Root, instance: Optional[Instance]) -> list[str]:
    """The paths of ``--path`` and ``--paths-from``, in the program's form. Raises Refused and BadChoice."""
    from tui.cleanup.choose import BadChoice, asked_path, read_paths

    texts = list(args.path or ())
    if args.paths_from is not None:
        texts += read_paths(read_named("--paths-from", args.paths_from, ports), root.platform == "windows")
    if instance is not None:
        return [asked_path(root, instance, text) for text in texts]
    for text in texts:
        if not text.startswith("/"):
            raise BadChoice(f"{text}: not an absolute path; name it from the root of the instance")
    return texts


def read_named(option: str, place: str, ports: Ports) -> bytes:
    """A file of the operator's, or standard input for ``-``. Raises Refused."""
    try:
        if place == "-":
            if ports.stdin is None:
                raise Refused(f"{option} -: standard input is closed")
            data = ports.stdin.buffer.read(_READ + 1)
        else:
            with open(place, "rb") as file:
                data = file.read(_READ + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Refused(f"{option} {place}: {reason.lower()}") from None
    if len(data) > _READ:
        raise Refused(f"{option} {place}: more than 1 GiB")
    return data


def _uninstalled(args: argparse.Namespace, root: Root, examination: Examination) -> Selection:
    from tui.cleanup.presets import uninstall

    instance = examination.instance
    _check_group("--uninstall", args.uninstall, instance)
    group = instance.group(args.uninstall)
    assert group is not None
    places = {one.cwd for one in instance.processes or () if one.cwd is not None and not one.cwd_gone}
    return uninstall(root, examination, group, places.pop() if len(places) == 1 else None, args.group_gone)


def _check_group(option: str, group: str, instance: Instance) -> None:
    if instance.group(group) is None:
        known = ", ".join(one.id for one in instance.groups) or "none"
        raise Refused(f"{option} {group}: no deployment group of that id; there are: {known}")


def _unblocked(
    args: argparse.Namespace, ports: Ports, root: Root, examination: Examination, stack: contextlib.ExitStack,
    cancelled: Callable[[], bool],
) -> Chosen:  # fmt: skip
    from tui.cleanup.presets import unblock
    from tui.preview.records import Behavior
    from tui.preview.steps_file import PlannedStep

    behavior = None if args.file_exists_behavior is None else Behavior(args.file_exists_behavior)
    planned = [PlannedStep(args.unblock, 0, args.group, behavior)]
    (step,) = Chain(planned, args.source).steps(root, examination.instance, ports, stack)
    found = unblock(root, examination, step, cancelled)
    before, after = found.before, found.after
    what = f"the deployment of {before.revision} to group {before.group}, {before.behavior.value},"
    useless = None
    if before.failure is None:
        note = f"{what} succeeds as things stand: nothing is in its way"
    elif after.failure is None:
        note = (
            f"{what} fails now: {before.failure.message or before.failure.phase.value}; without these paths it succeeds"
        )
    else:
        useless = f"{what} fails even without these paths: {after.failure.message or after.failure.phase.value}"
        note = useless
    less = _less(Chosen(found.selection, (), useless), args.exclude, examination)
    if len(less.selection.picks) < len(found.selection.picks):
        note += "; it is not known what it does where some of them are left out"
    return replace(less, notes=(note, *less.notes))
