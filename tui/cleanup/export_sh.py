"""A plan as a POSIX shell script, to be read, kept and run: the same acts with the same checks.

For dash, bash and busybox. It changes nothing unless it is run with ``--execute``.
"""

from __future__ import annotations

from collections.abc import Iterator

from tui.agent.records import Instance
from tui.cleanup.export_json import plan_hash
from tui.cleanup.protected import STATE_DIRS
from tui.cleanup.records import Act, Plan, PlanStep
from tui.cleanup.shell_quoting import comment, sh_assign, sh_octal, sh_quote
from tui.disk.inventory import DIR, FILE, LINK, OTHER
from tui.paths import split, to_bytes

_SECOND = 10**9
_LETTERS = {FILE: "f", DIR: "d", LINK: "l", OTHER: "o"}

_HEAD = b"""\
#!/bin/sh
# A cleanup of what CodeDeploy deployments left behind, exported for review.
# Without --execute nothing is changed: it tells what it would do.
#   sh SCRIPT [--execute] [--quarantine DIR] [--force REASON]
# Each path is moved into the quarantine under its step's number, or deleted where its step says so, and only if it
# still is what the plan saw: type, mode, owner, inode, size, time, link target. What has changed is passed over and
# named. No link is ever followed, nothing is ever replaced, a directory goes only when it is empty.
# Times are compared to the second, and between the check and the act there is an instant in which something may
# still change; the program itself (clean --plan) is the more careful.
"""

_BODY = rb"""
set -u
LC_ALL=C; export LC_ALL
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH; export PATH
unset CDPATH
IFS=$(printf ' \t\n.'); IFS=${IFS%.}
umask 077
execute='' forced='' store='' did=0 passed=0

say() { printf '%s\n' "$1"; }
die() { printf '%s\n' "$1" >&2; exit 3; }
usage() { printf 'usage: sh SCRIPT [--execute] [--quarantine DIR] [--force REASON]\n' >&2; exit 2; }
while [ $# -gt 0 ]; do
    case $1 in
        --execute) execute=1 ;;
        --quarantine)
            [ $# -gt 1 ] || usage
            case $2 in /*) store=$2 ;; *) store=$PWD/$2 ;; esac
            shift ;;
        --force)
            [ $# -gt 1 ] && [ -n "$2" ] || usage
            forced=$2
            shift ;;
        *) usage ;;
    esac
    shift
done
command -v stat >/dev/null && command -v readlink >/dev/null || die 'stat and readlink are needed'
if [ -n "$top" ]; then
    cd -P -- "$top" || die 'the instance is not where it was'
    top=$(pwd -P; printf .); top=${top%??}
    [ "$top" != / ] || top=''
fi
[ -n "$store" ] || store=$top$usual

# Whether a deployment is in progress: a tracking file that is not older than a day.
deploying() {
    [ -z "$forced" ] || return 1
    for tracked in "$top$ongoing"/* "$top$ongoing"/.[!.]* "$top$ongoing"/..?*; do
        [ -e "$tracked" ] || [ -L "$tracked" ] || continue
        young=$(find "$tracked" -prune -mmin -1441 -print) || return 0
        [ -z "$young" ] || return 0
    done
    return 1
}
if deploying; then die 'a deployment is in progress: nothing was done (--force REASON goes on all the same)'; fi

# The quarantine: a directory that is made just now, or none.
if [ -n "$execute" ]; then
    mkdir -p -- "$store" && cd -P -- "$store" && [ -O . ] || die 'the quarantine cannot be made'
    store=$(pwd -P; printf .); store=${store%??}/sh-$(date +%Y%m%d%H%M%S)-$$
    mkdir -- "$store" || die 'the quarantine cannot be made'
    device=$(stat -c %d -- "$store") || die 'the quarantine cannot be looked at'
    [ -z "$forced" ] || printf '%s\n' "$forced" > "$store/forced"
fi

pass() { passed=$((passed + 1)); printf 'step %s: passed over: %s\n' "$number" "$1" >&2; }
elsewhere='it is on another file system: name a quarantine there with --quarantine'

# Whether $n in the working directory is of the type $kind.
typed() {
    if [ -L "./$n" ]; then [ "$kind" = l ]
    elif [ -d "./$n" ]; then [ "$kind" = d ]
    elif [ -f "./$n" ]; then [ "$kind" = f ]
    else [ -e "./$n" ] && [ "$kind" = o ]; fi
}

# What stat tells of it, in the plan's words. The names of a file with several change it as they go.
told() {
    case $kind$links in
        d*) stat -c '%a %d %i %u %g' -- "./$n" ;;
        ?1) stat -c '%a %d %i %u %g %h %s %Y %Z' -- "./$n" ;;
        *) stat -c '%a %d %i %u %g x %s %Y x' -- "./$n" ;;
    esac
}

# Enter the directory $d by its real path, and see that $n is what the plan saw.
same() {
    where=$top$d
    cd -P -- "${where:-/}" 2>/dev/null || { pass 'its directory is gone'; return 1; }
    here=$(pwd -P; printf .); here=${here%??}
    [ "$here" = "${where:-/}" ] || { pass 'a link stands on the way to it'; return 1; }
    typed || { pass 'it is gone, or of another type'; return 1; }
    [ "$(told)" = "$expected" ] || { pass 'it is not what the plan saw'; return 1; }
    if [ "$kind" = l ]; then
        [ "$(readlink -n -- "./$n"; printf .)" = "$t." ] || { pass 'the link leads elsewhere'; return 1; }
    fi
    if [ "$digest" != - ]; then
        sum=$(sha256sum < "./$n") || { pass 'it cannot be read'; return 1; }
        [ "${sum%% *}" = "$digest" ] || { pass 'its content has changed'; return 1; }
    fi
}

# Do it. What is moved, and where it was, is in the quarantine's file paths: number, NUL, path, NUL.
carry_out() {
    [ "$act" = delete ] || printf '%s\0%s\0' "$number" "$d/$n" >> "$store/paths" || return 1
    if [ "$kind" = d ]; then
        rmdir -- "./$n" 2>/dev/null || { pass 'it is not empty'; return 1; }
    elif [ "$act" = delete ]; then
        rm -f -- "./$n" </dev/null || { pass 'it could not be deleted'; return 1; }
    elif [ "$(stat -c %d -- .)" != "$device" ]; then
        pass "$elsewhere"; return 1
    elif [ "$act" = quarantine ]; then
        mv -n -- "./$n" "$store/$number" </dev/null || { pass 'it could not be moved'; return 1; }
    else
        new=./.codedeploy-forensics.$$
        ln -- "./$n" "$store/$number" || { pass 'it could not be kept'; return 1; }
        (set -C; content "$number" > "$new") || { pass 'it could not be written'; return 1; }
        chown "$owner" "$new" && chmod "$mode" "$new" && mv -f -- "$new" "./$n" </dev/null && return 0
        rm -f -- "$new"; pass 'it could not be put right'; return 1
    fi
    if [ -e "./$n" ] || [ -L "./$n" ]; then pass 'it is still there'; return 1; fi
}

# A step: its number, act, type, names, digest or -, and what stat is to tell. $d, $n and $t are set before it.
step() {
    number=$1 act=$2 kind=$3 links=$4 digest=$5 expected=$6
    if deploying; then say "stopped before step $number: a deployment is in progress"; finish 3; fi
    same || return 0
    if [ -n "$execute" ]; then carry_out || return 0; fi
    did=$((did + 1))
}

finish() {
    if [ -n "$execute" ]; then
        say "$did of $steps steps done, $passed passed over; the quarantine is $store"
    else
        say "$did of $steps steps could be done, $passed passed over; nothing was changed (run with --execute)"
    fi
    [ "$1" -eq 0 ] || exit "$1"
    [ "$passed" -eq 0 ] || exit 4
    exit 0
}

"""


def to_sh(plan: Plan, instance: Instance) -> bytes:
    """The script for a plan. Raises ValueError where a path has a NUL in it."""
    return b"".join(_parts(plan, instance))


def _parts(plan: Plan, instance: Instance) -> Iterator[bytes]:
    yield _HEAD
    yield _remark(f"host {plan.host or 'not known'}, source {plan.source}, {plan.chosen_by}")
    yield _remark(f"plan {plan_hash(plan)}, made by version {plan.version}")
    for warned in plan.warnings:
        yield _remark(f"warning, {warned.code}: {warned.message}")
    top = b"" if plan.source_kind == "machine" else to_bytes(plan.source)
    yield sh_assign("top", top) + b"\n"
    yield sh_assign("usual", to_bytes(STATE_DIRS["linux"])) + b"\n"
    yield sh_assign("ongoing", to_bytes(instance.layout.ongoing_dir)) + b"\n"
    yield b"steps=%d\n" % len(plan.steps)
    yield _contents(plan)
    yield _BODY
    for step in plan.steps:
        yield from _step(step)
    yield b"finish 0\n"


def _remark(text: str) -> bytes:
    return b"# " + comment(text).encode("ascii") + b"\n"


def _contents(plan: Plan) -> bytes:
    """A function that prints what a record is to hold."""
    cases = [
        b"        %d) printf '%s' ;;\n" % (step.number, sh_octal(step.content))
        for step in plan.steps
        if step.content is not None
    ]
    return b"content() {\n    case $1 in\n" + b"".join(cases) + b"        *) return 1 ;;\n    esac\n}\n"


def _step(step: PlanStep) -> Iterator[bytes]:
    directory, name = split(step.path)
    yield _remark(f"{step.number}: {step.act.value} {step.path}" + (f" ({step.mark})" if step.mark else ""))
    if step.evidence:
        yield _remark(f"    {step.evidence}")
    yield sh_assign("d", to_bytes(directory if directory != "/" else "")) + b"\n"
    yield sh_assign("n", to_bytes(name)) + b"\n"
    if step.seen.kind == LINK:
        yield sh_assign("t", to_bytes(step.seen.target or "")) + b"\n"
    if step.act is Act.RESTORE:
        yield b"owner=%d:%d mode=%o\n" % (step.seen.uid, step.seen.gid, step.seen.mode)
    kind = _LETTERS[step.seen.kind]
    digest = step.seen.digest or "-"
    head = f"step {step.number} {step.act.value} {kind} {step.seen.links} {digest} "
    yield head.encode("ascii") + sh_quote(_expected(step).encode("ascii")) + b"\n"


def _expected(step: PlanStep) -> str:
    """What ``stat`` is to print of a thing that is as it was."""
    seen = step.seen
    own = f"{seen.mode:o} {seen.device} {seen.inode} {seen.uid} {seen.gid}"
    if seen.kind == DIR:
        return own
    mtime, ctime = seen.mtime_ns // _SECOND, seen.ctime_ns // _SECOND
    if seen.links == 1:
        return f"{own} 1 {seen.size} {mtime} {ctime}"
    return f"{own} x {seen.size} {mtime} x"
