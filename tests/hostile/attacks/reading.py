"""What others have is not to be read: not the host's, not the service's, not another job's.

The files, environments and arguments of which the secrets are made are canaries.py's; that no
output has one of them is asked of every attack.
"""

from attack import Attack, all_refused, never, says, writes

END = (says("end"),)

ATTACKS = [
    Attack("reading/by_name", "the host's files and the service's data by their paths",
           "for r in '' /proc/1/root /proc/self/root /proc/$PPID/root /proc/self/cwd/../../../.. "
           "/proc/1/cwd /dev/fd/3 /.. /tmp/../..; do for f in $CANARY_FILE $CANARY_SHM $DATA/key "
           "$DATA/jobs.db $DATA/*; do cat $r$f 2>/dev/null; done; done; echo end",
           holds=(writes("end\n"),), over_ssh=True),
    Attack("reading/search", "everything that can be found, searched for a secret",
           "find / -xdev \\( -path /usr -o -path /opt -o -path /proc -o -path /sys \\) -prune -o "
           "-type f -size -200k -print0 "
           "2>/dev/null | timeout 5 xargs -0 grep -ahs 'canar[y]-'; "
           "find / -name '*tango-host[i]le*' 2>/dev/null; echo end", holds=(writes("end\n"),)),
    Attack("reading/processes", "the arguments, environments and files of all processes",
           "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; tr '\\0' '\\n' <$p/environ; "
           "cat $p/maps $p/cgroup; ls -l $p/fd $p/root; done 2>/dev/null | "
           "grep -ao 'canar[y].*'; echo end", holds=(writes("end\n"),), over_ssh=True),
    Attack("reading/other_jobs", "the job beside it: its processes and its files",
           "for i in 1 2 3 4 5; do ps -eo args= 2>/dev/null | grep '[h]onest'; ls /proc/*/cwd/ "
           "2>/dev/null | grep '[h]onest'; ls -d /tmp/honest-* 2>/dev/null; sleep 0.1; done; "
           "echo end", holds=(writes("end\n"),)),
    Attack("reading/shadow", "password hashes", "cat /etc/shadow /etc/shadow- /etc/gshadow "
           "/etc/security/opasswd /proc/1/root/etc/shadow 2>/dev/null; getent shadow; echo end",
           holds=(writes("end\n"),), over_ssh=True),
    Attack("reading/keys", "keys of ssh, of clouds and of TLS, histories, mail",
           "for d in /root /home/*/ /etc/ssh /etc/ssl/private /var/mail /var/spool/cron /run "
           "/etc/sudoers.d; do find $d -type f ! -path '/home/autograde/*' 2>/dev/null; done | "
           "grep -E 'ssh_host.*key$|id_(rsa|ed25519)|\\.aws|\\.boto|history|sudoers|\\.pem$' | "
           "while read -r f; do cat $f >/dev/null 2>&1 && echo read $f; done; echo end",
           holds=(*END, never("^read"))),
    Attack("reading/engine", "the Docker engine's socket, and others of the host",
           "./reach unix $ENGINE_SOCKET /var/run/docker.sock /run/docker.sock "
           "/run/containerd/containerd.sock /run/dbus/system_bus_socket "
           "/run/systemd/private /run/systemd/journal/socket /run/tango/drive $CANARY_SOCKET",
           programs=("reach",), holds=(all_refused(),), selected=True),
    Attack("reading/kernel_log", "the kernel's messages",
           "dmesg 2>/dev/null; for f in /dev/kmsg /proc/kmsg /var/log/kern.log /var/log/syslog; "
           "do timeout 1 head -c 1 $f 2>/dev/null && echo read $f; done; echo end",
           holds=(writes("end\n"),)),
    Attack("reading/kernel_memory", "memory and symbols of the kernel",
           "for f in kcore kpagecount kpageflags kpagecgroup iomem ioports slabinfo vmallocinfo "
           "timer_list sched_debug keys key-users; do head -c 1 /proc/$f >b 2>/dev/null; "
           "[ -s b ] && echo $f; done; grep -v '^0* ' /proc/kallsyms 2>/dev/null | head -n 1; "
           "echo end", holds=(*END, never("^(kcore|kpage.*|slabinfo|vmallocinfo)$",
                                          "^[0-9a-f]{8,} [tT] "))),
    Attack("reading/devices", "disks, memory, and whatever else is a device",
           "for d in sda sda1 vda vda1 nvme0n1 xvda xvda1 dm-0 loop0 loop-control mem kmem port "
           "kvm fuse net/tun vhost-net vhost-vsock vsock "
           "snapshot mapper/control cpu/0/msr hpet rtc0 "
           "tty0 tty1 vcs vcsa1 ttyS0 console fb0 input/event0 dri/card0 uinput btrfs-control; do "
           "head -c 1 /dev/$d >/dev/null 2>&1 && echo read $d; (: >>/dev/$d) 2>/dev/null && "
           "echo wrote $d; done; for n in '1 1' '1 2' '1 11' '8 0' '253 0' '254 0' '259 0'; do "
           "mknod /tmp/d b $n 2>/dev/null || mknod /tmp/d c $n 2>/dev/null && echo made $n; done; "
           "echo end", holds=(writes("end\n"),), selected=True),
    Attack("reading/switches", "what /sys tells about the machine's keys and firmware",
           "for f in /sys/firmware/efi/efivars/* /sys/firmware/dmi/tables/DMI "
           "/sys/firmware/acpi/tables/* /sys/kernel/debug/* /sys/kernel/tracing/* "
           "/sys/kernel/security/* /sys/class/dmi/id/*serial /sys/class/dmi/id/product_uuid "
           "/proc/acpi/* /proc/scsi/scsi; do head -c 1 $f >b 2>/dev/null; [ -s b ] && echo read "
           "$f; rm -f b; done; echo end", holds=(writes("end\n"),)),
]
