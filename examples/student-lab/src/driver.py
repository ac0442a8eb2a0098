"""Grades a handin: for each problem in tests.py runs it once, gives it the
problem's numbers and compares what it prints with the right answers. Prints a
report for the student and, last, the scores.

Usage: driver.py COMMAND...
"""

import json
import subprocess
import sys

import tests

ENDS = {124: "It took too long and was stopped.",
        137: "It was killed: it used too much memory, or killed itself."}
OUTPUT_SHOWN = 300  # characters of what it printed


def main():
    scores = {name: grade(name, points, numbers)
              for name, points, numbers in tests.PROBLEMS}
    print()
    print(json.dumps({"scores": scores}))


def grade(name, points, numbers):
    """Returns the points the handin gets for this problem: all or none."""
    print(f"\n{name}", flush=True)
    asked = "".join(f"{number}\n" for number in numbers)
    run = subprocess.run(sys.argv[1:], input=asked.encode(), check=False,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode == 125:
        sys.exit("This lab does not work here: " + run.stderr.decode())
    answers = run.stdout.decode("ascii", "replace").splitlines()
    right = run.returncode == 0 and answers == list(map(expected, numbers))
    if run.returncode != 0:
        end = f"It ended with status {run.returncode}."
        print(f"    {ENDS.get(run.returncode, end)}")
    show(run.stdout if not right else b"")
    show(run.stderr)
    got = points if right else 0
    print(f"    {got} of {points} points")
    return got


def expected(number):
    return " ".join(map(str, tests.ANSWERS[number]))


def show(output):
    """Prints the first of what the handin printed, each line marked as such."""
    for line in output.decode("ascii", "replace")[:OUTPUT_SHOWN].split("\n"):
        if line:
            print(f"    | {printable(line)}")


def printable(text):
    return "".join(c if " " <= c <= "~" else "?" for c in text)


main()
