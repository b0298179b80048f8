"""A plan as a PowerShell script for Windows PowerShell 5.1 and later: the same acts with the same checks.

It changes nothing unless it is run with ``-Execute``. What PowerShell cannot ask without compiled code, a file's
number in its volume and its owner, is not compared: type, size, times to 100 nanoseconds and link target are.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

from tui.agent.records import Instance
from tui.cleanup.export_json import plan_hash
from tui.cleanup.protected import STATE_DIRS
from tui.cleanup.records import Act, Plan, PlanStep
from tui.cleanup.shell_quoting import comment, ps_quote
from tui.disk.inventory import DIR, FILE, LINK
from tui.windows_paths import native

_LONG = "\\\\?\\"  # before a link's target, as Python tells it
_EPOCH = 621_355_968_000_000_000  # of 1970, in ticks of 100 ns since the year 1
_KINDS = {FILE: "file", DIR: "dir", LINK: "link"}

_HEAD = """\
# A cleanup of what CodeDeploy deployments left behind, exported for review.
# Without -Execute nothing is changed: it tells what it would do.
#   powershell -File SCRIPT [-Execute] [-Quarantine DIR] [-Force REASON]
# Each path is moved into the quarantine under its step's number, or deleted where its step says so, and only if it
# still is what the plan saw: type, size, time, link target. What has changed is passed over and named. No link is
# ever followed, nothing is ever replaced, a directory goes only when it is empty.
"""

_BODY = r"""
param([switch]$Execute, [string]$Quarantine = '', [string]$Force = '')
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$script:done = 0
$script:passed = 0

# Whether a deployment is in progress: a tracking file that is not older than a day.
function Test-Deploying {
    if ($Force -ne '') { return $false }
    if (-not [IO.Directory]::Exists($ongoing)) { return $false }
    foreach ($tracked in [IO.Directory]::GetFileSystemEntries($ongoing)) {
        if ([DateTime]::UtcNow - [IO.File]::GetLastWriteTimeUtc($tracked) -le [TimeSpan]::FromDays(1)) { return $true }
    }
    return $false
}

function Skip-Step([int]$Number, [string]$Why) {
    $script:passed++
    [Console]::Error.WriteLine("step ${Number}: passed over: $Why")
}

function Complete-Plan([int]$Code) {
    $could, $told = 'could be', 'nothing was changed (run with -Execute)'
    if ($Execute) { $could, $told = 'were', "the quarantine is $Quarantine" }
    Write-Output "$($script:done) of $steps steps $could done, $($script:passed) passed over; $told"
    if ($Code -ne 0) { exit $Code }
    if ($script:passed -ne 0) { exit 4 }
    exit 0
}

# Why a path is not what the plan saw; nothing where it is.
function Get-Difference([string]$Path, [string]$Kind, [long]$Size, [long]$Ticks, [string]$Target, [string]$Digest) {
    $above = [IO.Path]::GetDirectoryName($Path)
    while ($above) {
        $item = Get-Item -LiteralPath $above -Force
        if ($item.Attributes -band [IO.FileAttributes]::ReparsePoint) { return 'a link stands on the way to it' }
        $above = [IO.Path]::GetDirectoryName($above)
    }
    $item = Get-Item -LiteralPath $Path -Force
    $link = [bool]($item.Attributes -band [IO.FileAttributes]::ReparsePoint)
    $directory = [bool]($item.Attributes -band [IO.FileAttributes]::Directory)
    if ($link -ne ($Kind -ceq 'link')) { return 'it is of another type' }
    if ($link) {
        $leads = [string](@($item.Target)[0])
        if ($leads.StartsWith('\\?\')) { $leads = $leads.Substring(4) }
        if ($leads -cne $Target) { return 'the link leads elsewhere' }
        return ''
    }
    if ($directory -ne ($Kind -ceq 'dir')) { return 'it is of another type' }
    if ($directory) { return '' }
    if ($item.Length -ne $Size -or $item.LastWriteTimeUtc.Ticks -ne $Ticks) { return 'it is not what the plan saw' }
    if ($Digest -ne '') {
        $now = (Get-FileHash -LiteralPath $Path -Algorithm SHA256).Hash
        if (-not ($now -ieq $Digest)) { return 'its content has changed' }
    }
    return ''
}

function Move-Aside([int]$Number, [string]$Path, [bool]$Directory) {
    if (-not ([IO.Path]::GetPathRoot($Path) -ieq [IO.Path]::GetPathRoot($Quarantine))) {
        throw 'it is on another drive: name a quarantine there with -Quarantine'
    }
    $place = [IO.Path]::Combine($Quarantine, [string]$Number)
    if ($Directory) { [IO.Directory]::Move($Path, $place) } else { [IO.File]::Move($Path, $place) }
}

# A record that is put right: what it held is kept in the quarantine, its owner and rights stay.
function Set-Record([int]$Number, [string]$Path, [string]$Content) {
    $new = "$Path.codedeploy-forensics"
    $stream = New-Object -TypeName IO.FileStream -ArgumentList $new, ([IO.FileMode]::CreateNew)
    try {
        $bytes = [Convert]::FromBase64String($Content)
        $stream.Write($bytes, 0, $bytes.Length)
    } finally { $stream.Dispose() }
    [IO.File]::Replace($new, $Path, [IO.Path]::Combine($Quarantine, [string]$Number))
}

function Invoke-Step([int]$Number, [string]$Act, [string]$Kind, [string]$Path, [long]$Size, [long]$Ticks,
                     [string]$Target, [string]$Digest, [string]$Content) {
    if (Test-Deploying) {
        Write-Output "stopped before step ${Number}: a deployment is in progress"
        Complete-Plan 3
    }
    try {
        $why = Get-Difference $Path $Kind $Size $Ticks $Target $Digest
        if ($why -ne '') { Skip-Step $Number $why; return }
        if ($Execute) {
            $directory = [IO.Directory]::Exists($Path)
            if ($Act -cne 'delete') {
                $line = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($Path))
                [IO.File]::AppendAllText([IO.Path]::Combine($Quarantine, 'paths'), "$Number $line`n")
            }
            if ($Kind -ceq 'dir') { [IO.Directory]::Delete($Path, $false) }
            elseif ($Act -ceq 'restore') { Set-Record $Number $Path $Content }
            elseif ($Act -ceq 'quarantine') { Move-Aside $Number $Path $directory }
            elseif ($directory) { [IO.Directory]::Delete($Path, $false) }
            else { [IO.File]::Delete($Path) }
        }
        $script:done++
    } catch { Skip-Step $Number $_.Exception.Message }
}

if (Test-Deploying) {
    [Console]::Error.WriteLine('a deployment is in progress: nothing was done (-Force REASON goes on all the same)')
    exit 3
}
if ($Execute) {
    if ($Quarantine -eq '') { $Quarantine = $usual }
    $Quarantine = [IO.Path]::Combine([IO.Path]::GetFullPath($Quarantine), 'ps1-' + [Guid]::NewGuid().ToString('N'))
    [void][IO.Directory]::CreateDirectory($Quarantine)
    # For the system and administrators alone.
    & icacls.exe $Quarantine '/inheritance:r' '/grant:r' '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
    if ($LASTEXITCODE -ne 0) { throw 'the quarantine cannot be made private' }
    if ($Force -ne '') { [IO.File]::WriteAllText([IO.Path]::Combine($Quarantine, 'forced'), $Force) }
}

"""


def to_ps1(plan: Plan, instance: Instance) -> bytes:
    """The script for a plan, ASCII with line ends of Windows. Raises ValueError where a path has a NUL in it."""
    text = "".join(_parts(plan, instance))
    return text.replace("\n", "\r\n").encode("ascii")


def _parts(plan: Plan, instance: Instance) -> Iterator[str]:
    yield _HEAD
    yield _remark(f"host {plan.host or 'not known'}, source {plan.source}, {plan.chosen_by}")
    yield _remark(f"plan {plan_hash(plan)}, made by version {plan.version}")
    for warned in plan.warnings:
        yield _remark(f"warning, {warned.code}: {warned.message}")
    opening, _, rest = _BODY.partition("Set-StrictMode")  # a script's parameters come before all else
    yield opening
    yield f"$usual = {ps_quote(native(STATE_DIRS['windows']))}\n"
    yield f"$ongoing = {ps_quote(native(instance.layout.ongoing_dir))}\n"
    yield f"$steps = {len(plan.steps)}\n"
    yield "Set-StrictMode" + rest
    for step in plan.steps:
        yield _step(step)
    yield "Complete-Plan 0\n"


def _remark(text: str) -> str:
    return f"# {comment(text)}\n"


def _step(step: PlanStep) -> str:
    seen = step.seen
    told = _remark(f"{step.number}: {step.act.value} {native(step.path)}" + (f" ({step.mark})" if step.mark else ""))
    if step.evidence:
        told += _remark(f"    {step.evidence}")
    target = (seen.target or "").replace("/", "\\")
    target = target[len(_LONG) :] if target.startswith(_LONG) else target
    ticks = seen.mtime_ns // 100 + _EPOCH
    content = base64.b64encode(step.content).decode("ascii") if step.act is Act.RESTORE and step.content else ""
    words = (
        str(step.number), ps_quote(step.act.value), ps_quote(_KINDS.get(seen.kind, "other")),
        ps_quote(native(step.path)), str(seen.size), str(ticks), ps_quote(target),
        ps_quote(seen.digest or ""), ps_quote(content),
    )  # fmt: skip
    return f"{told}Invoke-Step {' '.join(words)}\n"
