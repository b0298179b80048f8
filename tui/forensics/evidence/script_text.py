"""What the text of lifecycle scripts says of paths. Nothing is ever run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from tui.agent.records import Deployment, Group, HookScript, Instance
from tui.disk.inventory import DIR
from tui.disk.root import Root, RootError
from tui.forensics.evidence import at
from tui.forensics.marks import Evidence, Mark
from tui.forensics.scripts.dialects import follow, run_file, run_nested
from tui.forensics.scripts.effects import Effects, Use
from tui.forensics.scripts.environment import home_of, homes, start_directories, variables
from tui.forensics.scripts.mentions import Certainty, Mention, Mentions
from tui.forensics.scripts.revision import TEXT_LIMIT, Revision
from tui.forensics.scripts.values import Budget, Spent, Values, known
from tui.forensics.scripts.world import World
from tui.paths import normal_path

__all__ = ["Certainty", "Mention", "ScriptText", "Use", "mention_evidence", "mentions_in", "script_mentions"]

ALL_STEPS = 500_000  # statements evaluated of all scripts together


class ScriptText:
    """What the scripts of all revisions left on the instance do, by path.

    ``incomplete`` holds the scripts that were not followed to their end, because they are larger, or do more, than is
    looked at.
    """

    def __init__(self, root: Root, instance: Instance) -> None:
        self.root = root
        self.instance = instance
        self.found = Mentions(instance.windows, root.spelling)
        self.incomplete: list[str] = []
        self._left = ALL_STEPS
        self._homes = homes(root, instance.windows)
        self._cwds = start_directories(instance)
        for g, group in enumerate(instance.groups):
            for deployment in group.deployments:
                if deployment.appspec is not None and deployment.archive is not None:
                    self._read(g, group, deployment)

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
        except RootError:
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


def mentions_in(text: str) -> Iterator[tuple[str, int, Use]]:
    """``(path, line, use)`` for each absolute path that a shell script gives whole, the strongest use of each line."""
    effects = Effects(normal_path)
    world = World(effects)
    with suppress(Spent):
        follow(world, "/script.sh", text.encode("utf-8", "surrogateescape"))
    uses: dict[tuple[int, str], Use] = {}
    for effect in effects.found:
        if known(effect.text) and not effect.tree:
            key = effect.line, effect.text
            uses[key] = min(effect.use, uses.get(key, effect.use), key=_SAYS_MOST.index)
    for (line, path), use in sorted(uses.items()):
        yield path, line, use


_SAYS_MOST = (Use.MAKES, Use.APPENDS, Use.CHANGES, Use.REMOVES, Use.NAMES)


def script_mentions(root: Root, instance: Instance) -> dict[str, list[Mention]]:
    """What scripts make, write or name whole, by path; what else they do counts as naming."""
    found = ScriptText(root, instance).found.exact
    return {
        path: [m if m.use.makes else m._replace(use=Use.NAMES) for m in mentions] for path, mentions in found.items()
    }


_SAYS = {
    Use.MAKES: "makes", Use.APPENDS: "writes to", Use.NAMES: "names", Use.REMOVES: "removes", Use.CHANGES: "changes",
}  # fmt: skip


def mention_evidence(mention: Mention) -> Evidence:
    """The script's line, and what it says of the path."""
    if mention.certainty == Certainty.TREE:
        what = f"{'fills' if mention.use.makes else 'empties'} {mention.text}, which it lies in"
    elif mention.certainty == Certainty.PATTERN:
        what = f"{_SAYS[mention.use]} {mention.text}, with pieces that its text does not tell"
    else:
        what = f"{_SAYS[mention.use]} it"
    return Evidence(
        "script-text",
        f"the {mention.event} script of {mention.deployment} {what}",
        at(mention.script, mention.line),
        Mark.SCRIPT_CREATED if mention.use.makes else None,
    )
