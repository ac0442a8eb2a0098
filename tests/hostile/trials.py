"""Carries attacks out against a running service, and looks at what came of them."""

import concurrent.futures
import contextlib
import dataclasses
import hashlib
import json
import random
import secrets
import statistics
import subprocess

from attack import Broke, Seen, autodriver_line, ended_well, require, shortened
from attacks import TOGETHER, leftovers
from canaries import nothing_is_left_of
from places import service

MIB = 1 << 20
LIMITS = {"timeout_seconds": 20, "processes": 100, "output_bytes": MIB}
MACHINE = {"memory_bytes": 256 * MIB, "disk_bytes": 64 * MIB, "inodes": 20000}
HONEST_LIMITS = {"timeout_seconds": 30, "processes": 20}
HONEST_MACHINE = {"memory_bytes": 128 * MIB, "disk_bytes": 16 * MIB}
HONEST_ALONE = 5
HONEST_SEEDS = 8
COURSELAB = "hostile"
AT_ONCE = "at_once/"  # before the names of those that run side by side
KEY = {"Authorization": f"Bearer {service.KEY}"}


@dataclasses.dataclass
class Trial:
    """One attack, carried out."""

    name: str
    vmms: str
    broke: str = ""
    measured: tuple = ()
    factor: float = 0.0  # the honest neighbour's time, of that of one alone

    def line(self):
        words = self.broke or "; ".join(self.measured)
        beside = f"  [neighbour x {self.factor:.1f}]" if self.factor else ""
        return f"{'BROKE' if self.broke else 'held '} {self.vmms:<12} {self.name:<28} " \
               f"{words}{beside}"


class Jobs:
    """A service, and jobs in it."""

    def __init__(self, running, image):
        self.service = running
        self.image = image
        self.sent = set()

    def ask(self, status, method, path, body=None):
        headers = dict(KEY)
        if isinstance(body, dict):
            body, headers = json.dumps(body), {**KEY, "Content-Type": "application/json"}
        answer = self.service.ask(method, path, body, headers)
        if answer.status != status:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.body[:500]!r}")
        return answer

    def blob(self, content):
        name = hashlib.sha256(content).hexdigest()
        if name not in self.sent:
            answer = self.service.ask("PUT", f"/v1/blobs/{name}", content, KEY)
            if answer.status not in (200, 201, 204):
                raise RuntimeError(f"a blob: {answer.status} {answer.body[:500]!r}")
            self.sent.add(name)
        return name

    def submit(self, name, files, limits, machine):
        body = {"name": name.replace("/", "-"), "image": self.image, "courselab": COURSELAB,
                "limits": limits, "machine": machine,
                "files": [{"name": each, "sha256": self.blob(content)}
                          for each, content in files.items()]}
        return self.ask(201, "POST", "/v1/jobs", body).json()["id"]

    def ended(self, id):
        """(record, head, body) at its end."""
        for _ in range(3):
            job = self.ask(200, "GET", f"/v1/jobs/{id}?wait=60").json()
            if job["state"] == "ended":
                break
        else:
            raise Broke(f"it has not ended: {job}")
        answer = self.ask(200, "GET", f"/v1/jobs/{id}/output")
        head = int(answer.headers["Tango-Output-Head-Bytes"])
        return job, answer.body[:head], answer.body[head:]


class Field:
    """One VMMS with its canaries."""

    def __init__(self, place, canaries, programs, tango):
        self.place = place
        self.canaries = canaries
        self.programs = {name: path.read_bytes() for name, path in programs.items()}
        self.answers = {seed: answer_of(programs["honest"], seed) for seed in
                        random.sample(range(1 << 40), HONEST_SEEDS)}
        self.alone = 0.0
        service.TANGO = tango

    def run(self, attacks, at_once):
        """Trial by trial."""
        attacks = [each for each in attacks if self.place.name in (each.vmms or [self.place.name])]
        between = [each for each in attacks if each.group == "leftovers"]
        beside = [each for each in attacks if each.group != "leftovers"]
        if beside:
            with self.service() as jobs:
                self.alone = statistics.median(self.honest(jobs)() for _ in range(HONEST_ALONE))
                yield from self.run_beside(jobs, beside, at_once)
                together = [dataclasses.replace(each, name=f"{AT_ONCE}{each.name}")
                            for each in beside if each.name in TOGETHER]
                if len(together) > 1:
                    yield from self.run_beside(jobs, together, len(together))
        if between:
            with self.service(vms_max=1) as jobs:
                for attack in between:
                    yield self.trial(attack, lambda each: self.between(jobs, each))

    @contextlib.contextmanager
    def service(self, vms_max=0):
        service.CONFIG = self.place.config(vms_max)
        with service.Service() as running:
            yield Jobs(running, self.place.image)
            require(running.stop() == 0, "the service did not stop in order")
            self.place.check_end()

    def run_beside(self, jobs, attacks, at_once):
        with concurrent.futures.ThreadPoolExecutor(at_once) as threads:
            yield from threads.map(
                lambda attack: self.trial(attack, lambda each: self.beside(jobs, each)), attacks)

    def trial(self, attack, way):
        trial = Trial(attack.name, self.place.name)
        try:
            trial.measured, trial.factor = way(attack)
        except Broke as why:
            trial.broke = f"{why}  (tries: {attack.tries})"
        return trial

    # ---- the honest job

    def honest(self, jobs):
        """Submits one. What is returned waits for it, checks it, and gives its seconds."""
        seed, wanted = random.choice(list(self.answers.items()))
        makefile = f"export ANSWERS = {self.canaries.secret}\n" \
                   f"all:\n\t@chmod +x honest; ./honest {seed}\n"
        id = jobs.submit("honest", {"Makefile": makefile.encode(),
                                    "answers": self.canaries.secret.encode(),
                                    "honest": self.programs["honest"]},
                         HONEST_LIMITS, HONEST_MACHINE)

        def result():
            job, _, body = jobs.ended(id)
            require(job["verdict"] == "succeeded" and job["retries"] == 0 and body == wanted,
                    f"its honest neighbour: {job['verdict_text']} {shortened(body.decode())}")
            return job["usage"]["wall_seconds"]
        return result

    # ---- the attack

    def files_of(self, jobs, attack, mark):
        variables = {"MARK": mark, "ENGINE_SOCKET": self.place.engine_socket,
                     "DATA": jobs.service.path / "data", **self.canaries.environment()}
        makefile = "".join(f"export {name} = {value}\n" for name, value in variables.items())
        executable = "".join(f"chmod +x {name}; " for name in attack.programs)
        makefile += f"all:\n\t@{executable}exec sh ./script\n"
        return {"Makefile": makefile.encode(),
                "script": attack.script.encode(),
                **{name: self.programs[name] for name in attack.programs}}

    def attack(self, jobs, attack, mark):
        id = jobs.submit(attack.name, self.files_of(jobs, attack, mark),
                         {**LIMITS, **attack.limits}, {**MACHINE, **attack.machine})
        return Seen(attack, self.place.name, *jobs.ended(id))

    def look_at(self, seen, mark):
        """All that has to hold; what was measured."""
        ended_well(seen)
        autodriver_line(seen)
        self.canaries.check_unread(seen.head + seen.body)
        measured = [each for each in (check(seen) for check in seen.attack.holds) if each]
        nothing_is_left_of(mark)
        self.canaries.check()
        return tuple(measured or [f"{seen.end} in {seen.usage('wall_seconds'):.2f} s"])

    def beside(self, jobs, attack):
        mark = new_mark()
        honest = self.honest(jobs)
        seen = self.attack(jobs, attack, mark)
        seconds = honest()
        return self.look_at(seen, mark), seconds / self.alone

    def between(self, jobs, attack):
        """Two jobs look around, before and behind it, in the same place."""
        mark = new_mark()
        looks = dataclasses.replace(attack, script=leftovers.LOOK, programs=("reach",))
        before = self.attack(jobs, looks, mark)
        seen = self.attack(jobs, attack, mark)
        behind = self.attack(jobs, looks, mark)
        new = set(behind.text.splitlines()) ^ set(before.text.splitlines())
        require(not new, f"the next job sees: {shortened(', '.join(sorted(new)), 600)}")
        require(before.job["verdict"] == "succeeded", f"looking around: {before.text[:300]}")
        return self.look_at(seen, mark), 0.0


def new_mark():
    return "hostile" + secrets.token_hex(6)


def answer_of(program, seed):
    """What an honest job of that seed has to write."""
    return subprocess.run([program, str(seed)], capture_output=True, check=True).stdout
