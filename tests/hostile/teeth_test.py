#!/usr/bin/env python3
"""The table's own teeth: where nothing holds an attack, it is seen to break.

Usage: teeth_test.py TANGO [TEST ...]
"""

import dataclasses
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import hostile
import places
import trials
from attack import Broke
from attacks import ALL, leftovers
from canaries import Canaries, left_of

TANGO = ""
REACH = next(each for each in ALL if each.name == "network/addresses")


class Teeth(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.programs = hostile.compile_programs(pathlib.Path(folder.name))

    def setUp(self):
        self.canaries = self.enterContext(Canaries())
        self.field = trials.Field(places.Sandbox(""), self.canaries, self.programs, TANGO)

    def seen(self, attack):
        mark = trials.new_mark()
        with self.field.service() as jobs:
            return self.field.attack(jobs, attack, mark), mark

    def test_a_job_with_the_host_s_network_reaches_what_it_is_not_to_reach(self):
        for script in ("./reach service $CANARY_PORT", "./reach unix @$CANARY_ABSTRACT"):
            with self.subTest(script=script):
                seen, mark = self.seen(
                    dataclasses.replace(REACH, script=script, machine={"network": True}))
                self.assertRaises(Broke, self.field.look_at, seen, mark)
                self.assertRaises(Broke, self.canaries.check)

    def test_what_a_job_leaves_is_seen_by_who_looks_around(self):
        looks = dataclasses.replace(REACH, script=leftovers.LOOK)
        clean, _ = self.seen(looks)
        for left in ("touch /tmp/x", "./reach leave $MARK; sleep 0.2", "./reach network 1 >x"):
            with self.subTest(left=left):
                dirty, _ = self.seen(
                    dataclasses.replace(looks, script=f"{left}\n{leftovers.LOOK}"))
                self.assertNotEqual(clean.text, dirty.text)

    def test_a_secret_in_the_output_is_found(self):
        self.assertRaises(Broke, self.canaries.check_unread,
                          b"x" + self.canaries.secret.encode() + b"y")
        self.canaries.check_unread(b"canary-")

    def test_changed_files_and_ended_processes_are_found(self):
        self.canaries.check()
        self.canaries.file.write_text("changed")
        self.assertRaises(Broke, self.canaries.check)
        self.canaries.file.write_text(self.canaries.secret + "\n")
        self.canaries.check()
        os.kill(self.canaries.process.pid, 9)
        self.canaries.process.wait()
        self.assertRaises(Broke, self.canaries.check)

    def test_processes_and_files_that_are_left_are_found(self):
        mark = trials.new_mark()
        self.assertEqual(left_of(mark), [])
        with tempfile.NamedTemporaryFile(prefix=mark, dir="/tmp"), \
                subprocess.Popen(["sleep", "60"], env={"MARK": mark, **os.environ}) as process:
            self.assertEqual(len(left_of(mark)), 2)
            process.kill()
        self.assertEqual(left_of(mark), [])

    def test_an_end_that_is_not_right_breaks(self):
        seen, mark = self.seen(dataclasses.replace(REACH, script="exit 3", holds=()))
        self.assertRaises(Broke, self.field.look_at, seen, mark)


if __name__ == "__main__":
    TANGO = sys.argv.pop(1)
    places.service.TANGO = TANGO
    try:
        with places.service.Service():
            pass
    except places.CannotRun as why:
        print(f"skipped: {why}")
        sys.exit(hostile.SKIPPED)
    unittest.main(verbosity=2)
