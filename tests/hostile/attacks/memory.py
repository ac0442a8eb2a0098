"""Memory of every kind counts, and what is over the limit ends the job alone."""

from attack import Attack, all_refused, uses_at_most

MIB = 1 << 20
MOST = 64 * MIB
LOCKED = {"mlock": "it counts as its memory", "mlockall": "it counts as its memory"}
OWN = 4 * MIB  # a page or two that a processor has charged ahead


def hog(name, tries, script, ends=("memory",), machine=None, holds=(), **more):
    return Attack(
        f"memory/{name}", tries, script, ends=ends, programs=("greed",),
        machine={"memory_bytes": MOST, "disk_bytes": 1024 * MIB, **(machine or {})},
        holds=(uses_at_most("memory_peak_bytes", MOST + OWN, "bytes"), *holds),
        **{"limits": {"timeout_seconds": 10}, **more})


ATTACKS = [
    hog("anonymous", "memory of its own without end", "./greed anonymous", over_ssh=True),
    hog("shared", "memory that is shared, without end", "./greed shared"),
    hog("memfd", "a file in memory that has no name", "./greed memfd",
        limits={"timeout_seconds": 10, "file_size_bytes": 4096 * MIB}),
    hog("tmpfs", "files in /dev/shm, which are memory", "./greed file /dev/shm/x; ./greed file "
        "/tmp/x; ./greed anonymous", ends=("memory",),
        limits={"timeout_seconds": 10, "file_size_bytes": 4096 * MIB}),
    hog("segments", "System V segments without end", "./greed segments"),
    hog("fork_touch", "sixty children that each write to what they share", "./greed fork-touch",
        ends=("memory", "wall_time")),  # it may thrash within its own memory till its time is over
    hog("kernel", "memory that the kernel keeps for it: pipes, sockets, queues",
        "./greed kernel", ends=("memory", "wall_time", "failed"),
        limits={"timeout_seconds": 2, "processes": 50}),
    hog("page_cache", "reads more files than the memory holds: no reason to be killed",
        "cat /usr/bin/* /usr/lib/*/*.so* 2>/dev/null | head -c 200000000 | wc -c",
        ends=("succeeded",)),
    hog("mlock", "pages that cannot be taken away", "./greed mlock", ends=("succeeded",),
        holds=(all_refused(localDocker=LOCKED, ec2SSH=LOCKED),)),
    hog("arguments", "an endless argument, again and again",
        "x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done", ends=("memory", "failed")),
]
