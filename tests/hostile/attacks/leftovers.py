"""What one job leaves for the next in the same place: each is run between two jobs that look
around, one VM at a time. They must see the same."""

from attack import Attack, says

# Prints all that a job can see of what another may have left.
LOOK = r"""
find /tmp /var/tmp /dev/shm /home /run/lock /dev/mqueue -mindepth 1 ! -path '*/autolab/*' 2>&1 |
  sort
tail -n +2 /proc/sysvipc/shm; tail -n +2 /proc/sysvipc/msg; tail -n +2 /proc/sysvipc/sem
for f in unix tcp tcp6 udp udp6 raw packet igmp arp route; do
  tail -n +2 /proc/net/$f 2>/dev/null | grep -v : | sed "s/^/$f /"
  echo "$f $(tail -n +2 /proc/net/$f 2>/dev/null | wc -l)"
done
cat /proc/net/dev /proc/net/snmp /proc/net/netstat
grep -r . /proc/sys/net/ipv4/conf/lo /proc/sys/net/core 2>/dev/null | sort
umask; ulimit -a; ls /dev/pts; ls -d /proc/[0-9]* | head -n 1
cat /proc/keys 2>/dev/null | grep -c "$(id -u)"
./reach look
"""

REACH = ("reach",)
DONE = (says("done"),)


def leave(name, tries, script, ends=("succeeded",), holds=DONE, **more):
    return Attack(f"leftovers/{name}", tries, script, ends, holds, **more)


ATTACKS = [
    leave("files", "files, links and pipes wherever they can lie",
          "for d in .. /tmp /var/tmp /dev/shm /run/lock /dev/mqueue; do mkdir -p $d/$MARK/x; "
          "touch $d/$MARK.f; mkfifo $d/$MARK.p; ln -s /etc $d/$MARK.l; done 2>/dev/null; echo done",
          selected=True),
    leave("objects", "System V and POSIX objects, sockets, locks and keys",
          "./reach leave $MARK; sleep 0.2; echo done", programs=REACH, selected=True),
    leave("packets", "counters of the network", "./reach network 1 >/dev/null; echo done",
          programs=REACH),
    leave("timers", "timers that fire later", "./war timers & sleep 0.1; echo done",
          programs=("war",)),
    leave("full", "a disk, a memory and a table of processes that are full", "./greed file /tmp/x; "
          "./greed unlinked; ./greed fork-all", ends=("wall_time", "memory"), holds=(),
          programs=("greed",), limits={"timeout_seconds": 1, "processes": 40},
          machine={"disk_bytes": 16 << 20, "memory_bytes": 64 << 20}),
    leave("killed", "an end in the middle of it all", "./reach leave $MARK; ./war timers & "
          "sleep 60", ends=("wall_time",), holds=(), programs=("reach", "war"),
          limits={"timeout_seconds": 1}),
]
