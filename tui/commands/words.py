"""SOURCE and ids of cleanups, which share their place on the command line, told apart."""

from __future__ import annotations

import argparse
import os

from tui.arguments import Refused
from tui.paths import showable

_FORM = "an id is like 20260131-142530-0a1b2c, and journal lists them"


def take_words(args: argparse.Namespace, most_ids: int = 1) -> list[str]:
    """The ids among ``args.words``; sets ``args.source``. Raises Refused where a word is neither.

    What has an id's form is one. Anything else is a directory.
    """
    from tui.cleanup.protected import IDS

    ids = [word for word in args.words if IDS.match(word)]
    others = [word for word in args.words if not IDS.match(word)]
    if len(others) > 1:
        raise Refused(f"{_shown(others[0])} and {_shown(others[1])}: only one SOURCE can be given; {_FORM}")
    if len(ids) > most_ids:
        raise Refused(f"{ids[0]} and {ids[1]}: only one id can be given" if most_ids else f"{ids[0]}: no id goes here")
    args.source = others[0] if others else None
    if args.source is not None and os.path.basename(args.source) == args.source and not os.path.lexists(args.source):
        raise Refused(f"{_shown(args.source)}: neither a directory nor a cleanup's id; {_FORM}")
    return ids


def _shown(word: str) -> str:
    return showable(word) or "''"
