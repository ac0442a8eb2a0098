"""Fork bombs: the number of processes is the job's own, and so is what they cost."""

from attack import Attack, uses_at_most

GREED = ("greed",)
MOST = 40
OWN = 4  # what runs a job has processes in its group


def bomb(name, tries, script, **more):
    # So many processes may use up the memory first.
    ends = ("wall_time", "processes", "memory", "failed", "succeeded")
    return Attack(
        f"processes/{name}", tries, script, ends=ends,
        limits={"timeout_seconds": 1, "processes": MOST}, programs=GREED,
        holds=(uses_at_most("processes_peak", MOST + OWN, "processes"),), **more)


ATTACKS = [
    bomb("flat", "one parent forks without end", "./greed fork-flat", over_ssh=True),
    bomb("exponential", "each process forks without end", "./greed fork-all", selected=True),
    bomb("under_exec", "processes that are always another program", "./greed fork-exec"),
    bomb("threads", "threads without end", "./greed threads"),
    bomb("shell", "the classical bomb of a shell", "b() { b | b & }; b; sleep 9"),
    bomb("make", "make calls itself without end", "printf 'all:\\n\\t@+$(MAKE) -j & $(MAKE) -j\\n' "
         ">again; exec make -j -f again"),
    bomb("orphans", "children whose parents are gone at once",
         "while :; do (sleep 9 &) 2>/dev/null; done"),
    Attack(
        "processes/war", "processes that fork, stop and wake each other, and ignore every signal",
        "./war war", ends=("wall_time",), limits={"timeout_seconds": 1, "processes": MOST},
        programs=("war",), holds=(uses_at_most("processes_peak", MOST + OWN, "processes"),)),
]
