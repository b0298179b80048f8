"""Which instructions the agent comes to before it fails, whatever order the file system gives names in.

Mappings come in the appspec's order, missing directories above a destination before what goes into
them, a directory before its entries, a directory's subtree in one go, permissions after all files.
Only the order of the entries of one directory is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Optional

from tui.agent.records import MKDIR
from tui.preview.instructions import ANCESTOR, HEADER, NO_CONTEXT, Context, Instructions


class Split(NamedTuple):
    """Instructions that surely are carried out before a failure, and those that may be."""

    surely: list[int]
    maybe: list[int]
    first: int  # of the failing ones, the first in the order that was played
    alone: bool  # whether that surely is the one that the agent fails at


def own_failures(made: Instructions, failing: Sequence[int]) -> list[int]:
    """Those of the failing instructions (ascending) that do not fail for another one's sake."""
    contexts, all_failing = made.contexts, set(failing)
    closed: set[int] = set()
    own = []
    for i in failing:  # a directory's mkdir comes before what is in it
        if made.context[i] == NO_CONTEXT:
            if made.aces[i].target not in all_failing:
                own.append(i)
            continue
        if made.context[i] in closed:
            continue
        own.append(i)
        if made.role[i] == ANCESTOR:
            mapping = contexts[made.context[i]].mapping
            closed |= {number for number, context in enumerate(contexts) if context.mapping == mapping}
        elif made.role[i] == HEADER:
            closed |= _below(contexts, {made.context[i]})
    return own


def split(made: Instructions, own: Sequence[int]) -> Split:
    """Sort the instructions by the failing ones (``own_failures``, at least one)."""
    if made.context[own[0]] == NO_CONTEXT:
        return _permissions(made, own)
    contexts, mapping = made.contexts, made.contexts[made.context[own[0]]].mapping
    here = [i for i in own if _mapping(made, i) == mapping]
    surely = [i for i in range(len(made)) if 0 <= _mapping(made, i) < mapping]
    inside = [i for i in range(len(made)) if _mapping(made, i) == mapping]
    if made.role[here[0]] == ANCESTOR:  # these come one after the other
        return Split(surely + [i for i in inside if i < here[0]], [], here[0], True)
    closed = _below(contexts, {made.context[i] for i in here if made.role[i] == HEADER})
    on_the_way = _common(contexts, [_holder(made, i) for i in here])
    failed: set[int] = set(here)
    maybe: list[int] = []
    for i in inside:
        ancestor = made.role[i] == ANCESTOR  # it comes before the directory that its context is
        if i in failed or (made.context[i] in closed and not ancestor):
            continue
        first = ancestor or (made.role[i] == HEADER and made.context[i] in on_the_way)
        (surely if first else maybe).append(i)
    return Split(surely, maybe, here[0], len(here) == 1)


def _mapping(made: Instructions, i: int) -> int:
    context = made.context[i]
    return -1 if context == NO_CONTEXT else made.contexts[context].mapping


def _holder(made: Instructions, i: int) -> int:
    """The context among whose entries an instruction is; for a directory's own mkdir the one above."""
    context = made.context[i]
    return made.contexts[context].above if made.role[i] == HEADER else context


def _common(contexts: Sequence[Context], holders: Sequence[int]) -> set[int]:
    """The contexts that all of some lie in, themselves included."""
    common: set[int] = set()
    for number, holder in enumerate(holders):
        way = set()
        while holder != NO_CONTEXT:
            way.add(holder)
            holder = contexts[holder].above
        common = way if number == 0 else common & way
    return common


def _below(contexts: Sequence[Context], tops: set[int]) -> set[int]:
    """The contexts at and below some; a context always comes after the one above it."""
    found = set(tops)
    for number, context in enumerate(contexts):
        if context.above in found:
            found.add(number)
    return found


def _permissions(made: Instructions, own: Sequence[int]) -> Split:
    """A failure among permissions: all files are done; entries come in order, the paths of one as the files did."""
    first = made.aces[own[0]].permission
    here = [i for i in own if made.aces[i].permission == first]
    kind = min(made.kinds[made.aces[i].target] for i in here)  # within an entry files (COPY) come before directories
    failing: dict[int, int] = {}  # target -> the first of its instructions that fails
    for i in here:
        if made.kinds[made.aces[i].target] == kind:
            failing.setdefault(made.aces[i].target, i)
    comes = _Comes(made, failing)
    surely = [i for i in range(len(made)) if made.context[i] != NO_CONTEXT]
    maybe: list[int] = []
    for i, ace in made.aces.items():
        if ace.permission < first or (ace.permission == first and made.kinds[ace.target] < kind):
            surely.append(i)
        elif ace.permission > first or made.kinds[ace.target] > kind or i >= failing.get(ace.target, i + 1):
            continue
        else:
            before = comes.before(ace.target)
            if before is not False:
                (surely if before else maybe).append(i)
    return Split(sorted(surely), maybe, here[0], comes.alone)


class _Comes:
    """Where copies, or made directories, come beside some of them, ``targets``."""

    def __init__(self, made: Instructions, targets: Mapping[int, int]) -> None:
        contexts = made.contexts
        self._made = made
        self._targets = targets
        self._mapping = min(_mapping(made, target) for target in targets)
        here = [target for target in targets if _mapping(made, target) == self._mapping]
        ancestors = [target for target in here if made.role[target] == ANCESTOR]
        self._ancestor = min(ancestors, default=None)
        self._closed: set[int] = set()
        on_the_way: set[int] = set()
        if not ancestors and made.kinds[here[0]] == MKDIR:
            self._closed = _below(contexts, {made.context[target] for target in here})
            here = [target for target in here if contexts[made.context[target]].above not in self._closed]
            on_the_way = _common(contexts, [contexts[made.context[target]].above for target in here])
        self._on_the_way = on_the_way
        self.alone = bool(ancestors) or len(here) == 1  # whether one of the targets surely comes first

    def before(self, other: int) -> Optional[bool]:
        """Whether another one surely comes before all targets (True), after one of them (False) or may (None).

        Of a target itself: whether it surely is, surely is not, or may be the first.
        """
        made, mapping = self._made, _mapping(self._made, other)
        if mapping != self._mapping:
            return mapping < self._mapping
        if self._ancestor is not None:
            return other <= self._ancestor if made.role[other] == ANCESTOR else False
        if made.kinds[other] == MKDIR:
            context = made.context[other]
            if made.role[other] == ANCESTOR or context in self._on_the_way:
                return True
            if made.contexts[context].above in self._closed:
                return False
        return True if other in self._targets and self.alone else None
