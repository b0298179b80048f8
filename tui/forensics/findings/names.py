"""Names that the agent lists and can never remove."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tui.agent.records import COPY, MKDIR, Group, Instance
from tui.agent.ruby import STRIPPED
from tui.disk.inventory import LINK
from tui.disk.root import Root, RootError
from tui.forensics.evidence import at
from tui.forensics.findings.making import make
from tui.forensics.linked import leads_to_directory
from tui.forensics.marks import Finding


def meant_paths(group: Group) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Paths that a group's cleanup file names and that stripping changes, and what is removed in their place."""
    cleanup = group.cleanup
    if cleanup is None or not cleanup.altered:
        return (), ()
    by_line = {line for line, _ in cleanup.altered}
    hit = tuple(path for line, path in zip(cleanup.lines, cleanup.paths) if line in by_line)
    return tuple(text for _, text in cleanup.altered if text.startswith("/")), hit


def never_there(instance: Instance) -> set[str]:
    """Paths that cleanup files list only because names are stripped or cut at newlines: nothing was put there."""
    found: set[str] = set()
    for group in instance.groups:
        found.update(meant_paths(group)[1])
        plan = group.plan
        if plan is None:
            continue
        for kind, path in zip(plan.kinds, plan.paths):
            if "\n" in path and kind in (COPY, MKDIR):
                found.update(piece.strip(STRIPPED) for piece in path.split("\n"))
    for group in instance.groups:
        if found and group.plan is not None:
            found.difference_update(
                path for kind, path in zip(group.plan.kinds, group.plan.paths) if kind in (COPY, MKDIR)
            )
    return found


def slash_findings(instance: Instance, root: Root) -> Iterator[Finding]:
    """Lines of version 2 that end in a slash, where a link to a directory stands now."""
    for group in instance.groups if instance.version.rules == 2 else ():
        cleanup = group.cleanup
        if cleanup is None or cleanup.ignored is not None or cleanup.fatal is not None:
            continue
        found = []
        for line, path in zip(cleanup.lines, cleanup.paths):
            if path.endswith("/") and leads_to_directory(root, path.rstrip("/")):
                with contextlib.suppress(RootError):
                    stat = root.stat(path.rstrip("/"), follow=False)
                    if stat is not None and stat.type == LINK:
                        found.append((line, path.rstrip("/")))
        if found:
            source = at(cleanup.path, found[-1][0])
            yield make("cleanup-fails-at-link", group, paths=[path for _, path in found], source=source)


def newline_findings(instance: Instance) -> Iterator[Finding]:
    """Names with a newline inside, which are two lines of the cleanup file."""
    for group in instance.groups:
        plan, cleanup = group.plan, group.cleanup
        if plan is None or cleanup is None:
            continue
        odd = [path for kind, path in zip(plan.kinds, plan.paths) if "\n" in path and kind in (COPY, MKDIR)]
        if not odd:
            continue
        firsts = sorted({path.split("\n")[0].strip(STRIPPED) for path in odd})
        listed = set(cleanup.paths).intersection(firsts)
        more = ""
        if listed:
            hit = ", ".join(instance.native(path) for path in sorted(listed)[:3])
            more = f"Their first lines name other paths, which are removed where they are there: {hit}."
        yield make("newline-in-name", group, paths=odd, more=more, source=at(plan.path))
