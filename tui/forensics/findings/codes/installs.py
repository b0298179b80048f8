"""Codes of findings about deployments that went wrong, and the scripts that run next."""

from __future__ import annotations

from tui.forensics.findings.codes.kinds import CRITICAL, INFO, WARNING, Kind
from tui.forensics.marks import Severity

_WITHOUT = (
    "Repair the script, or deploy once without it: --ignore-application-stop-failures of aws deploy create-deployment."
)

INSTALLS = {
    "no-cleanup-file": Kind(
        CRITICAL,
        "no cleanup file, although the group has installed before",
        "An Install event that fails after its removals leaves no cleanup file. What the group's deployments left "
        "on disk is in no record now: no deployment removes it, and with DISALLOW the next one fails where it "
        "is in the way.",
        "Look at the group's orphaned files; move away what is in the next revision's way, or deploy with OVERWRITE.",
    ),
    "install-interrupted": Kind(
        CRITICAL,
        "the Install event of {deployment} stopped midway",
        "The earlier deployment's files were removed, and this one's were copied as far as the event came.",
        "Do not start the application on it. Move away what was copied without being recorded, then deploy again.",
    ),
    "cleanup-lost-lines": Kind(
        WARNING,
        "the cleanup file lacks paths that the last Install made",
        "That Install event completed, and what it made is not all listed: lines were lost or taken out. Nothing will "
        "remove these paths, and with DISALLOW the next deployment fails on them.",
        "Move them away before the next deployment, or deploy with OVERWRITE.",
    ),
    "cleanup-fails-at-link": Kind(
        CRITICAL,
        "the next cleanup fails at a link in a directory's place",
        "The cleanup file lists a directory with a slash at its end, as version 2 writes it, and a link to a directory "
        "stands there now. Version 2 cannot remove it: the removal stops there, the file stays, and every Install "
        "of the group fails.",
        "Put the directory back in the link's place before the next deployment, or remove the link if nothing uses it.",
    ),
    "pointer-missing": Kind(
        WARNING,
        "nothing says which Install of the group completed last",
        "The agent writes this pointer at the end of every Install, and it is not there: it was removed. The next "
        "deployment then skips ApplicationStop, BeforeBlockTraffic and AfterBlockTraffic without a word, so the "
        "application is not stopped, and old revisions are pruned without regard to the one in use.",
        "Write the path of that deployment's directory, with nothing else and no newline, into the group's "
        "_last_successful_install file again, or stop the application by hand before the next deployment.",
    ),
    "deployment-not-installed": Kind(
        WARNING,
        "deployment {deployment} was unpacked and not installed",
        "It is newer than the last completed Install, and no record shows that its Install event began: "
        "the files in place are still the earlier deployment's.",
        "Look at the logs of that deployment for what stopped it.",
    ),
    "deployment-not-unpacked": Kind(
        WARNING,
        "deployment {deployment} began and was not unpacked",
        "Its directory is younger than the last unpacked revision and holds none: ApplicationStop or DownloadBundle "
        "failed. Nothing that is installed was touched by it, but ApplicationStop may have stopped the application.",
        "Read the deployment's scripts.log. Where the old revision's ApplicationStop fails, deploy once without it: "
        "--ignore-application-stop-failures of aws deploy create-deployment.",
    ),
    "failed-after-install": Kind(
        WARNING,
        "deployment {deployment} installed its files and did not end well",
        "'Last successful' in the agent's records means that the Install event completed. The files are in place; a "
        "script after that failed or never ran.",
        "Read the deployment's scripts.log, then repair the script and deploy again.",
    ),
    "next-scripts": Kind(
        INFO,
        "the next deployment begins with scripts of {deployment}",
        "ApplicationStop, BeforeBlockTraffic and AfterBlockTraffic run from the last completed Install's revision, as "
        "it is on disk now; all other events run from the new revision, which is not known yet.",
        "If they are known to fail, deploy with --ignore-application-stop-failures.",
    ),
    "application-stop-missing": Kind(
        CRITICAL,
        "the next ApplicationStop fails: its script is missing",
        "The next deployment runs ApplicationStop from the last completed Install's revision, and the script that its "
        "appspec names is not there.",
        "Put the script back, or deploy once without it: --ignore-application-stop-failures of aws deploy "
        "create-deployment.",
    ),
    "application-stop-cannot-run": Kind(
        (Severity.CRITICAL, Severity.WARNING),
        "the next ApplicationStop cannot run",
        "The next deployment runs ApplicationStop from the last completed Install's revision, as it is on disk now.",
        _WITHOUT,
    ),
    "block-traffic-cannot-run": Kind(
        WARNING,
        "a script of the next BeforeBlockTraffic or AfterBlockTraffic cannot run",
        "Where the instance stands behind a load balancer, the next deployment runs these events from the last "
        "completed Install's revision, as it is on disk now, and fails there.",
        "Repair the script in that revision's directory before the next deployment.",
    ),
}
