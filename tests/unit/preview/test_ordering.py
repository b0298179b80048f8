"""What surely comes before a failure and what may, against all orders in which a file system can give names."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Optional

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support import examples
from tui.agent.records import CHMOD, CHOWN, COPY, MKDIR, Permission
from tui.preview.instructions import ANCESTOR, ENTRY, HEADER, NO_CONTEXT, Ace, Context, Instructions
from tui.preview.ordering import own_failures, split

Plan = Sequence["Branch"]


class Branch(NamedTuple):
    """A file, or with entries a directory; ``made`` where the directory has to be made."""

    entries: Optional[tuple[Branch, ...]] = None
    made: bool = True


FILE = st.just(Branch())
BRANCHES = st.recursive(
    FILE, lambda inner: st.builds(Branch, st.lists(inner, max_size=3).map(tuple), st.booleans()), max_leaves=5
)
MAPPINGS = st.lists(
    st.tuples(st.integers(0, 2), BRANCHES.filter(lambda branch: branch.entries is not None)), min_size=1, max_size=2
)
PERMITTED = st.lists(st.tuples(st.sets(st.integers(0, 7)), st.sampled_from([(CHMOD,), (CHMOD, CHOWN)])), max_size=2)


class Made:
    """Instructions, and the orders in which the agent can come to them."""

    def __init__(self, mappings: Sequence[tuple[int, Branch]], permitted: Sequence[tuple[set[int], tuple[int, ...]]]):
        self.made = made = Instructions()
        self._permitted = permitted
        self._of: dict[int, dict[int, list[int]]] = {}  # permission -> target -> instructions
        self.children: dict[int, list[int]] = {}  # what fails with a directory
        self._mappings = [self._mapping(number, missing, branch) for number, (missing, branch) in enumerate(mappings)]
        targets = [i for i in range(len(made)) if made.role[i] != ANCESTOR]
        taken: set[int] = set()
        for number, (picked, kinds) in enumerate(permitted):
            chosen = [i for k, i in enumerate(targets) if k in picked and i not in taken]
            taken |= set(chosen)
            self._of[number] = {}
            for target in sorted(chosen, key=lambda i: (made.kinds[i] != COPY, i)):
                self._of[number][target] = [self._ace(number, kind, target) for kind in kinds]

    def _ace(self, number: int, kind: int, target: int) -> int:
        i = self.made.add(kind, self.made.paths[target], NO_CONTEXT)
        self.made.aces[i] = Ace(number, Permission("/", 0), target)
        return i

    def _mapping(self, number: int, missing: int, branch: Branch) -> tuple[list[int], int, Branch]:
        context = self._context(number, NO_CONTEXT)
        ancestors = [self.made.add(MKDIR, f"/{number}{'/m' * k}", context, ANCESTOR) for k in range(missing)]
        return ancestors, self._directory(context, branch, f"/{number}/top"), branch

    def _context(self, mapping: int, above: int) -> int:
        self.made.contexts.append(Context(mapping, above, None, ""))
        return len(self.made.contexts) - 1

    def _directory(self, context: int, branch: Branch, path: str) -> int:
        """As the engine makes them: a directory, its files, then the directories in it."""
        if branch.made:
            self.made.add(MKDIR, path, context, HEADER)
        entries = list(enumerate(branch.entries or ()))
        for number, entry in entries:
            if entry.entries is None:
                self.made.add(COPY, f"{path}/{number}", context, ENTRY)
        mapping = self.made.contexts[context].mapping
        below = [(self._context(mapping, context), n, e) for n, e in entries if e.entries is not None]
        for inner, number, entry in below:
            self._directory(inner, entry, f"{path}/{number}")
        return context

    def orders(self) -> Iterator[list[int]]:
        """All orders."""
        made, at = self.made, {(self.made.paths[i], self.made.kinds[i]): i for i in reversed(range(len(self.made)))}

        def below(branch: Branch, path: str) -> Iterator[list[int]]:
            head = [at[path, MKDIR]] if branch.made else []
            entries = list(enumerate(branch.entries or ()))
            for order in itertools.permutations(entries):
                parts = [
                    [[at[f"{path}/{n}", COPY]]] if e.entries is None else list(below(e, f"{path}/{n}"))
                    for n, e in order
                ]
                for choice in itertools.product(*parts):
                    yield head + [i for part in choice for i in part]

        tops = [
            [ancestors + rest for rest in below(branch, f"/{number}/top")]
            for number, (ancestors, _, branch) in enumerate(self._mappings)
        ]
        for choice in itertools.product(*tops):
            files = [i for part in choice for i in part]
            place = {i: k for k, i in enumerate(files)}
            aces: list[int] = []
            for of in self._of.values():
                for target in sorted(of, key=lambda i: (made.kinds[i] != COPY, place[i])):
                    aces += of[target]
            yield files + aces

    def with_what_follows(self, failing: set[int]) -> list[int]:
        """The failing instructions and all that fail for their sake."""
        made, all_failing = self.made, set(failing)
        for i in range(len(made)):
            if made.context[i] == NO_CONTEXT:
                if made.aces[i].target in all_failing:
                    all_failing.add(i)
                continue
            for other in sorted(all_failing):
                if other < i and made.kinds[other] == MKDIR and self._needs(i, other):
                    all_failing.add(i)
        return sorted(all_failing)

    def _needs(self, i: int, directory: int) -> bool:
        made = self.made
        if made.context[i] == NO_CONTEXT or made.context[directory] == NO_CONTEXT:
            return False
        if made.role[directory] == ANCESTOR:
            return made.contexts[made.context[i]].mapping == made.contexts[made.context[directory]].mapping
        context: int = made.context[i]
        while context != NO_CONTEXT:
            if context == made.context[directory]:
                return True
            context = made.contexts[context].above
        return False


@settings(max_examples=examples(600))
@given(MAPPINGS, PERMITTED, st.sets(st.integers(0, 30), min_size=1, max_size=3))
@example([(0, Branch((Branch(()),)))], [({0, 1}, (CHMOD,))], {2})  # a directory's mode, before that of one in it
def test_what_is_certain_and_what_is_possible_agree_with_all_orders(
    mappings: list[tuple[int, Branch]], permitted: list[tuple[set[int], tuple[int, ...]]], picked: set[int]
) -> None:
    plan = Made(mappings, permitted)
    count = len(plan.made)
    if not count:
        return
    failing = plan.with_what_follows({pick % count for pick in picked})
    outcomes = []
    for order in itertools.islice(plan.orders(), 5000):
        stop = next(k for k, i in enumerate(order) if i in failing)
        outcomes.append((frozenset(order[:stop]), order[stop]))
    certain = frozenset.intersection(*(done for done, _ in outcomes))
    reached = frozenset.union(*(done for done, _ in outcomes))
    found = split(plan.made, own_failures(plan.made, failing))
    assert set(found.surely) == certain
    assert set(found.maybe) == reached - certain
    assert found.first in {stop for _, stop in outcomes}
    assert found.alone == (len({stop for _, stop in outcomes}) == 1)
    assert found.surely == sorted(found.surely)
