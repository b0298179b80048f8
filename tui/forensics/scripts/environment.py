"""What a lifecycle script is started with: variables, directory, home (agent 1.8.1 and 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from tui.agent.records import Deployment, Group, Instance
from tui.disk.root import Root, RootError
from tui.forensics.scripts.values import ANY, DEEP, Values
from tui.paths import from_bytes

# Run from the last successful revision, for a deployment that is another one.
_OF_ANOTHER = frozenset(["ApplicationStop", "BeforeBlockTraffic", "AfterBlockTraffic"])
_PASSWD_LIMIT = 1 << 20

# As the agent's service, which runs as LocalSystem, has them on an ordinary Windows Server.
_WINDOWS = {
    "systemdrive": "C:", "systemroot": "C:\\Windows", "windir": "C:\\Windows", "programdata": "C:\\ProgramData",
    "allusersprofile": "C:\\ProgramData", "programfiles": "C:\\Program Files",
    "programfiles(x86)": "C:\\Program Files (x86)", "programw6432": "C:\\Program Files",
    "commonprogramfiles": "C:\\Program Files\\Common Files", "public": "C:\\Users\\Public",
    "temp": "C:\\Windows\\TEMP", "tmp": "C:\\Windows\\TEMP",
    "userprofile": "C:\\Windows\\system32\\config\\systemprofile",
    "comspec": "C:\\Windows\\system32\\cmd.exe",
}  # fmt: skip


def variables(instance: Instance, group: Group, deployment: Deployment, event: str) -> dict[str, Values]:
    """The environment variables that the agent sets for a script, and on Windows the system's usual ones.

    Names and the bundle's place are in no record, so those are unknown pieces. On Windows names are
    in lower case, since case does not matter there.
    """
    found: dict[str, Values] = {
        "LIFECYCLE_EVENT": (event,),
        "DEPLOYMENT_ID": (ANY if event in _OF_ANOTHER else deployment.id,),
        "DEPLOYMENT_GROUP_ID": (group.id,),
        "APPLICATION_NAME": (ANY,), "DEPLOYMENT_GROUP_NAME": (ANY,), "BUNDLE_BUCKET": (ANY,), "BUNDLE_KEY": (DEEP,),
        "BUNDLE_VERSION": (ANY,), "BUNDLE_ETAG": (ANY,), "BUNDLE_COMMIT": (ANY,),
    }  # fmt: skip
    if not instance.windows:
        return found
    lower = {name.lower(): values for name, values in found.items()}
    lower.update({name: (value,) for name, value in _WINDOWS.items()})
    lower.update({"computername": (ANY,), "username": (ANY,), "processor_architecture": (ANY,)})
    return lower


def start_directories(instance: Instance) -> Values:
    """Where scripts start: the agent's own working directory, which it never sets (agent 1.8.1).

    A running agent tells it. Else a service has ``/`` (systemd, and always version 2), and one started by the
    init script ``/opt/codedeploy-agent``. Empty where it is not known (Windows).
    """
    if instance.windows:
        return ("",)
    running = {process.cwd for process in instance.processes or () if process.cwd and process.cwd.startswith("/")}
    if running:
        return tuple(sorted(running)[:4])
    return ("/",) if instance.version.rules == 2 else ("/", "/opt/codedeploy-agent")


def homes(root: Root, windows: bool) -> Mapping[str, str]:
    """Home directories by user name, from the instance's own ``/etc/passwd``."""
    found: dict[str, str] = {}
    if windows:
        return found
    try:
        data = root.read("/etc/passwd", _PASSWD_LIMIT).data
    except RootError:
        return found
    for line in data.split(b"\n"):
        fields = line.split(b":")
        if len(fields) == 7 and fields[5].startswith(b"/"):
            found.setdefault(from_bytes(fields[0]), from_bytes(fields[5]))
    return found


def home_of(homes: Mapping[str, str], runas: Optional[str]) -> Optional[str]:
    """The home of the user that a script runs as; without ``runas`` that is the agent's own, root."""
    return homes.get(runas or "root")
