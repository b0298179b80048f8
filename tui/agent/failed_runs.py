"""Which runs of scripts the logs say failed, and which deployments the runs and failures belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Optional

from tui.agent.log_records import AgentLog, Failure
from tui.agent.records import Deployment, Group, LogFile, ScriptRun

SLACK = 2.0  # seconds by which an entry written in whole seconds can seem later than one that followed it


def match_failures(
    groups: tuple[Group, ...], logs: tuple[LogFile, ...], agent_log: Optional[AgentLog]
) -> tuple[tuple[Group, ...], tuple[LogFile, ...], Optional[AgentLog]]:
    """The same records with what one log tells of another's runs.

    Runs of version 2's deployments log, which names no deployment, get the one whose scripts.log has the
    same script in the same second of the same event, if there is one alone. A failure that names a
    script, or an event, gets deployment and event of the run that it ended: the last one before it of
    that script or event, if that is one alone. That run gets the failure's message.
    """
    index = _Index(groups)
    logs = tuple(_with_ids(log, index) for log in logs)
    if agent_log is not None and agent_log.failures:
        agent_log = replace(agent_log, failures=tuple(map(index.matched, agent_log.failures)))
    logs = tuple(
        replace(log, failures=tuple(map(index.matched, log.failures))) if log.failures else log for log in logs
    )
    if not index.failed:
        return groups, logs, agent_log
    groups = tuple(replace(group, deployments=tuple(map(index.told, group.deployments))) for group in groups)
    return groups, tuple(index.told_log(log) for log in logs), agent_log


def _with_ids(log: LogFile, index: _Index) -> LogFile:
    if all(run.deployment_id is not None for run in log.runs):
        return log
    return replace(log, runs=tuple(index.identified(run) for run in log.runs))


_Key = tuple[Optional[str], str, str, int]  # deployment, event, script, second


def _key(run: ScriptRun) -> _Key:
    return run.deployment_id, run.event, run.location, int(run.start)


class _Index:
    """All runs that the scripts.log files tell."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self._same: dict[tuple[str, int], list[ScriptRun]] = {}
        self._by_script: dict[str, list[ScriptRun]] = {}
        self._by_event: dict[str, list[ScriptRun]] = {}
        self.failed: dict[_Key, str] = {}
        for group in groups:
            for deployment in group.deployments:
                for run in deployment.log.runs if deployment.log is not None else ():
                    self._same.setdefault((run.location, int(run.start)), []).append(run)
                    self._by_script.setdefault(run.location, []).append(run)
                    self._by_event.setdefault(run.event, []).append(run)

    def identified(self, run: ScriptRun) -> ScriptRun:
        """A run of the deployments log with the deployment that it can be told to belong to."""
        if run.deployment_id is not None:
            return run
        same = [
            other
            for other in self._same.get((run.location, int(run.start)), ())
            if not run.event or other.event == run.event
        ]
        if len(same) != 1:
            return run
        return replace(run, deployment_id=same[0].deployment_id, event=same[0].event)

    def matched(self, failure: Failure) -> Failure:
        """A failure with what the run that it ended tells of it."""
        run = self._ended_by(failure)
        if run is None:
            return failure
        self.failed.setdefault(_key(run), failure.message)
        return replace(
            failure,
            deployment_id=failure.deployment_id or run.deployment_id,
            event=failure.event or run.event,
            location=failure.location or run.location,
        )

    def _ended_by(self, failure: Failure) -> Optional[ScriptRun]:
        if failure.location is not None:
            runs: Sequence[ScriptRun] = self._by_script.get(failure.location, ())
        else:
            runs = self._by_event.get(failure.event or "", ())
        runs = [
            run
            for run in runs
            if failure.deployment_id in (None, run.deployment_id) and failure.event in (None, run.event)
        ]
        if failure.utc:
            # The runs' times are local: which zone that is no log of version 2 tells.
            if failure.deployment_id is None or failure.event is None:
                return None
        else:
            runs = [run for run in runs if run.start <= failure.time + SLACK]
        last = max(runs, key=lambda run: run.start, default=None)
        if last is None or any(run.start == last.start and run is not last for run in runs):
            return None
        return last if failure.utc or _ends(last, failure) else None

    def told(self, deployment: Deployment) -> Deployment:
        """A deployment whose log's runs say how they failed."""
        if deployment.log is None:
            return deployment
        log = self.told_log(deployment.log)
        return deployment if log is deployment.log else replace(deployment, log=log)

    def told_log(self, log: LogFile) -> LogFile:
        """A log whose runs say how they failed."""
        if not any(_key(run) in self.failed for run in log.runs):
            return log
        return replace(log, runs=tuple(replace(run, failure=self.failed.get(_key(run))) for run in log.runs))


def _ends(run: ScriptRun, failure: Failure) -> bool:
    """Whether a run can have ended with a failure: nothing came after it in its log until then."""
    return run.until is None or run.until >= failure.time - SLACK
