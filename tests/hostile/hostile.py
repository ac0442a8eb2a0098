#!/usr/bin/env python3
"""Every attack against every VMMS that can run here, each beside an honest job.

Usage: hostile.py TANGO [--vmms=NAME]... [--images=FOLDER] [--at-once=N] [--selected] [ATTACK...]

ATTACK is a name, or the beginning of some: `disk/deep`, `disk`. --selected: those alone that the
tests show that VMMS. A line an attack and VMMS: `held` or `BROKE`, and what was measured. Exit
status: 0 all held, 1 one broke, 77 no VMMS can run here.
"""

import argparse
import contextlib
import pathlib
import statistics
import subprocess
import sys
import tempfile

import places
import trials
from attacks import ALL
from canaries import Canaries

SKIPPED = 77
PROGRAMS = pathlib.Path(__file__).parent / "programs"
FORBIDDEN = pathlib.Path(__file__).parent.parent / "sandbox/programs/forbidden.c"


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tango")
    parser.add_argument("--vmms", action="append", choices=sorted(places.PLACES))
    parser.add_argument("--images", default=str(pathlib.Path(tempfile.gettempdir()) /
                                                "tango-hostile-images"))
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--selected", action="store_true")
    parser.add_argument("attacks", nargs="*")
    return parser.parse_intermixed_args()


def chosen(options):
    """The attacks that are asked for."""
    names = tuple(options.attacks)
    found = [attack for attack in ALL if attack.name.startswith(names or "")]
    if not found:
        sys.exit(f"there is no attack {' '.join(names)}")
    return found


def compile_programs(folder):
    """name -> path of each program, static, so that every image can run it."""
    sources = [*PROGRAMS.glob("*.c"), FORBIDDEN]
    made = {source.stem: folder / source.stem for source in sources}
    for source in sources:
        subprocess.run(["gcc", "-O1", "-static", "-pthread", "-D_GNU_SOURCE=", "-include",
                        "stdlib.h", "-o",
                        made[source.stem], source], check=True)
    return made


def run(place, attacks, options, programs):
    """The trials of one VMMS, each printed as soon as it has ended."""
    done = []
    with place, Canaries() as canaries:
        field = trials.Field(place, canaries, programs, options.tango)
        shown = [each for each in attacks if place.selects(each) or not options.selected]
        for trial in field.run(shown, options.at_once):
            done.append(trial)
            print(trial.line(), flush=True)
    return done


def neighbours(name, done):
    """How much longer the honest jobs took beside the attacks."""
    for words, many in (("beside one attack", False), ("beside many at once", True)):
        timed = [trial for trial in done
                 if trial.factor and trial.name.startswith(trials.AT_ONCE) == many]
        if timed:
            worst = max(timed, key=lambda each: each.factor)
            print(f"{name}: {len(timed)} honest jobs {words} were right; their time is that of "
                  f"one alone x {statistics.median(each.factor for each in timed):.1f} (median), "
                  f"x {worst.factor:.1f} (worst, with {worst.name})")


def main():
    options = arguments()
    attacks = chosen(options)
    broke, ran = 0, 0
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        programs = compile_programs(folder)
        for name in options.vmms or sorted(places.PLACES):
            try:
                done = run(places.PLACES[name](options.images), attacks, options, programs)
            except places.CannotRun as why:
                print(f"skipped: {name}: {why}")
                continue
            ran += len(done)
            broke += sum(1 for trial in done if trial.broke)
            neighbours(name, done)
    for note in places.not_enforced_here():
        print(note)
    print(f"{ran - broke} held, {broke} broke")
    return 1 if broke else 0 if ran else SKIPPED


if __name__ == "__main__":
    sys.exit(main())
