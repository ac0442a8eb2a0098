#!/usr/bin/env python3
"""`tango run` as its user meets it: the example labs, exit statuses, sentences, cancellation.

Usage: run_test.py TANGO EXAMPLES
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

TANGO = ""
EXAMPLES = pathlib.Path()
HANDIN = {"c-lab": "ring.c", "python-lab": "graph.py", "student-lab": "factor.py"}


def tango(*arguments, **options):
    return subprocess.run([TANGO, "run", *map(str, arguments)], capture_output=True, text=True,
                          errors="replace", timeout=120, check=False, **options)


class JobFolder(tempfile.TemporaryDirectory):
    """A folder with a Makefile whose default target is the given recipe."""

    def __init__(self, recipe="@true", name="Makefile"):
        super().__init__(prefix="tango-run-")
        self.path = pathlib.Path(self.name)
        if recipe is not None:
            (self.path / name).write_text(f"all:\n\t{recipe}\n")


class Examples(unittest.TestCase):
    def test_every_handin_gets_the_score_that_it_deserves(self):
        for line in (EXAMPLES / "expected.txt").read_text().splitlines():
            lab, handin, status, last_line = line.split("\t")
            with self.subTest(lab=lab, handin=handin):
                job = [EXAMPLES / lab]
                if lab in HANDIN:
                    job = [EXAMPLES / lab / "job",
                           EXAMPLES / lab / "handins" / handin / HANDIN[lab]]
                run = tango(*job)
                self.assertEqual(run.returncode, int(status), run.stderr)
                self.assertEqual(run.stdout.splitlines()[-1], last_line)


class Verdicts(unittest.TestCase):
    def test_make_that_fails_is_1_and_says_so(self):
        with JobFolder("@exit 3") as folder:
            run = tango(folder)
        self.assertEqual(run.returncode, 1)
        self.assertIn("make failed with status 2", run.stderr)

    def test_a_limit_is_2_and_is_named(self):
        for recipe, option, value, word in (
                ("@sleep 60", "--timeout", "0.5", "0.5 s of time"),
                ("@while :; do :; done", "--cpu-time", "0.3", "0.3 s of CPU time"),
                ("@tail /dev/zero", "--memory", "32M", "32.0 MiB of memory"),
                ("@head -c 9M /dev/zero >/tmp/x", "--disk", "4M", "4.0 MiB of disk")):
            with self.subTest(limit=option), JobFolder(recipe) as folder:
                run = tango(folder, option, value)
                self.assertEqual(run.returncode, 2, run.stderr)
                self.assertIn(word, run.stderr)

    def test_the_last_lines_of_stderr_tell_what_it_used(self):
        with JobFolder("@echo hello") as folder:
            run = tango(folder)
        self.assertEqual(run.stdout, "hello\n")
        self.assertRegex(run.stderr.splitlines()[-1],
                         r"^tango: [0-9.]+ s .* of memory, .*processes, .* of disk, 6 bytes of")

    def test_output_is_the_file_that_a_server_would_keep(self):
        with JobFolder("@printf 'a\\377z'") as folder:
            target = pathlib.Path(folder) / "out"
            self.assertEqual(tango(folder, "--output", target).returncode, 0)
            lines = target.read_bytes().split(b"\n")
        self.assertRegex(lines[0], rb"^Autograder \[.{24}\]: Received job tango-run-.*:1$")
        self.assertRegex(lines[1], rb"Success: Autodriver returned normally$")
        self.assertEqual(lines[3:], [b"---", b"Autodriver: Job exited with status 0", b"a\xffz"])

    def test_json_is_one_object_for_programs(self):
        with JobFolder("@echo '\"quoted\"'; exit 1") as folder:
            run = tango(folder, "--json")
        report = json.loads(run.stdout)
        self.assertEqual((run.returncode, report["verdict"], report["exit_status"]),
                         (1, "failed", 2))
        self.assertIn('"quoted"', report["output"])
        self.assertGreater(report["usage"]["wall_seconds"], 0)
        self.assertIn("Success: Autodriver returned normally", report["trace"][-1])


class BadUsage(unittest.TestCase):
    def refused(self, *arguments):
        run = tango(*arguments)
        self.assertEqual(run.returncode, 64, run.stderr)
        return run.stderr

    def test_a_folder_without_a_makefile(self):
        with JobFolder(None) as folder:
            self.assertIn("has no Makefile", self.refused(folder))

    def test_a_folder_that_is_not_there(self):
        self.assertIn("there is no folder", self.refused("/nonexistent"))

    def test_a_handin_that_is_not_a_single_name(self):
        with JobFolder() as folder:
            self.assertIn("'/'", self.refused(folder, f"../x={folder}/Makefile"))
            self.assertIn("there is no file", self.refused(folder, f"{folder}/missing"))
            self.assertIn("not a regular file", self.refused(folder, "/tmp"))

    def test_numbers_that_are_none(self):
        with JobFolder() as folder:
            for option, value in (("--timeout", "soon"), ("--timeout", "-1"), ("--timeout", "nan"),
                                  ("--cpu-time", "nan"), ("--cpus", "nan"), ("--memory", "x"),
                                  ("--processes", "0"), ("--vmms", "nope")):
                self.assertIn(option, self.refused(folder, option, value))

    def test_a_site_caps_what_a_job_may_ask_for(self):
        with JobFolder() as folder:
            config = pathlib.Path(folder) / "site.toml"
            config.write_text("[limits.max]\nmemory = 1048576\n")
            self.assertIn("memory", self.refused(folder, "--config", config))
            config.write_text("[limits.max]\nmemroy = 1\n")
            self.assertIn("limits.max.memroy", self.refused(folder, "--config", config))

    def test_an_unreadable_file_is_named(self):
        if os.geteuid() == 0:
            self.skipTest("root reads every file")
        with JobFolder() as folder:
            secret = pathlib.Path(folder) / "secret"
            secret.touch(mode=0)
            self.assertIn(str(secret), self.refused(folder))


class OwnFailure(unittest.TestCase):
    def test_an_unknown_image_is_3_and_says_what_to_do(self):
        with JobFolder() as folder:
            run = tango(folder, "--image", "nope")
        self.assertEqual(run.returncode, 3)
        self.assertIn("tango image import nope", run.stderr)


class Cancelled(unittest.TestCase):
    def start(self, folder):
        job = subprocess.Popen([TANGO, "run", folder], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
        self.assertEqual(job.stdout.readline(), "running\n")
        return job

    def assert_gone(self, mark):
        for _ in range(100):
            found = subprocess.run(["pgrep", "-f", mark], capture_output=True, check=False)
            if found.returncode != 0:
                return
            time.sleep(0.1)
        self.fail("a process of the job is left")

    def test_ctrl_c_ends_the_job_and_leaves_nothing(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with JobFolder("@echo running; sleep 4321") as folder:
                job = self.start(folder)
                job.send_signal(number)
                _, told = job.communicate(timeout=30)
                self.assertEqual(job.returncode, 130)
                self.assertIn("cancelled", told)
                self.assert_gone("sleep 4321")

    def test_a_kill_leaves_nothing_either(self):
        with JobFolder("@echo running; sleep 4322") as folder:
            job = self.start(folder)
            job.kill()
            job.communicate(timeout=30)
            self.assert_gone("sleep 4322")


if __name__ == "__main__":
    TANGO, EXAMPLES = sys.argv[1], pathlib.Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
