"""All attacks, group by group."""

from . import clocks, daemons, disk, leftovers, memory, network, outputs, processes, reading, rights

GROUPS = (processes, memory, disk, outputs, clocks, daemons, reading, rights, network, leftovers)
ALL = [attack for group in GROUPS for attack in group.ATTACKS]

# What takes most, all at once, each beside an honest job of its own.
TOGETHER = ("processes/flat", "processes/exponential", "memory/anonymous", "memory/kernel",
            "disk/large", "output/many_writers", "time/busy", "daemons/while_killed")
