"""What the text of lifecycle scripts says of paths. Nothing is ever run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tui.agent.records import Deployment, Group, HookScript, Instance, Problem
from tui.disk.inventory import DIR
from tui.disk.root import NotThere, Root, RootError
from tui.forensics.evidence import at
from tui.forensics.marks import Evidence, Mark
from tui.forensics.scripts.dialects import follow, run_file, run_nested
from tui.forensics.scripts.effects import Effects, Use
from tui.forensics.scripts.environment import home_of, homes, start_directories, variables
from tui.forensics.scripts.mentions import Certainty, Mention, Mentions
from tui.forensics.scripts.revision import TEXT_LIMIT, Revision
from tui.forensics.scripts.values import Budget, Spent, Values
from tui.forensics.scripts.world import World

__all__ = ["Certainty", "Mention", "ScriptText", "Use", "mention_evidence"]

ALL_STEPS = 500_000  # statements evaluated of all scripts together


class ScriptText:
    """What the scripts of all revisions left on the instance do, by path.

    ``incomplete`` holds the scripts that were not followed to their end, because they are larger, or do more, than is
    looked at, and ``problems`` says so, and which could not be read: what those make is not known.
    """

    def __init__(self, root: Root, instance: Instance) -> None:
        self.root = root
        self.instance = instance
        self.found = Mentions(instance.windows, root.spelling)
        self.incomplete: list[str] = []
        self._unread: dict[str, str] = {}
        self._left = ALL_STEPS
        self._homes = homes(root, instance.windows)
        self._cwds = start_directories(instance)
        for g, group in enumerate(instance.groups):
            for deployment in group.deployments:
                if deployment.appspec is not None and deployment.archive is not None:
                    self._read(g, group, deployment)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """One for each script that could not be read, or was not followed to its end."""
        unread = (
            Problem("script-unreadable", path, f"What the script does is not known: it cannot be read ({reason}).")
            for path, reason in self._unread.items()
        )
        message = "The script was not followed to its end: it is larger, or does more, than is looked at."
        cut = dict.fromkeys(self.incomplete)
        return (*unread, *(Problem("script-not-followed", path, message, severity="info") for path in cut))

    def mentions(self, path: str, is_dir: bool = False) -> tuple[Mention, ...]:
        """What scripts do with a path: given whole first, then directories, then patterns; the strongest first of each.

        A directory is told by a pattern only where each of its unknown pieces is one name: one that can hold
        any number of names says nothing of the directories on the way.
        """
        found = self.found.of(path)
        return tuple(mention for mention in found if mention.sure) if is_dir and found else found

    def named(self) -> set[str]:
        """Paths that scripts make and name whole, wherever they are; none of the agent's own directories."""
        own = self.instance.layout.root_dir.rstrip("/") + "/"
        return {
            path
            for path, mentions in self.found.exact.items()
            if any(mention.use == Use.MAKES for mention in mentions) and not path.startswith(own)
        }

    def _read(self, g: int, group: Group, deployment: Deployment) -> None:
        assert deployment.appspec is not None and deployment.archive is not None
        placed = list(self._placed(deployment))
        done: set[tuple[str, str]] = set()
        for event, hooks in deployment.appspec.hooks.items():
            for hook in hooks:
                path = self.instance.below(deployment.archive, hook.location)
                if path is not None and (path, event) not in done:
                    done.add((path, event))
                    revision = Revision(self.root, deployment.archive, placed)
                    environment = variables(self.instance, group, deployment, event)
                    for effect in self._follow(path, hook, revision, environment).told():
                        self.found.add(effect, g, deployment.id, event)

    def _follow(self, path: str, hook: HookScript, revision: Revision, environment: dict[str, Values]) -> Effects:
        directories = {destination for destination, source in revision.placed if revision.kind(source) == DIR}
        effects = Effects(self.instance.inside, self.instance.windows, directories)
        try:
            content = self.root.read(path, TEXT_LIMIT)
        except RootError as error:
            if not isinstance(error, NotThere):
                self._unread[path] = error.reason
            return effects
        budget = Budget(min(self._left, Budget().steps))
        before = budget.steps
        home = home_of(self._homes, hook.runas)
        world = World(effects, budget, revision, environment, self._cwds, home, run_file, run_nested)
        try:
            follow(world, path, content.data, (), self._cwds)
            if not content.complete:
                self.incomplete.append(path)
        except Spent:
            self.incomplete.append(path)
        self._left -= before - max(budget.steps, 0)
        self._unread.update(revision.unread)
        return effects

    def _placed(self, deployment: Deployment) -> Iterator[tuple[str, str]]:
        """Where the agent put the revision's files: (destination, source), both as single paths."""
        assert deployment.appspec is not None and deployment.archive is not None
        for mapping in deployment.appspec.files:
            destination = self.instance.inside(mapping.destination)
            source = self.instance.below(deployment.archive, mapping.source)
            if destination is None or source is None:
                continue
            try:
                stat = self.root.stat(source)
            except RootError:
                continue
            if stat is not None:
                name = source.rpartition("/")[2]
                yield (destination if stat.type == DIR else f"{destination.rstrip('/')}/{name}"), source


_SAYS = {
    Use.MAKES: "makes", Use.APPENDS: "writes to", Use.NAMES: "names", Use.REMOVES: "removes", Use.CHANGES: "changes",
}  # fmt: skip


def mention_evidence(mention: Mention, native: Callable[[str], str] = str) -> Evidence:
    """The script's line, and what it says of the path. ``native`` gives a path as its operator knows it."""
    if mention.certainty == Certainty.TREE:
        what = f"{'fills' if mention.use.makes else 'empties'} {native(mention.text)}, which it lies in"
    elif mention.certainty == Certainty.PATTERN:
        what = f"{_SAYS[mention.use]} {native(mention.text)}, with pieces that its text does not tell"
    elif mention.use == Use.APPENDS:
        what = "writes to it, or makes it where it is missing"
    else:
        what = f"{_SAYS[mention.use]} it"
    return Evidence(
        "script-text",
        f"the {mention.event} script of {mention.deployment} {what}",
        at(mention.script, mention.line),
        Mark.SCRIPT_CREATED if mention.use.makes else None,
    )
