"""Codes of findings about the agent itself."""

from __future__ import annotations

from tui.forensics.findings.codes.kinds import INFO, WARNING, Kind
from tui.forensics.marks import Severity

AGENT = {
    "deployment-in-progress": Kind(
        WARNING,
        "deployment {deployment} has a lifecycle event in progress",
        "The agent's tracking file exists only while one lifecycle event runs, or after an agent died in one. "
        "What is shown can change at any moment.",
        "Wait until the deployment has ended, then scan again.",
    ),
    "stale-ongoing-deployment": Kind(
        WARNING,
        "the tracking file of {deployment} is stale",
        "The agent takes a tracking file for stale after 24 hours (version 1).",
        "The agent removes it by itself when it next looks.",
    ),
    "several-ongoing-deployments": Kind(
        WARNING,
        "{number} tracking files, though version 1 of the agent runs one lifecycle event at a time",
        "All but one were left by an agent that died in an event, or two agents run.",
        "Restart the agent when no deployment runs: it fails the events that the files name and removes the files.",
    ),
    "agent-not-running": Kind(
        WARNING,
        "no agent runs on this machine",
        "Deployments to the instance wait and then fail; nothing on disk changes by itself.",
        "Start the agent's service once you know why it ended: the end of its log tells.",
    ),
    "two-agents": Kind(
        WARNING,
        "{number} agents run on this machine",
        "Each takes commands, and they change the same files and records.",
        "Stop the service, see that no agent is left, and start it again.",
    ),
    "agent-directory-gone": Kind(
        WARNING,
        "the agent's working directory has been removed",
        "Scripts that it starts fail with getcwd errors.",
        "Restart the agent when no deployment runs.",
    ),
    "no-records": Kind(
        (Severity.INFO, Severity.WARNING),
        "the agent's root_dir holds no deployment group",
        "Nothing was deployed yet, or the directory was emptied. In that case no record tells which files deployments "
        "put where: nothing will remove those, none is shown here, and with DISALLOW the next deployment fails on "
        "those in its way.",
        "If it was emptied, put its contents back from a backup, with owners, modes and times. Else "
        "codedeploy-forensics preview --group new --revision R tells what is in the next deployment's way, and "
        "clean --unblock R --group new moves that aside; or deploy with OVERWRITE once.",
    ),
    "agent-version-unknown": Kind(
        INFO,
        "the agent's version is not known",
        "No version file was found or understood. The rules of version 1 are used; version 2 reads cleanup "
        "files differently (owner and mode count, dangling links stay, more white space is stripped).",
        "Find out which agent runs on the instance.",
    ),
}
