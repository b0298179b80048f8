"""Commands of a Unix system, and the paths that each makes, writes or removes.

A handler gives what the command prints, where that is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Callable, Optional

from tui.forensics.scripts import copying, fetching, printing
from tui.forensics.scripts.effects import Use, base_name
from tui.forensics.scripts.values import ANY, DEEP, FOUND, MAX_VALUES, Values, unique
from tui.forensics.scripts.world import Call

Handler = Callable[[Call], Optional[Values]]
NOTHING: Values = ("",)


def _mkdir(call: Call) -> Optional[Values]:
    options, operands = call.options("m", ("mode",))
    call.tell(operands, Use.MAKES)
    for path in (path for operand in operands for path in call.absolute(operand)):
        call.world.effects.directories.add(path)
        if "p" in options or "parents" in options:
            call.world.effects.directories_above(path, call.place)
    return None


def _touch(call: Call) -> Optional[Values]:
    options, operands = call.options("drt", ("date", "reference", "time"))
    if "c" not in options and "no-create" not in options:
        call.tell(operands, Use.APPENDS)
    return None


def _tee(call: Call) -> Optional[Values]:
    options, operands = call.options()
    call.tell(operands, Use.APPENDS if "a" in options or "append" in options else Use.MAKES)
    return call.given or None


def _truncate(call: Call) -> Optional[Values]:
    options, operands = call.options("sr", ("size", "reference"))
    call.tell(operands, Use.NAMES if "c" in options else Use.APPENDS)
    return None


def _dd(call: Call) -> Optional[Values]:
    call.tell([word[3:] for word in call.args if word.startswith("of=")], Use.MAKES)
    return None


def _remove(call: Call) -> Optional[Values]:
    options, operands = call.options()
    call.tell(operands, Use.REMOVES)
    if not options.keys().isdisjoint(("r", "R", "recursive")):
        call.tell(operands, Use.REMOVES, tree=True)
    return None


def _find(call: Call) -> Optional[Values]:
    """What ``find`` finds, as far as it is told; what its ``-delete`` and ``-exec rm`` remove."""
    words = list(call.args)
    first = next((i for i, word in enumerate(words) if word[:1] in "-(!"), len(words))
    tests = dict(zip(words, words[1:]))
    name = re.sub(r"\[[^\]]*\]|[*?]", ANY, tests.get("-name", tests.get("-iname", "*")))
    flat = tests.get("-maxdepth") == "1" and tests.get("-mindepth", "1") == "1"
    tops = [top.rstrip("/") for top in words[:first] or ["."]]
    removes = "-delete" in words or re.search(r"-(?:exec|execdir|ok) (?:sudo )?(?:rm|unlink) ", " ".join(words))
    if removes:
        call.tell([f"{top}/{'' if flat else DEEP}{name}" for top in tops], Use.REMOVES)
    odd = {"-o", "-or", "!", "-not", "-printf", "-exec", "-execdir", "-print0"}.intersection(words)
    if odd or len(tops) > MAX_VALUES:
        return (DEEP,)
    return tuple(f"{top}/{'' if flat else DEEP}{name}{FOUND}" for top in tops)


def _mktemp(call: Call) -> Optional[Values]:
    options, operands = call.options("p", ("tmpdir", "suffix"))
    base = options.get("p", options.get("tmpdir", "/tmp" if not operands or "t" in options else "")) or "/tmp"
    template = operands[0] if operands else "tmp.XXXXXXXXXX"
    name = re.sub(r"X{3,}(?=[^X]*\Z)", ANY, template) + options.get("suffix", "")
    inside = not operands or "p" in options or "tmpdir" in options or "t" in options
    path = f"{base.rstrip('/')}/{name}" if inside else name
    if "u" not in options and "dry-run" not in options:
        call.tell([path], Use.MAKES)
        if "d" in options or "directory" in options:
            call.world.effects.directories.update(call.absolute(path))
    return (path,)


def _sed(call: Call) -> Optional[Values]:
    joined = [word for word in call.args if re.match(r"-(?!-)[a-zA-Z]*i|--in-place", word)]
    if not joined:
        return None
    options, operands = call.options("efl", ("expression", "file"))
    files = operands if {"e", "f", "expression", "file"} & set(options) else operands[1:]
    call.tell(files, Use.CHANGES)
    suffix = re.sub(r"\A(?:--in-place=?|-[nrEsz]*i)", "", joined[0])
    if suffix and "*" not in suffix and "/" not in suffix:
        call.tell([file + suffix for file in files], Use.MAKES)
    return None


def _perl(call: Call) -> Optional[Values]:
    for i, word in enumerate(call.args):
        if re.match(r"-[a-zA-Z0]*i", word):
            rest = [w for w in call.args[i + 1 :] if not w.startswith("-")]
            call.tell(rest[1:] if len(rest) > 1 else rest, Use.CHANGES)
            return None
    return None


def _patch(call: Call) -> Optional[Values]:
    options, operands = call.options("dioprBzFDVY", ("directory", "input", "output"))
    output = options.get("o", options.get("output"))
    call.tell([output] if output else operands[:1], Use.MAKES if output else Use.CHANGES)
    return None


def _sqlite(call: Call) -> Optional[Values]:
    _, operands = call.options()
    call.tell(operands[:1], Use.APPENDS)
    return None


def _compress(call: Call) -> Optional[Values]:
    """gzip, bzip2, xz, zstd and what undoes them: one file made from another, which goes away."""
    suffix = {
        "gzip": ".gz",
        "gunzip": ".gz",
        "bzip2": ".bz2",
        "bunzip2": ".bz2",
        "xz": ".xz",
        "unxz": ".xz",
        "zstd": ".zst",
    }[call.verb]
    options, operands = call.options("SbTo")
    if not options.keys().isdisjoint(("c", "stdout", "t", "l")):
        return None
    undo = call.verb in ("gunzip", "bunzip2", "unxz") or not options.keys().isdisjoint(("d", "decompress"))
    for operand in operands:
        made = operand[: -len(suffix)] if undo and operand.endswith(suffix) else operand + suffix
        call.tell([made], Use.MAKES)
        if not ({"k", "keep"} & set(options)) and call.verb != "zstd":
            call.tell([operand], Use.REMOVES)
    return None


def _output_option(*options: str) -> Handler:
    """A command whose named options are followed by the file it writes."""

    def handler(call: Call) -> Optional[Values]:
        for option, word in zip(call.args, call.args[1:]):
            if option in options:
                call.tell([word], Use.MAKES)
        return None

    return handler


def _keygen(call: Call) -> Optional[Values]:
    options, _ = call.options("fNCtbIsnzVOaPm")
    if "f" in options and not options.keys().isdisjoint(("t", "N")):
        call.tell([options["f"], options["f"] + ".pub"], Use.MAKES)
    return None


def _htpasswd(call: Call) -> Optional[Values]:
    options, operands = call.options("C")
    call.tell(operands[:1], Use.MAKES if "c" in options else Use.APPENDS)
    return None


def _makes_all(call: Call) -> Optional[Values]:
    _, operands = call.options("m", ("mode",))
    call.tell(operands, Use.MAKES)
    return None


def _systemctl(call: Call) -> Optional[Values]:
    """enable: the link that a unit for ``multi-user.target`` gets."""
    _, operands = call.options()
    use = {"enable": Use.MAKES, "disable": Use.REMOVES}.get(operands[0]) if operands else None
    for unit in operands[1:]:
        name = base_name(unit)
        if use is not None and name:
            name = name if re.search(r"\.(service|socket|timer|path|mount)\Z", name) else name + ".service"
            wants = "timers" if name.endswith(".timer") else "sockets" if name.endswith(".socket") else "multi-user"
            call.tell([f"/etc/systemd/system/{wants}.target.wants/{name}"], use)
    return None


def _apache(call: Call) -> Optional[Values]:
    directory = {"site": "sites", "mod": "mods", "conf": "conf"}[re.sub(r"a2(en|dis)", "", call.verb)] + "-enabled"
    use = Use.MAKES if call.verb.startswith("a2en") else Use.REMOVES
    for name in call.options()[1]:
        suffix = ".load" if directory.startswith("mods") else "" if name.endswith(".conf") else ".conf"
        call.tell([f"/etc/apache2/{directory}/{name}{suffix}"], use)
    return None


_ONE_PIECE: Sequence[str] = (
    "date", "hostname", "whoami", "id", "uname", "nproc", "wc", "md5sum", "sha1sum", "sha256sum", "uuidgen", "stat",
    "arch", "lsb_release", "expr", "bc", "logname", "openssl-rand", "cksum",
)  # fmt: skip

COMMANDS: Mapping[str, Handler] = {
    "mkdir": _mkdir, "touch": _touch, "tee": _tee, "truncate": _truncate, "fallocate": _truncate, "dd": _dd,
    "rm": _remove, "rmdir": _remove, "unlink": _remove, "shred": _remove, "find": _find, "mktemp": _mktemp,
    "sed": _sed, "perl": _perl, "patch": _patch, "sqlite3": _sqlite, "openssl": _output_option("-out", "-keyout"),
    "keytool": _output_option("-keystore", "-file", "-destkeystore"), "ssh-keygen": _keygen, "htpasswd": _htpasswd,
    "gcc": _output_option("-o"), "go": _output_option("-o"), "sort": printing.passes, "jq": printing.passes,
    "mkfifo": _makes_all, "mknod": _makes_all, "systemctl": _systemctl,
    "a2ensite": _apache, "a2enmod": _apache, "a2enconf": _apache, "a2dissite": _apache, "a2dismod": _apache,
    "a2disconf": _apache, "dirname": printing.dirname, "basename": printing.basename,
    "readlink": printing.readlink, "realpath": printing.readlink,
    "echo": printing.echo, "printf": printing.printf, "seq": printing.seq, "cat": printing.cat, "ls": printing.ls,
    "tr": printing.tr,
    "head": printing.cat, "tail": printing.cat, "uniq": printing.passes,
    "pwd": lambda call: unique(cwd or DEEP for cwd in call.cwds) or (DEEP,),
    **dict.fromkeys(("gzip", "gunzip", "bzip2", "bunzip2", "xz", "unxz", "zstd"), _compress),
    **dict.fromkeys(_ONE_PIECE, printing.piece),
    "cp": copying.copy, "mv": copying.move, "ln": copying.link, "link": copying.link, "install": copying.install,
    "rsync": copying.rsync, "scp": copying.rsync,
    **fetching.COMMANDS,
}  # fmt: skip


def run(call: Call) -> Values:
    """Carry a command's effects out, and give what it prints."""
    handler = COMMANDS.get(call.verb)
    name_paths(call)
    if handler is None:
        return (DEEP,)
    found = handler(call)
    return NOTHING if found is None else found


def name_paths(call: Call) -> None:
    """Every absolute path among the arguments, also behind ``--option=``, is named."""
    for word in call.args:
        for text in (word, word.partition("=")[2] if word.startswith("-") else ""):
            if text.startswith("/") or (call.world.effects.windows and text[1:3] in (":\\", ":/")):
                call.tell([text], Use.NAMES)
