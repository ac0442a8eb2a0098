"""What it leaves running is dead with it, and control groups are out of its reach."""

from attack import Attack, never, says

DONE = (says("done"),)
GROUPS = "/sys/fs/cgroup /sys/fs/cgroup/* /sys/fs/cgroup/*/*"

ATTACKS = [
    Attack("daemons/left", "a daemon, a process in another session, one that ignores hangups",
           "setsid sleep 600 & nohup sleep 600 >/dev/null 2>&1 & (trap '' 1 15; sleep 600) & "
           "echo done", holds=DONE, over_ssh=True),
    Attack("daemons/double_fork", "daemons three forks deep, with the name of a kernel's thread",
           "./war detached; ./war detached; echo done", programs=("war",), holds=DONE,
           over_ssh=True),
    Attack("daemons/while_killed", "daemons that make daemons while they are killed",
           "(while :; do setsid sh -c 'sleep 600 & sleep 600' & sleep 0.01; done) & sleep 0.3; "
           "echo done", holds=DONE),
    Attack("daemons/other_group", "a move into a control group that has no limit",
           f"for f in {GROUPS} /proc/self/cgroup; do for n in cgroup.procs tasks; do "
           "(echo $$ >$f/$n) 2>/dev/null && echo moved $f; (echo 0 >$f/$n) 2>/dev/null && "
           "echo moved $f; done; done; echo done", holds=(*DONE, never("^moved")), over_ssh=True),
    Attack("daemons/own_group", "a group of its own, and switches of its group",
           f"for f in {GROUPS}; do mkdir $f/$MARK 2>/dev/null && echo made $f; "
           "for n in memory.max pids.max cpu.max memory.limit_in_bytes cgroup.freeze "
           "cgroup.kill freezer.state notify_on_release release_agent devices.allow; do "
           "(echo max >$f/$n) 2>/dev/null && echo wrote $f/$n; done; done; echo done",
           holds=(*DONE, never("^(made|wrote)"))),
    Attack("daemons/mounts_groups", "the control groups mounted anew",
           "for o in memory pids rdma cpu freezer; do mount -t cgroup -o $o x /tmp 2>/dev/null && "
           "echo mounted; done; mount -t cgroup2 x /tmp 2>/dev/null && echo mounted; unshare -rmC "
           "true 2>/dev/null && echo unshared; echo done",
           holds=(*DONE, never("^(mounted|unshared)"))),
]
