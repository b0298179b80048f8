"""Which deployments are to be foretold, on which instance: one from options, or several from a steps file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Optional, Union

from tui.arguments import Refused
from tui.ports import Ports

if TYPE_CHECKING:
    import argparse

    from tui.agent.records import Group, Instance
    from tui.disk.candidate import Candidate
    from tui.disk.root import Root
    from tui.preview.records import Behavior, LastSuccessful, Revision, Step
    from tui.preview.steps_file import PlannedStep


@dataclass(frozen=True)
class Chain:
    """Deployments in a row, as they were asked for."""

    planned: Sequence[PlannedStep]
    source: Optional[str]  # the instance; None: this machine
    name: Optional[str] = None  # of the steps file
    base: str = ""  # the directory that the steps file's paths start from
    label: Optional[str] = None  # what the instance is called, where it is a bundled one

    def steps(self, root: Root, instance: Instance, ports: Ports, stack: contextlib.ExitStack) -> list[Step]:
        """The steps; each revision is opened once, and ``stack`` closes it. Raises Refused, and what opening does."""
        from tui.preview.records import NEW_GROUP, Step

        opened: dict[tuple[str, str], Union[Revision, LastSuccessful]] = {}
        steps = []
        for planned in self.planned:
            group = self._group(planned, instance)
            group_id = NEW_GROUP if group is None else group.id
            key = group_id, planned.revision
            if key not in opened:
                opened[key] = self._revision(planned, root, instance, group, ports, stack)
            steps.append(Step(group_id, opened[key], planned.behavior, planned.ending))
        return steps

    def _group(self, planned: PlannedStep, instance: Instance) -> Optional[Group]:
        """A step's group; None for one of which the instance has nothing. Raises Refused."""
        from tui.preview.records import NEW_GROUP

        known = ", ".join(group.id for group in instance.groups) or "none"
        known += f"; {NEW_GROUP} stands for one that was never deployed here"
        if planned.group is None:
            if len(instance.groups) < 2:
                return instance.groups[0] if instance.groups else None
            raise Refused(f"name the deployment group with --group; there are: {known}")
        group = instance.group(planned.group)
        if group is None and planned.group != NEW_GROUP:
            where = "--group" if self.name is None else f"{self.name}:{planned.line}: group"
            raise Refused(f"{where} {planned.group}: no deployment group of that id; there are: {known}")
        return group

    def _revision(
        self,
        planned: PlannedStep,
        root: Root,
        instance: Instance,
        group: Optional[Group],
        ports: Ports,
        stack: contextlib.ExitStack,
    ) -> Union[Revision, LastSuccessful]:
        from tui.preview.records import LastSuccessful
        from tui.preview.revision import LAST_KNOWN_GOOD, LAST_SUCCESSFUL, find_revision

        if planned.revision in (LAST_SUCCESSFUL, LAST_KNOWN_GOOD):
            return LastSuccessful(planned.revision == LAST_KNOWN_GOOD)

        def opened(text: str, users: Mapping[str, int], groups: Mapping[str, int]) -> Candidate:
            return ports.open_candidate(os.path.join(self.base, text), users, groups)

        found = find_revision(planned.revision, root, instance, group, opened)
        stack.callback(found.tree.close)
        return replace(found, label=planned.revision)


def chain_of(args: argparse.Namespace, ports: Ports, stack: contextlib.ExitStack) -> Chain:
    """The chain that is asked for; ``stack`` holds what is unpacked for it. Raises Refused and FixtureError."""
    from tui.preview.records import Behavior
    from tui.preview.revision import LAST_SUCCESSFUL
    from tui.preview.steps_file import PlannedStep, StepsError, parse_steps

    behavior = None if args.file_exists_behavior is None else Behavior(args.file_exists_behavior)
    if args.steps is None:
        return Chain([PlannedStep(args.revision or LAST_SUCCESSFUL, 0, args.group, behavior)], args.source)
    source, place, label = args.source, args.steps, None
    if not os.path.lexists(place):
        source, place, label = _bundled(args, ports, stack)
    try:
        written = parse_steps(_read(place), args.steps)
    except StepsError as error:
        raise Refused(str(error)) from None
    planned = [_with_options(step, args, behavior) for step in written]
    if args.all_behaviors and len(planned) > 1:
        raise Refused(f"--all-behaviors plays one deployment, and {args.steps} has {len(planned)} steps")
    return Chain(planned, source, args.steps, os.path.dirname(place), label)


def _bundled(args: argparse.Namespace, ports: Ports, stack: contextlib.ExitStack) -> tuple[str, str, str]:
    """``(instance, steps file, label)`` of a bundled example, unpacked."""
    names = ports.chain_names()
    if args.steps not in names:
        known = ", ".join(names) or "none"
        raise Refused(f"--steps {args.steps}: no such file, and no bundled example of that name; there are: {known}")
    if args.source is not None:
        raise Refused(f"{args.source}: leave SOURCE out, the example {args.steps} brings its own instance")
    bundled = stack.enter_context(ports.chain_unpacked(args.steps))
    return os.fspath(bundled.root), os.fspath(bundled.steps), f"{args.steps} (example)"


def _read(place: str) -> bytes:
    """A steps file, or as much of it as shows that it is too large. Raises Refused."""
    from tui.preview.steps_file import LIMIT

    try:
        with open(place, "rb") as file:
            return file.read(LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Refused(f"--steps {place}: {reason.lower()}") from None


def _with_options(step: PlannedStep, args: argparse.Namespace, behavior: Optional[Behavior]) -> PlannedStep:
    """A step with what the command line gives for all. Raises Refused where the two contradict each other."""
    where = f"{args.steps}:{step.line}"
    if args.revision is not None:
        raise Refused(f"--revision {args.revision}: {where} says what is deployed; leave one of the two out")
    if args.group is not None and step.group not in (None, args.group):
        raise Refused(f"--group {args.group}: {where} is for group {step.group}; leave one of the two out")
    if behavior is not None and step.behavior is not None and step.behavior is not behavior:
        raise Refused(
            f"--file-exists-behavior {behavior.value}: {where} has {step.behavior.value}; leave one of the two out"
        )
    return replace(step, group=step.group or args.group, behavior=step.behavior or behavior)
