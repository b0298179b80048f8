"""Codes of what is wrong with the agent's records. Severity and title come with the record itself."""

from __future__ import annotations

from tui.forensics.findings.codes.kinds import CRITICAL, INFO, WARNING, Kind
from tui.forensics.marks import Severity

LOOK = "Look at the record itself; the marks rest on what could be read of it."
_BOTH = (Severity.WARNING, Severity.INFO)
_HAND = "Remove by hand what the agent will not."
_CONFIG = "Compare the config file with what the running agent does."
_APPSPEC = "Correct the appspec in the next revision."

RECORDS = {
    "cleanup-cut-off": Kind(
        WARNING,
        "the cleanup file's last line has no newline",
        "The agent was stopped while it wrote. It drops such a line, so the path is never removed.",
        "Remove that path by hand once its deployment goes; look for files that were copied and not listed.",
    ),
    "cleanup-incomplete": Kind(
        WARNING, "a cleanup file that is too large", "The agent reads more of it than was read here.", LOOK
    ),
    "cleanup-unusable-line": Kind(
        CRITICAL,
        "a cleanup file's line with a NUL byte inside",
        "Version 1 stops there with an error: every Install of the group fails, the lines above stay.",
        "Move the cleanup file away, remove what it lists by hand, and deploy again.",
    ),
    "cleanup-skipped": Kind(WARNING, "lines that version 2 passes over", "What they name is never removed.", _HAND),
    "cleanup-relative": Kind(
        WARNING,
        "lines that are no absolute paths",
        "They are taken from the agent's working directory (version 1) or from / (version 2).",
        "Make sure that nothing is there that such a line would remove.",
    ),
    "cleanup-altered": Kind(
        WARNING,
        "lines that begin or end in white space",
        "The agent strips it: the path that was meant is never removed, and the stripped one is.",
        "Remove the files that were meant by hand when their revision goes, and rename them in the revision.",
    ),
    "cleanup-directory": Kind(
        CRITICAL,
        "a directory in the cleanup file's place",
        "Every Install of the group fails there.",
        "Move the directory away.",
    ),
    "cleanup-not-utf8": Kind(
        WARNING,
        "a cleanup file that is not valid UTF-8",
        "The agent never writes that, and may refuse to read the file.",
        LOOK,
    ),
    "cleanup-v2-ignores": Kind(
        _BOTH,
        "a cleanup file that version 2 ignores",
        "Version 2 runs only a regular file of its own user that nobody else may write. Otherwise it removes nothing, "
        "deletes the file, and goes on: what it lists is orphaned, and with DISALLOW in the way.",
        "Give the file back to the agent's user with mode 0644 before the next deployment.",
    ),
    "cleanup-v2-fatal": Kind(
        (Severity.CRITICAL, Severity.INFO),
        "a cleanup file on which version 2 fails",
        "Version 2 fails every Install on a file that is not valid UTF-8, and the file stays.",
        "Keep a copy of the file, remove what it lists by hand, and move it away.",
    ),
    "cleanup-versions-differ": Kind(
        INFO,
        "lines that versions 1 and 2 read differently",
        "The rules of version 1 are used as the agent's version is not known.",
        "Find out which agent runs on the instance.",
    ),
    "plan-incomplete": Kind(
        WARNING,
        "an install.json that cannot be read whole",
        "What it planned beyond that is not known, so files of it may be marked unattributed.",
        LOOK,
    ),
    "plan-odd-entry": Kind(WARNING, "entries of install.json that are not the agent's", "They are left out.", LOOK),
    "plan-repeated-key": Kind(WARNING, "a key that install.json has twice", "Programs differ on which counts.", LOOK),
    "plan-of-several": Kind(
        WARNING,
        "an install.json that copies from several deployments",
        "One Install event copies from one: the file was edited or put together.",
        LOOK,
    ),
    "plan-of-another-deployment": Kind(
        INFO,
        "an install.json of a deployment that no pointer names",
        "A deployment that failed in its Install, before one that failed earlier still, leaves this behind.",
        LOOK,
    ),
    "pointer-empty": Kind(WARNING, "an empty pointer", "It names no deployment.", LOOK),
    "pointer-odd": Kind(WARNING, "a pointer that holds no absolute path", "What the agent does is not known.", LOOK),
    "pointer-elsewhere": Kind(
        WARNING,
        "a pointer that leads out of its group's directory",
        "The agent uses it as it stands.",
        LOOK,
    ),
    "pointer-gone": Kind(
        (Severity.CRITICAL, Severity.WARNING),
        "a pointer to a revision that is gone",
        "The agent looks for the scripts of ApplicationStop, BeforeBlockTraffic and AfterBlockTraffic there.",
        "Deploy once with --ignore-application-stop-failures of aws deploy create-deployment, or correct the one path "
        "in the pointer file.",
    ),
    "appspec-missing": Kind(
        _BOTH,
        "a revision without an appspec",
        "What it would have put where is not known.",
        "Compare with the bundle where it is stored.",
    ),
    "appspec-error": Kind(_BOTH, "an appspec that the agent refuses", "Every event that reads it fails.", _APPSPEC),
    "appspec-not-text": Kind(
        _BOTH, "an appspec value that is not text", "The agent reads it, and its Install event fails.", _APPSPEC
    ),
    "appspec-newer-ruby": Kind(
        WARNING,
        "an appspec that some Rubies refuse",
        "Ruby 3.1 and newer load neither aliases nor dates: every event that reads it fails there.",
        "Look which Ruby the agent runs on; write the values out, dates in quotes.",
    ),
    "appspec-other-name": Kind(INFO, "an appspec by another name", "Which one the agent used is not recorded.", LOOK),
    "appspec-two": Kind(INFO, "a revision with two appspecs", "Which one the agent used is not recorded.", LOOK),
    "record-unreadable": Kind(
        WARNING,
        "records that cannot be read",
        "The marks rest on the other records alone.",
        "Run as root; if it stays, the disk or the file is damaged.",
    ),
    "script-unreadable": Kind(
        WARNING,
        "scripts that cannot be read",
        "What they make is not known, so files of theirs may be marked unattributed.",
        "Run as root; if it stays, the disk or the file is damaged.",
    ),
    "script-not-followed": Kind(
        INFO,
        "scripts that were not followed to their end",
        "They are larger, or do more, than is looked at. What they make further on may be marked unattributed.",
        "Read them, and look for what they make among the unattributed files.",
    ),
    "revision-unreadable": Kind(
        WARNING,
        "revisions that cannot be read whole",
        "Files that they put in place may be marked unattributed.",
        "Run as root; if it stays, the disk or the file is damaged.",
    ),
    "output-not-read": Kind(
        _BOTH,
        "script output that was not read whole",
        "Files that scripts say they made further on may be marked unattributed.",
        "Look in the log itself for what a file's name brings up.",
    ),
    "package-database-unreadable": Kind(
        _BOTH,
        "a package database that cannot be read",
        "That no package is named for a file means nothing.",
        "Ask the system itself: dpkg -S PATH, or rpm -qf PATH.",
    ),
    "package-database-incomplete": Kind(
        _BOTH,
        "a package database that was not read whole",
        "That no package is named for a file does not mean that none owns it.",
        "Ask the system itself: dpkg -S PATH, or rpm -qf PATH.",
    ),
    "package-database-older": Kind(
        INFO,
        "an older package database beside the one in use",
        "The newer one was read.",
        "Nothing; the older one was left by an upgrade of the system.",
    ),
    "time-zone-unreadable": Kind(
        INFO,
        "a time zone that cannot be told",
        "Local times in logs are placed by what the logs themselves tell, else taken for UTC.",
        "Compare the times of script runs with those that you know.",
    ),
    "time-zone-differs": Kind(
        WARNING,
        "a time zone that is not the logs'",
        "The zone was changed, or the agent runs in another one. Times in logs are taken as the logs tell them.",
        "Restart the agent after a change of the zone. Be careful with what rests on times alone.",
    ),
    "log-zone-unknown": Kind(
        INFO,
        "logs that do not tell their time zone",
        "They hold local times, and neither they nor the instance's own zone nor the times of files tell which. They "
        "are taken for UTC, so what a mark says of the time of a script rests on that as well.",
        "Compare with a time that you know.",
    ),
    "log-time-differs": Kind(
        INFO,
        "logs whose times do not agree",
        "A log was touched after its last entry, or written in another time zone than the others.",
        "Be careful with what rests on times of that log alone.",
    ),
    "leftover-temporary": Kind(
        INFO,
        "files that version 2 of the agent left half-written",
        "It was stopped while it replaced a record; the record itself is the one before.",
        "Harmless, except in ongoing-deployment, where one counts as a deployment at the agent's next start.",
    ),
    "version-files-differ": Kind(
        WARNING,
        "version files that differ",
        "The agent was updated, and an old file was left.",
        "See which agent runs.",
    ),
    "version-contradicted": Kind(
        WARNING,
        "traces that speak against the agent's version",
        "Files may have been treated by the other version's rules.",
        "See which agent runs.",
    ),
    "root-dir-missing": Kind(
        WARNING,
        "the config's root_dir is not there",
        "No deployment yet, or it was removed or is not mounted.",
        "Mount what is missing, or name another place with --agent-root.",
    ),
    "config-not-understood": Kind(WARNING, "a config file that is not understood", "Defaults are used.", _CONFIG),
    "config-odd-value": Kind(WARNING, "an odd value in the config", "The agent's default is used.", _CONFIG),
    "config-relative-path": Kind(WARNING, "a relative path in the config", "Where it starts is not known.", _CONFIG),
    "config-max-revisions": Kind(WARNING, "an odd max_revisions", "Pruning may not work as meant.", _CONFIG),
    "log-incomplete": Kind(
        WARNING,
        "a log that was not read whole",
        "Script runs beyond that are not known, and neither are files made in them.",
        LOOK,
    ),
    "log-not-understood": Kind(WARNING, "a log with no entry of the agent's", "No script run is known from it.", LOOK),
    "log-cut-off": Kind(_BOTH, "a log whose end is cut off", "The last script run may have been broken off.", LOOK),
}
