"""What holds for all tests of the app."""

from __future__ import annotations

from . import idle  # noqa: F401  # the pilot waits as it says there
