"""What an attack is, what was seen of it, and what can be asked of that."""

import dataclasses
import re


class Broke(Exception):
    """Something that has to hold did not; the words say what."""


@dataclasses.dataclass(frozen=True)
class Attack:
    """One hostile job. Its script is run by sh; programs/*.c lie beside it, compiled.

    In `script`, $MARK is a word that all that it makes carries in its name, and $CANARY_PORT and
    the like tell where the host's services are (canaries.py). `ends` are the ends that are right,
    as Seen.end has them. Each of `holds` is asked about what was seen: it gives what it has
    measured, if that is worth telling, or raises Broke.
    """

    name: str
    tries: str
    script: str
    ends: tuple = ("succeeded",)
    holds: tuple = ()
    programs: tuple = ()
    limits: dict = dataclasses.field(default_factory=dict)
    machine: dict = dataclasses.field(default_factory=dict)
    # Of those that a VMMS is shown in the tests for which all take too long (Place.selects):
    selected: bool = False  # it says much about a VMMS
    over_ssh: bool = False  # and more where ssh and a machine of its own are in between
    vmms: tuple = ()  # where it makes sense; empty: everywhere

    @property
    def group(self):
        return self.name.partition("/")[0]


@dataclasses.dataclass
class Seen:
    """An attack's end, as the service tells it."""

    attack: Attack
    vmms: str
    job: dict  # the record
    head: bytes  # the service's own lines, autodriver's the last of them
    body: bytes  # what the job wrote

    @property
    def end(self):
        """`succeeded`, `failed`, or the limit that ended it."""
        verdict = self.job["verdict"]
        return self.job["outcome"]["ended_by"] if verdict == "limit" else verdict

    @property
    def text(self):
        return self.body.decode(errors="replace")

    def usage(self, name):
        return self.job["usage"][name]


def require(condition, words):
    if not condition:
        raise Broke(words)


def shortened(text, most=200):
    return repr(text if len(text) <= most else text[:most] + "...")


# ---- what every attack has to leave as it is


def ended_well(seen):
    """It has one of the ends that are right, and the service did not have to run it again."""
    require(seen.end in seen.attack.ends,
            f"ended as {seen.end}: {shortened(seen.text)} {seen.job['trace'][-3:]}")
    require(seen.job["retries"] == 0, f"was run again: {seen.job['trace']}")


def autodriver_line(seen):
    """The line about the job is the service's, says what the record says, and comes first."""
    lines = seen.head.decode(errors="replace").splitlines()
    require(len(lines) >= 3 and lines[0].startswith("Autograder [") and lines[-2] == "---",
            f"the output has another head: {lines}")
    outcome, line = seen.job["outcome"], lines[-1]
    if seen.job["verdict"] == "limit" and outcome["ended_by"] == "wall_time":
        wanted = "Autodriver: Job timed out after"
    elif outcome["exit_status"] is not None:
        wanted = f"Autodriver: Job exited with status {outcome['exit_status']}"
    else:
        wanted = "Autodriver: "
    require(line.startswith(wanted), f"autodriver's line is {line!r}")


# ---- what single attacks ask


def says(*words):
    def check(seen):
        for word in words:
            require(word in seen.text, f"{word!r} is not in {shortened(seen.text)}")
    return check


def never(*patterns):
    def check(seen):
        for pattern in patterns:
            found = re.search(pattern, seen.text, re.M)
            require(not found, f"{found and found.group()!r} in {shortened(seen.text)}")
    return check


def writes(text):
    """Its output is this and nothing else."""
    def check(seen):
        require(seen.text == text, f"wrote {shortened(seen.text)}")
    return check


def at_most(pattern, most, unit):
    """The number that `pattern` finds is no larger; it is what was measured."""
    def check(seen):
        found = re.findall(pattern, seen.text, re.M)
        require(found, f"nothing like {pattern!r} in {shortened(seen.text)}")
        number = max(int(each) for each in found)
        require(number <= most, f"{number} {unit}, of at most {most}")
        return f"{number} {unit} of {most}"
    return check


def uses_at_most(name, most, unit):
    """The same of a number of the record's `usage`."""
    def check(seen):
        number = seen.usage(name)
        require(number is None or number <= most, f"{number} {unit}, of at most {most}")
        return None if number is None else f"{number} {unit} of {most}"
    return check


def all_refused(**allowed):
    """Each line is "WHAT: HOW IT WAS ANSWERED". None is allowed, but for those that are named for
    a VMMS, each with the reason why it does no harm there."""
    def check(seen):
        answers = dict(re.findall(r"^(.+): ([\w ]+)$", seen.text, re.M))
        require(answers, f"no answers in {shortened(seen.text)}")
        harmless = allowed.get(seen.vmms, {})
        holes = [what for what, answer in answers.items()
                 if answer == "allowed" and what not in harmless]
        require(not holes, f"allowed: {', '.join(holes)}")
        left = [f"{what} is allowed ({why})" for what, why in harmless.items()
                if answers.get(what) == "allowed"]
        return "; ".join([f"{len(answers) - len(left)} refused", *left])
    return check


def output_kept(most):
    """No more than `most` bytes and the mark in the middle are kept."""
    def check(seen):
        require(len(seen.body) <= most + 200, f"{len(seen.body)} bytes are kept, of {most}")
        return f"{len(seen.body)} bytes kept of {seen.usage('output_bytes')}"
    return check
