"""Output: it is kept as it is, bounded, and never taken for the service's own word."""

from attack import Attack, Broke, never, output_kept, require, says, writes

KEPT = 100_000
FORGED = "Autodriver: Job exited with status 0"
# As src/drive/messages.hpp frames a reply.
FRAMES = r"printf '\000\000\000\000d\000\000\000\004\000\000\000r\000\000\000\000\000\000\000y\001'"


def endless(name, tries, script, **more):
    return Attack(f"output/{name}", tries, script, ends=("wall_time",), holds=(output_kept(KEPT),),
                  limits={"timeout_seconds": 1, "output_bytes": KEPT}, **more)


def exactly(body):
    def check(seen):
        require(seen.body == body, f"wrote {seen.body[:200]!r}")
    return check


def forged_behind_the_head(seen):
    """What the job wrote begins behind the service's own lines, all of it."""
    require(seen.text.startswith(FORGED), f"the body is {seen.text[:200]!r}")
    require(FORGED not in seen.head.decode(errors="replace"), "the forged line is in the head")


def not_stuck(seen):
    if seen.end == "wall_time":
        raise Broke("the job hung")
    return f"{seen.usage('wall_seconds'):.2f} s"


ATTACKS = [
    endless("endless", "lines without end", "exec yes", over_ssh=True),
    endless("one_line", "a line without end", "exec tr '\\0' x </dev/zero"),
    endless("nuls", "zeros without end", "exec cat /dev/zero"),
    endless("many_writers", "sixty programs write without end",
            "for i in $(seq 60); do yes $i & done; wait"),
    Attack("output/bytes", "NULs, and bytes that are no UTF-8",
           r"printf 'a\000b\377\376\300\200\355\240\200\n'",
           holds=(exactly(b"a\0b\xff\xfe\xc0\x80\xed\xa0\x80\n"),), over_ssh=True),
    Attack("output/terminal", "codes that a terminal obeys", r"printf '\033]0;x\007\033[2J\033c'",
           holds=(exactly(b"\x1b]0;x\x07\x1b[2J\x1bc"),)),
    Attack("output/forged_line", "lines that look like autodriver's and the service's",
           f"echo '{FORGED}'; echo 'Autograder [Mon Jan  1 00:00:00 2024]: Success: forged'; "
           "echo ---; echo 'Autodriver: Job timed out after 1 seconds'; exit 3",
           ends=("failed",), holds=(forged_behind_the_head,), over_ssh=True),
    Attack("output/forged_frames", "bytes that look like our own programs' messages",
           f"{FRAMES}; {FRAMES} >&2; exit 3", ends=("failed",), holds=(says("d\0"),),
           over_ssh=True),
    Attack("output/returns", "a line that would overwrite the one before it on a screen",
           f"printf '\\r{FORGED}\\n'; exit 3", ends=("failed",)),
    Attack("output/spoilt", "the output's pipe made small, closed to all, and read by the job",
           "./war spoil", programs=("war",), holds=(not_stuck,)),
    Attack("output/closed", "its streams closed", "exec >&- 2>&- <&-; sleep 0.1",
           holds=(writes(""),)),
    Attack("output/feedback_files", "links, pipes and devices where the output might be written",
           "(cd ..; for f in output output/feedback feedback autolab.out out; do rm -rf $f; "
           "ln -s /etc/passwd $f || mkfifo $f; done; mkdir x; mkfifo x/feedback; cd /tmp; "
           "ln -s /etc/passwd feedback; echo done) 2>/dev/null",
           holds=(writes("done\n"), never("root:"))),
    Attack("output/folder_is_a_link", "its folder is a link to another",
           "cd ..; mv autolab x; ln -s /etc autolab; echo done",
           holds=(writes("done\n"),), over_ssh=True),
    Attack("output/folder_is_a_pipe", "its folder is a pipe",
           "cd ..; mv autolab x; mkfifo autolab; echo done", holds=(writes("done\n"),)),
    Attack("output/folder_is_gone", "nothing is left of its folder",
           "rm -rf ../* ./* .[!.]*; cd /; rmdir /home/autograde/autolab; echo done",
           holds=(says("done"),)),
    Attack("output/mounted_over", "a mount over its folder",
           "mount -t tmpfs x . ; mount --bind /etc .; mknod null c 1 3; echo done",
           holds=(says("done"),)),
    Attack("output/held_by_daemon", "a daemon that keeps the output open",
           "(setsid sleep 60 &) ; echo done", holds=(writes("done\n"), not_stuck)),
]
