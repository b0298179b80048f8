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
#   powershell -NoProfile -File SCRIPT [-Execute] [-Quarantine DIR] [-Force REASON]
# Each path is moved into the quarantine under its step's number, or deleted where its step says so, and only if it
# still is what the plan saw: type, size, time, link target. What has changed is passed over and named. No link is
# ever followed, nothing is ever replaced, a directory goes only when it is empty. Paths of more than 259 characters
# are passed over by Windows PowerShell 5.1, not by PowerShell 7.
"""

_BODY = r"""
param([switch]$Execute, [string]$Quarantine = '', [string]$Force = '')
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$script:done = 0
$script:passed = 0

function Write-Problem([string]$Text) { [Console]::Error.WriteLine($Text) }

# What tells of a deployment in progress: a tracking file that is not older than a day. Nothing where there is none.
function Get-Deployment {
    if ($Force.Length -ne 0) { return '' }
    try {
        foreach ($tracked in [IO.Directory]::GetFileSystemEntries($ongoing)) {
            $age = [DateTime]::UtcNow - [IO.File]::GetLastWriteTimeUtc($tracked)
            if ($age -le [TimeSpan]::FromDays(1)) { return "a deployment is in progress: $tracked" }
        }
    } catch [IO.DirectoryNotFoundException] {
        return ''
    } catch {
        return "whether a deployment is in progress cannot be told: $($_.Exception.Message)"
    }
    return ''
}

function Skip-Step([int]$Number, [string]$Why) {
    $script:passed++
    Write-Problem "step ${Number}: passed over: $Why"
}

function Complete-Plan([int]$Code) {
    $could, $told = 'could be', 'nothing was changed (run with -Execute)'
    if ($Execute) { $could, $told = 'were', "the quarantine is $Quarantine" }
    Write-Output "$($script:done) of $steps steps $could done, $($script:passed) passed over; $told"
    if ($Code -ne 0) { exit $Code }
    if ($script:passed -ne 0) { exit 4 }
    exit 0
}

# Letter by letter: PowerShell's own comparisons take some texts for the same that are not.
function Test-Same([string]$One, [string]$Other) {
    return [string]::Equals($One, $Other, [StringComparison]::Ordinal)
}

function Test-Through([string]$Path) {
    $above = [IO.Path]::GetDirectoryName($Path)
    while ($above) {
        if ([IO.File]::GetAttributes($above) -band [IO.FileAttributes]::ReparsePoint) { return $true }
        $above = [IO.Path]::GetDirectoryName($above)
    }
    return $false
}

function Get-Digest([string]$Path) {
    $stream = [IO.File]::OpenRead($Path)
    try {
        $hash = New-Object -TypeName System.Security.Cryptography.SHA256CryptoServiceProvider
        try { return [BitConverter]::ToString($hash.ComputeHash($stream)).Replace('-', '').ToLowerInvariant() }
        finally { $hash.Dispose() }
    } finally { $stream.Dispose() }
}

# Why a path is not what the plan saw; nothing where it is.
function Get-Difference([string]$Path, [string]$Kind, [long]$Size, [long]$Ticks, [string]$Target, [string]$Digest) {
    if (-not (Test-Same ([IO.Path]::GetFullPath($Path)) $Path)) { return 'Windows takes its name for another one' }
    if (Test-Through $Path) { return 'a link stands on the way to it' }
    $item = Get-Item -LiteralPath $Path -Force
    $link = [bool]($item.Attributes -band [IO.FileAttributes]::ReparsePoint)
    $directory = [bool]($item.Attributes -band [IO.FileAttributes]::Directory)
    if ($link -ne ($Kind -ceq 'link')) { return 'it is of another type' }
    if ($link) {
        $leads = ''
        foreach ($one in @($item.Target)) { $leads = [string]$one; break }
        if ($leads.StartsWith('\\?\', [StringComparison]::Ordinal)) { $leads = $leads.Substring(4) }
        if (-not (Test-Same $leads $Target)) { return 'the link leads elsewhere' }
        return ''
    }
    if ($directory -ne ($Kind -ceq 'dir')) { return 'it is of another type' }
    if ($directory) { return '' }
    if ($item.Length -ne $Size -or $item.LastWriteTimeUtc.Ticks -ne $Ticks) { return 'it is not what the plan saw' }
    if ($Digest.Length -ne 0 -and -not (Test-Same (Get-Digest $Path) $Digest)) { return 'its content has changed' }
    return ''
}

# A path for the list of what was moved: base64 of UTF-16, little-endian, also of halves of characters.
function Get-Units([string]$Path) {
    $bytes = New-Object -TypeName 'byte[]' -ArgumentList (2 * $Path.Length)
    [Buffer]::BlockCopy($Path.ToCharArray(), 0, $bytes, 0, $bytes.Length)
    return [Convert]::ToBase64String($bytes)
}

function Assert-Drive([string]$Path) {
    if (-not ([IO.Path]::GetPathRoot($Path) -ieq [IO.Path]::GetPathRoot($Quarantine))) {
        throw 'it is on another drive: name a quarantine there with -Quarantine'
    }
}

function Move-Aside([int]$Number, [string]$Path, [bool]$Directory) {
    Assert-Drive $Path
    $place = [IO.Path]::Combine($Quarantine, [string]$Number)
    if ($Directory) { [IO.Directory]::Move($Path, $place) } else { [IO.File]::Move($Path, $place) }
}

# A record that is put right: what it held is kept in the quarantine, its owner and rights stay.
function Set-Record([int]$Number, [string]$Path, [string]$Content) {
    Assert-Drive $Path
    $new = "$Path.codedeploy-forensics"
    $stream = [IO.File]::Open($new, [IO.FileMode]::CreateNew)
    try {
        try {
            [byte[]]$bytes = [Convert]::FromBase64String($Content)
            $stream.Write($bytes, 0, $bytes.Length)
        } finally { $stream.Dispose() }
        [IO.File]::Replace($new, $Path, [IO.Path]::Combine($Quarantine, [string]$Number))
    } catch {
        [IO.File]::Delete($new)
        throw
    }
}

function Invoke-Step([int]$Number, [string]$Act, [string]$Kind, [string]$Path, [long]$Size, [long]$Ticks,
                     [string]$Target, [string]$Digest, [string]$Content) {
    $seen = Get-Deployment
    if ($seen.Length -ne 0) {
        Write-Output "stopped before step ${Number}: $seen"
        Complete-Plan 3
    }
    try {
        $why = Get-Difference $Path $Kind $Size $Ticks $Target $Digest
        if ($why.Length -ne 0) { Skip-Step $Number $why; return }
        if ($Execute) {
            $directory = [IO.Directory]::Exists($Path)
            if ($Act -cne 'delete') {
                [IO.File]::AppendAllText([IO.Path]::Combine($Quarantine, 'paths'), "$Number $(Get-Units $Path)`n")
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

if ([IO.Path]::DirectorySeparatorChar -cne '\') {
    Write-Problem 'this is not Windows: nothing was done'
    exit 3
}
$seen = Get-Deployment
if ($seen.Length -ne 0) {
    Write-Problem "${seen}: nothing was done (-Force REASON goes on all the same)"
    exit 3
}
if ($Execute) {
    try {
        $store = $usual
        if ($Quarantine.Length -ne 0) {
            $store = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Quarantine)
        }
        [void][IO.Directory]::CreateDirectory($store)
        $Quarantine = [IO.Path]::Combine($store, 'ps1-' + [Guid]::NewGuid().ToString('N'))
        if (Test-Through $Quarantine) { throw 'a link stands on the way to it' }
        $owner = (Get-Acl -LiteralPath $store).GetOwner([Security.Principal.SecurityIdentifier]).Value
        $own = @('S-1-5-18', 'S-1-5-32-544', [Security.Principal.WindowsIdentity]::GetCurrent().User.Value)
        if ($own -cnotcontains $owner) { throw "$store belongs to somebody else" }
        [void][IO.Directory]::CreateDirectory($Quarantine)
        # For the system and administrators alone.
        $icacls = [IO.Path]::Combine([Environment]::SystemDirectory, 'icacls.exe')
        & $icacls $Quarantine '/inheritance:r' '/grant:r' '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
        if ($LASTEXITCODE -ne 0) { throw 'it cannot be made private' }
        if ($Force.Length -ne 0) { [IO.File]::WriteAllText([IO.Path]::Combine($Quarantine, 'forced'), $Force) }
    } catch {
        Write-Problem "the quarantine cannot be made: $($_.Exception.Message): nothing was done"
        exit 3
    }
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
