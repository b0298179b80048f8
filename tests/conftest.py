"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# No test may depend on how fast the machine is, and a failure found once is to be found again.
settings.register_profile("project", deadline=None, derandomize=True, database=None)
settings.load_profile("project")
