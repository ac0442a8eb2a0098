"""Grades a handin: for each problem in tests.py runs calls.py, gives it the
problem's calls and compares its answers with the right ones. Prints a report
for the student and, last, the scores.

The handin is imported by calls.py and never by this program. So whatever it
does (raise, loop, print, exit), it does in a process of its own, costs only
the problem at hand, and cannot write the score.
"""

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile

import tests

SECONDS = 2              # for each problem
MEMORY = 256 << 20       # bytes
FILE_SIZE = 64 << 10     # bytes: a handin may print, but not without end
OUTPUT_SHOWN = 1000      # bytes of what it printed


def main():
    """With --zero grades nothing and prints zero for each problem."""
    if sys.argv[1:] == ["--zero"]:
        print("\nThe handin does not compile, so no problem can be tested.")
        scores = {name: 0 for name, _, _ in tests.PROBLEMS}
    else:
        scores = {name: grade(name, points, steps)
                  for name, points, steps in tests.PROBLEMS}
    print()
    print(json.dumps({"scores": scores}))


def grade(name, points, steps):
    """Returns the points the handin gets for this problem: all or none."""
    print(f"\n{name}")
    with (tempfile.TemporaryFile() as calls,
          tempfile.TemporaryFile() as answers,
          tempfile.TemporaryFile() as output):
        for function, arguments, _ in steps:
            calls.write(json.dumps([function, arguments]).encode() + b"\n")
        end = run_calls(calls, answers, output)
        right = compare(steps, answers) and not end
        if end:
            print(f"    {end}")
        show(output)
    got = points if right else 0
    print(f"    {got} of {points} points")
    return got


def run_calls(calls, answers, output):
    """Runs calls.py to its end. Returns what was wrong about that end: nothing
    if it was as it should be."""
    sys.stdout.flush()  # should the job be stopped, the report so far is there
    calls.seek(0)
    process = subprocess.Popen(
        [sys.executable, "calls.py"],
        stdin=calls, stdout=answers, stderr=output,
        start_new_session=True,  # a group of its own, to be killed as a whole
        preexec_fn=set_limits)
    try:
        status = process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        return f"It took more than {SECONDS} seconds and was stopped."
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if status < 0:
        return f"It crashed: {signal.strsignal(-status)}."
    if status > 0:
        return f"It exited with status {status}."
    return ""


def set_limits():
    for kind, limit in [
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_NPROC, 0),  # no processes or threads of its own
        (resource.RLIMIT_FSIZE, FILE_SIZE),
        (resource.RLIMIT_CORE, 0),
    ]:
        resource.setrlimit(kind, (limit, limit))


def compare(steps, answers):
    """Prints the calls and their answers up to the first that is wrong.
    Returns whether all are right."""
    answers.seek(0)
    for function, arguments, expected in steps:
        print(f"    {function}({', '.join(map(repr, arguments))})")
        answer, right = judge(answers.readline(), expected)
        print(f"        {answer}")
        if not right:
            print(f"        expected: {expected!r}")
            return False
    return True


def judge(line, expected):
    """Returns the answer in words, and whether it is right."""
    if not line:
        return "(no answer)", False
    try:
        answer = json.loads(line)
        if "raised" in answer:
            return f"raised {printable(answer['raised'])}", False
        gave = answer["gave"]
        return f"gave {printable(repr(gave))}", gave == expected
    except (ValueError, TypeError, KeyError, RecursionError):
        return "(an answer that is not from calls.py)", False


def show(output):
    """Prints the first of what the handin printed, each line marked as such."""
    output.seek(0)
    for line in output.read(OUTPUT_SHOWN).decode("ascii", "replace").split("\n"):
        if line:
            print(f"    | {printable(line)}")


def printable(text):
    return "".join(c if " " <= c <= "~" else "?" for c in text)


main()
