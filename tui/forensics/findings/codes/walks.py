"""Codes of what a walk met and did not look into."""

from __future__ import annotations

from tui.forensics.findings.codes.kinds import INFO, WARNING, Kind

_MET = "Met while the target locations were walked."
_QUIET = "Something is changing files now; scan again when it is quiet."

WALKS = {
    "walk-unreadable": Kind(
        WARNING,
        "directories that could not be read",
        _MET,
        "Nothing is known of what lies in them. Run as root to see all.",
    ),
    "walk-mount": Kind(
        INFO,
        "other file systems below the target locations were not entered",
        _MET,
        "--cross-mounts looks into them.",
    ),
    "walk-vanished": Kind(INFO, "paths that went while they were looked at", _MET, _QUIET),
    "walk-swapped": Kind(WARNING, "directories that were replaced while they were looked at", _MET, _QUIET),
    "walk-limit": Kind(
        WARNING, "places deeper or larger than is looked through", _MET, "Nothing is known of what lies beyond."
    ),
    "walk-cancelled": Kind(
        WARNING,
        "places where the look was broken off",
        _MET,
        "Nothing is known of what lies beyond; scan again.",
    ),
}
