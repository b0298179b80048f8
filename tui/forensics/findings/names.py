"""Names that the agent lists and can never remove."""

from __future__ import annotations

from collections.abc import Iterator

from tui.agent.records import COPY, MKDIR, Group, Instance
from tui.agent.ruby import STRIPPED
from tui.forensics.evidence import at
from tui.forensics.findings.making import make
from tui.forensics.marks import Finding


def meant_paths(group: Group) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Paths that a group's cleanup file names and that stripping changes, and what is removed in their place."""
    cleanup = group.cleanup
    if cleanup is None or not cleanup.altered:
        return (), ()
    by_line = {line for line, _ in cleanup.altered}
    hit = tuple(path for line, path in zip(cleanup.lines, cleanup.paths) if line in by_line)
    return tuple(text for _, text in cleanup.altered if text.startswith("/")), hit


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
