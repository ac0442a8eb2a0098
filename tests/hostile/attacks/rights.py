"""No way leads to more rights, or to parts of the kernel that a job does not need."""

from attack import Attack, all_refused, at_most, never, says, writes

ASK = "./forbidden"
# What a Docker engine's own seccomp profile lets through, and does no harm in a container that has
# no rights and no network.
DOCKER = {
    "netlink netfilter": "its own network namespace", "netlink xfrm": "its own network namespace",
    "netlink generic": "its own network namespace", "netlink audit": "no right to send",
    "netlink sock_diag": "its own network namespace", "netlink uevent": "its own namespace",
    "socket ping": "its own network namespace",
}


def ask(name, tries, what, **allowed):
    return Attack(f"rights/{name}", tries, f"{ASK} {what}", programs=("forbidden",),
                  holds=(all_refused(**allowed),), selected=True)


ATTACKS = [
    ask("namespaces", "namespaces of its own, users' included, and those of others", "namespaces"),
    ask("mounts", "mounts, chroot and pivot_root", "mounts"),
    ask("sockets", "raw, packet, vsock, netlink and crypto sockets", "sockets", localDocker=DOCKER),
    ask("kernel", "bpf, perf, io_uring, userfaultfd, keyrings, modules, clocks", "kernel"),
    ask("init", "what runs the job, traced and changed", "init"),
    Attack("rights/terminal", "typing into a terminal", f"{ASK} terminal",
           programs=("forbidden",), ends=("succeeded",), holds=(all_refused(),)),
    Attack("rights/foreign_calls", "calls by the tables of 32 bits and of x32",
           "./foreign int80; ./foreign x32; echo end", programs=("foreign",),
           holds=(says("end"), never("allowed"))),
    Attack("rights/foreign_vsock", "a vsock socket by the 32-bit table",
           "./foreign vsock; echo end", programs=("foreign",),
           holds=(says("end"), never("allowed"))),
    Attack("rights/setuid", "programs of root that anybody may start, and copies of them",
           "cp /usr/bin/id ./id; chmod 6755 ./id; ./id; /usr/local/bin/setuid-id 2>/dev/null; "
           "for f in $(find / -xdev -perm /6000 -type f 2>/dev/null); do case $f in *sudo|*su) "
           "timeout 2 $f -n -c id root </dev/null; timeout 2 $f -n id </dev/null;; esac; done 2>&1;"
           " perl -e '$> = 0; $< = 0; print qq(uid=$<), qq(euid=$>), qq(\\n)'; echo end",
           holds=(says("end"), never(r"uid=0\b")), over_ssh=True),
    Attack("rights/capabilities", "every right that a process can have",
           "grep -E '^(Cap(Inh|Prm|Eff|Amb)|NoNewPrivs)' /proc/self/status | tr -d ' \\t'; "
           "setcap all+ep /tmp 2>/dev/null; capsh --user=root -- -c id 2>/dev/null; "
           "setpriv --ambient-caps +all id 2>/dev/null",
           holds=(says("CapPrm:0000000000000000", "CapEff:0000000000000000", "NoNewPrivs:1"),
                  never(r"^Cap\w+:.*[1-9a-f]", r"uid=0\b")),
           selected=True),
    Attack("rights/other_processes", "every process that is not its own: its memory, its files, "
           "its limits, its end", "./war others", programs=("war",),
           holds=(at_most(r"^tried (\d+)", 8, "processes there"),
                  never("allowed$")), over_ssh=True),
    Attack("rights/descriptors", "descriptors that were left open for it", "exec ./war descriptors",
           programs=("war",), holds=(writes("0 /dev/null\n1 pipe\n2 pipe\n"),), over_ssh=True),
    Attack("rights/switches", "core_pattern, release_agent and all other switches of the kernel",
           "for f in /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sysrq-trigger "
           "/proc/sys/vm/drop_caches /proc/sys/fs/binfmt_misc/register /sys/kernel/uevent_helper "
           "/proc/self/setgroups /proc/self/uid_map /proc/self/gid_map /proc/self/loginuid "
           "/proc/1/oom_score_adj /sys/fs/cgroup/release_agent /sys/fs/cgroup/*/release_agent "
           "/sys/fs/cgroup/*/*/release_agent /sys/power/state /sys/kernel/profiling "
           "$(find /proc/sys /proc/irq /proc/acpi -type f 2>/dev/null | grep -v ns_last_pid); do "
           "(echo \"|/tmp/$MARK\" >>$f) 2>/dev/null && echo wrote $f; done; echo end",
           holds=(writes("end\n"),), selected=True),
    Attack("rights/oom", "a place behind everybody else when memory runs out",
           "for n in -1000 -1 0; do (echo $n >/proc/self/oom_score_adj) 2>/dev/null && echo now "
           "$(cat /proc/self/oom_score_adj); done; echo end", holds=(says("end"), never("^now -"))),
    Attack("rights/limits", "its own limits, raised",
           "for l in -f -n -u -l -r -e; do ulimit -H $l unlimited 2>/dev/null && "
           "[ $(ulimit -H $l) = unlimited ] && echo raised $l; done; nice -n -5 true 2>/dev/null; "
           "[ $(nice -n -5 nice 2>/dev/null) -lt 0 ] && echo nicer; echo end",
           limits={"open_files": 100}, holds=(says("end"), never("^(raised -[nu]|nicer)"))),
    Attack("rights/writable", "everything that is not its own, written to",
           "for d in / /etc /usr /usr/bin /usr/lib /bin /opt /dev /root /run /var /var/lib /srv "
           "/proc /sys /home /boot /mnt; do (: >$d/$MARK) 2>/dev/null && echo wrote $d; "
           "chmod 777 $d 2>/dev/null && echo opened $d; done; for f in /etc/passwd /etc/hosts "
           "/etc/ld.so.preload /usr/bin/make /etc/resolv.conf /usr/local/bin/autodriver; do "
           "(: >>$f) 2>/dev/null && echo changed $f; done; echo end",
           holds=(writes("end\n"),), selected=True),
    Attack("rights/run_as_setuid_file", "what it leaves behind, to be started by somebody else",
           "cp /bin/sh /tmp/$MARK && chmod 6777 /tmp/$MARK; cp /bin/sh ../$MARK; "
           "chmod 6777 ../$MARK; /tmp/$MARK -p -c id; echo end",
           holds=(says("end"), never("uid=0"))),
]
