"""Time: whatever it does, it ends when its time is over, or with its make."""

from attack import Attack, never, says

WAR = ("war",)


def over(name, tries, script, **more):
    return Attack(f"time/{name}", tries, script, ends=("wall_time",), programs=WAR,
                  limits={"timeout_seconds": 1}, **more)


ATTACKS = [
    over("busy", "it computes for ever, on every core, deaf to every signal", "./war busy",
         selected=True),
    over("sleeping", "it sleeps for ever", "exec sleep 600"),
    over("stopped", "it stops itself", "kill -STOP $$; sleep 60", over_ssh=True),
    over("stops_all", "it stops all that it can", "kill -STOP -1; sleep 60"),
    over("stops_make", "it stops make", "kill -STOP $PPID; sleep 60"),
    over("ignores", "it ignores every signal there is",
         "for s in $(seq 1 64); do trap '' $s 2>/dev/null; done; while :; do sleep 60; done"),
    over("vfork", "it waits for a child that stopped", "perl -e 'if (my $p = fork) { waitpid $p, "
         "0 } else { kill STOP, $$ }'"),
    Attack("time/cpu", "it computes for longer than it may, with many processes", "./war busy",
           ends=("cpu_time",), programs=WAR, limits={"timeout_seconds": 20, "cpu_seconds": 1}),
    Attack("time/kills_all", "it kills all that it can", "echo begun; kill -9 -1; sleep 60",
           ends=("failed",), holds=(says("begun"),), over_ssh=True),
    Attack("time/kills_init", "it signals the first process", "for s in 1 2 3 9 11 15 19 31 64; "
           "do kill -$s 1 2>/dev/null && echo sent $s; done; sleep 0.1; echo alive",
           holds=(says("alive"), never("sent (9|19)"))),
    Attack("time/kills_each", "it kills every number", "for i in $(seq 2 400); do [ $i = $$ ] || "
           "kill -9 $i 2>/dev/null; done; sleep 0.2; echo end", ends=("succeeded", "failed")),
    Attack("time/timers", "timers and alarms that fire for ever", "./war timers & wait; echo end",
           programs=WAR, holds=(says("end"),)),
]
