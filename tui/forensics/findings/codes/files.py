"""Codes of findings about files."""

from __future__ import annotations

from tui.forensics.findings.codes.kinds import INFO, WARNING, Kind
from tui.forensics.marks import Severity

FILES = {
    "orphaned-files": Kind(
        WARNING,
        "files of earlier or interrupted deployments that nothing will remove",
        "No cleanup file lists them. With DISALLOW, a deployment that brings a file of the same name fails.",
        "Move them away, or deploy with OVERWRITE if the revision has them.",
    ),
    "untracked-directories": Kind(
        INFO,
        "directories that fell out of tracking",
        "Most often they were not empty when a cleanup came to them. Since they exist, no Install makes and lists them "
        "again.",
        "They are harmless while a revision uses them; remove those that no revision has, once they are empty.",
    ),
    "retained-files": Kind(
        (Severity.INFO, Severity.WARNING),
        "files that RETAIN kept",
        "The last completed Install's revision has a file for each of these places, its plan has no copy for it, and "
        "the file that was there before stayed (RETAIN). By the AWS user guide it then counts as the deployment's own "
        "and the next deployment removes it. On disk the agent does otherwise: no cleanup file lists it, so the next "
        "cleanup leaves it, until a later OVERWRITE deployment takes it over and the one after that removes it.",
        "Where the content differs, the revision's file is not in use. Keep a copy of what matters before an "
        "OVERWRITE deployment or a rollback.",
    ),
    "overwritten-files": Kind(
        WARNING,
        "files that were there before and that OVERWRITE took over",
        "Each is older on this file system than the Install that copied its present content, so that Install wrote "
        "over a file that was there. It is listed now: the next deployment removes it, and what it held is gone.",
        "If something else needs these files, bring them with the next revision or keep a copy.",
    ),
    "reached-through-link": Kind(
        WARNING,
        "deployed paths whose place is now reached through a link",
        "A link stands where the agent was told to install. The next cleanup follows it and removes what it lists "
        "where the link leads, directories only where they are empty by then.",
        "Make sure that nothing else uses the place the link leads to.",
    ),
    "destination-through-link": Kind(
        INFO,
        "a destination is reached through a link",
        "The agent follows it: files are installed and removed where it leads.",
        "Change neither the link nor the place it leads to between two deployments.",
    ),
    "deployed-modified": Kind(
        WARNING,
        "deployed files that are not as in their revision",
        "They were changed after the Install, or not copied whole, or the revision was changed on the instance. The "
        "next deployment removes them, changes included.",
        "Keep a copy of what matters before the next deployment.",
    ),
    "deployed-missing": Kind(
        WARNING,
        "deployed files that are gone",
        "The cleanup file lists them, and nothing stands at their path. The next cleanup skips them.",
        "Find out what removed them; a deployment brings them back.",
    ),
    "deployed-replaced": Kind(
        WARNING,
        "deployed files that something of another type took the place of",
        "The next cleanup removes what stands there now; a directory only where it is empty.",
        "Look at each before the next deployment.",
    ),
    "deployed-unverified": Kind(
        INFO,
        "deployed files that cannot be compared with their revision",
        "The revision they came from is not on the instance any more, or cannot be read.",
        "Compare with the bundle where it is stored.",
    ),
    "permissions-through-link": Kind(
        (Severity.WARNING, Severity.INFO),
        "permissions that were set through deployed links",
        "The last Install's plan sets mode, owner or access list on a path that is a symbolic link. The agent follows "
        "it and changes what the link leads to.",
        "Check mode and owner of the targets, and leave the links out of the appspec's permissions.",
    ),
    "links-stay": Kind(
        WARNING,
        "deployed links that the next cleanup leaves",
        "Version 2 asks through a link whether it is there, so one that leads nowhere when the cleanup comes to it "
        "stays, also where the same cleanup removed its target a moment before. Nothing lists it after that, and an "
        "Install that brings a link for the same place fails with 'File exists', whatever the option.",
        "Remove them before the next Install, by hand or in the revision's BeforeInstall script.",
    ),
    "newline-in-name": Kind(
        WARNING,
        "deployed names with a newline in them, which the agent never removes",
        "In the cleanup file such a name is two lines, each taken for a path of its own.",
        "Remove these files by hand when their revision goes, and rename them in the revision.",
    ),
    "world-writable": Kind(
        WARNING,
        "deployed files that every user may write",
        "Any user or hacked service of the instance can change what the application runs; a directory counts where it "
        "lacks the sticky bit.",
        "Set a mode in the appspec's permissions, or repair it in the bundle.",
    ),
    "set-user-id": Kind(
        (Severity.WARNING, Severity.CRITICAL),
        "deployed files that run with another user's rights",
        "They have the set-user-id or set-group-id bit: whoever runs one acts as its owner or group. It is critical "
        "where every user may write one.",
        "Make sure that each is meant so.",
    ),
    "windows-long-path": Kind(
        WARNING,
        "paths longer than Windows' usual limit of 259 characters",
        "Programs that do not ask for long paths cannot open or remove them: a cleanup or an Install can fail there, "
        "and so can the pruning of old revisions, whose own path is longer.",
        "Shorten the destination or the names in the revision.",
    ),
}
