#!/usr/bin/env python3
"""Every fuzz target for a stated number of executions, one after the other, a line each.

Usage: run_all.py BUILD [RUNS] [TARGET...]

BUILD has the targets, built with libFuzzer. RUNS is 1,000,000 if it is not given; those in the
table `costly` get a part of it. An input that is a finding goes into the target's corpus, and so do
those that reach what no input of the corpus has reached. What libFuzzer said is in
BUILD/fuzz-NAME.log. Ends with 1 if any target found something.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CORPORA = HERE / "corpus"
RUNS = 1_000_000
SKIPPED = 77
BOUNDS = ["-timeout=20", "-rss_limit_mb=4096", "-error_exitcode=1"]


def costs():
    """How many executions of an ordinary target one of a costly target stands for."""
    lines = (HERE / "costly").read_text().splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {name: int(cost) for name, cost in rows}


def files(folder):
    return sum(1 for _ in folder.iterdir())


def last_number(pattern, text):
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def fuzz(program, corpus, runs, log_path):
    """Runs one target; (its exit status, what it said)."""
    with tempfile.TemporaryDirectory(prefix="tango-fuzz-") as new:
        with open(log_path, "w", errors="replace") as log:
            ended = subprocess.run(
                [program, f"-runs={runs}", "-print_final_stats=1", f"-artifact_prefix={corpus}/",
                 *BOUNDS, new, corpus],
                stdout=log, stderr=subprocess.STDOUT, check=False)
            if ended.returncode == 0:
                # Edges alone, not how often each was taken: a corpus is to stay small.
                subprocess.run(
                    [program, "-set_cover_merge=1", "-use_counters=0", *BOUNDS, corpus, new],
                    stdout=log, stderr=subprocess.STDOUT, check=True)
    return ended.returncode, log_path.read_text(errors="replace")


def main():
    build = pathlib.Path(sys.argv[1])
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else RUNS
    wanted = sys.argv[3:] or sorted(folder.name for folder in CORPORA.iterdir())
    cost = costs()
    unknown = [name for name in cost if not (CORPORA / name).is_dir()]
    if unknown:
        sys.exit(f"tests/fuzz/costly names what is no target: {' '.join(unknown)}")
    failed = False
    print(f"{'target':20} {'executions':>11} {'each second':>11} {'cov':>6} {'corpus':>7}  found")
    for name in wanted:
        log = build / f"fuzz-{name}.log"
        status, said = fuzz(build / "tests" / f"fuzz_{name}", CORPORA / name,
                            max(1, runs // cost.get(name, 1)), log)
        failed |= status not in (0, SKIPPED)
        found = {0: "nothing", SKIPPED: "skipped"}.get(status, f"see {log}")
        print(f"{name:20} {last_number(r'number_of_executed_units: +([0-9]+)', said):11,}"
              f" {last_number(r'average_exec_per_sec: +([0-9]+)', said):11,}"
              f" {last_number(r'(?:DONE|NEW|REDUCE|pulse) +cov: ([0-9]+)', said):6}"
              f" {files(CORPORA / name):7}  {found}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
