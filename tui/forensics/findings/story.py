"""What is known of the course of a deployment: its events, its failures, which one is the group's last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from tui.agent.log_records import Failure
from tui.agent.plan_source import plan_deployments, source_deployment
from tui.agent.records import Deployment, Group, Instance, ScriptRun
from tui.forensics.evidence import at

# The default order of events after the new revision is there; what a load balancer adds is left out.
AFTER_INSTALL = ("AfterInstall", "ApplicationStart", "ValidateService")
_SHOWN = 300  # characters of a log's message


def last_install(group: Group) -> Optional[str]:
    """The id of the deployment whose Install event completed last."""
    return group.last_successful.deployment_id if group.last_successful is not None else None


def newest(group: Group) -> Optional[str]:
    """The id of the deployment that was unpacked last."""
    pointer = group.most_recent or group.last_successful
    return pointer.deployment_id if pointer is not None else None


def current(group: Group) -> Optional[Deployment]:
    """What is left of the deployment whose Install event completed last, else of the one unpacked last."""
    return group.deployment(last_install(group) or newest(group))


def planned_by(group: Group) -> tuple[str, ...]:
    """The ids of the deployments that the group's install plan copies from."""
    plan = group.plan
    if plan is None:
        return ()
    found = [source_deployment(source) for source, _ in plan.rules]  # every copy has one of these beginnings
    if found and None not in found:
        return tuple(dict.fromkeys(deployment_id for deployment_id in found if deployment_id is not None))
    return plan_deployments(plan)


def runs_of(instance: Instance, group: Group, deployment_id: str) -> tuple[ScriptRun, ...]:
    """The script runs that logs have of a deployment, by start; its own log counts before the common one."""
    deployment = group.deployment(deployment_id)
    if deployment is not None and deployment.log is not None and deployment.log.runs:
        return deployment.log.runs
    found = [run for log in instance.logs for run in log.runs if run.deployment_id == deployment_id]
    return tuple(sorted(found, key=lambda run: run.start))


def failures_of(instance: Instance, group: Group, deployment_id: str) -> tuple[Failure, ...]:
    """What logs say of failures in a deployment, in the logs' order."""
    logs: list[Sequence[Failure]] = [log.failures for log in instance.logs]
    if instance.agent_log is not None:
        logs.append(instance.agent_log.failures)
    found = [failure for failures in logs for failure in failures if failure.deployment_id == deployment_id]
    told = {failure.location for failure in found}
    for run in runs_of(instance, group, deployment_id):
        if run.failure is not None and run.location not in told:
            found.append(Failure(run.failure, run.start, run.source, run.line, deployment_id, run.event, run.location))
    return tuple(found)


def said(failure: Optional[Failure]) -> str:
    """A log's own words, as a sentence; empty where there is none."""
    if failure is None:
        return ""
    text = failure.message.strip()
    text = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    again = f" ({failure.repeats} times)" if failure.repeats > 1 else ""
    return f"The log says{again}: {text.rstrip('.')}."


def source_of(failure: Optional[Failure], otherwise: str) -> str:
    """Where a failure is written, else another record."""
    return at(failure.source, failure.line) if failure is not None else at(otherwise)


def ongoing(instance: Instance, deployment_id: str) -> bool:
    """Whether a lifecycle event of a deployment may be running."""
    return any(o.deployment_id == deployment_id for o in instance.ongoing)
