#!/usr/bin/env python3
"""poll, getPartialOutput, and what an output file is. Usage: output_test.py TANGO"""

import re
import unittest

import service
from service import BYTES, KEY, WireTest

DATE = rb"\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\]"
LAB = "lab"
SLOW = [{"localFile": "slow.mk", "destFile": "Makefile"}]


class OutputFile(WireTest):
    """Real jobs."""

    def run_job(self, recipe, output, verdict=b"Success: Autodriver returned normally", **fields):
        """What stands below the head of the output file."""
        id, found = self.service.run(LAB, recipe, output, jobName="test_job", **fields)
        lines = found.split(b"\n", 4)
        self.assertRegex(lines[0], rb"^Autograder " + DATE + rb": Received job test_job:%d$" % id)
        self.assertRegex(lines[1], rb"^Autograder " + DATE + rb": " + re.escape(verdict) + rb"$")
        self.assertRegex(lines[2], rb"^Autograder " + DATE +
                         rb": Here is the output from the autograder:$")
        self.assertEqual(lines[3], b"---")
        return lines[4]

    def test_a_good_job(self):
        self.assertEqual(self.run_job("@echo out; echo err >&2; echo out", "good"),
                         b"Autodriver: Job exited with status 0\nout\nerr\nout\n")

    def test_a_job_whose_make_fails_is_a_success_of_the_autodriver(self):
        rest = self.run_job("@echo hm; exit 3", "failing")
        self.assertTrue(rest.startswith(b"Autodriver: Job exited with status 2\nhm\n"), rest)

    def test_the_last_line_is_the_job_s(self):
        rest = self.run_job("""@echo '{"scores": {"p1": 10}}'""", "scored")
        self.assertEqual(rest.split(b"\n")[-2:], [b'{"scores": {"p1": 10}}', b""])

    def test_a_job_that_takes_too_long(self):
        rest = self.run_job("@echo begun; sleep 60", "late", timeout=1,
                            verdict=b"Error: Job timed out after 1 seconds")
        self.assertEqual(rest, b"Autodriver: Job timed out after 1 seconds\nbegun\n")

    def test_bytes_that_are_not_utf_8_come_as_they_are(self):
        rest = self.run_job(r"@printf '\377\376\000z\303'", "bytes")
        self.assertEqual(rest, b"Autodriver: Job exited with status 0\n\xff\xfe\0z\xc3")

    def test_too_much_output_loses_its_middle(self):
        rest = self.run_job("@yes abcdefg | head -c 1000000; echo THE-END", "long", max_kb=2)
        line, _, output = rest.partition(b"\n")
        self.assertEqual(line, b"Autodriver: Job exited with status 0")
        head, _, tail = output.partition(b"\n...[excess bytes elided]...\n")
        self.assertTrue(head.startswith(b"abcdefg\n"))
        self.assertTrue(tail.endswith(b"abcdefg\nTHE-END\n"))
        self.assertEqual((len(head), len(tail)), (1024, 1024))

    def test_the_job_sees_what_autodriver_shows_it(self):
        rest = self.run_job("@id -un; pwd; test -t 0 || echo no terminal", "view")
        self.assertEqual(rest.split(b"\n", 1)[1],
                         b"autograde\n/home/autograde/autolab\nno terminal\n")


class Poll(WireTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service.open(LAB)
        cls.service.upload(LAB, "slow.mk", "all:\n\t@echo begun; sleep 600\n")

    def test_what_is_not_there_is_json(self):
        for lab, output in ((LAB, "none"), ("no-such-lab", "none")):
            answer = self.service.poll(lab, output)
            self.told(answer, -1, "Output file not found")
            self.assertTrue(answer.kind.startswith("application/json"))

    def test_what_is_there_is_bytes(self):
        self.service.run(LAB, "@echo x", "there")
        for slash in (True, False):
            answer = self.service.get("poll", KEY, LAB, "there", slash=slash)
            self.assertEqual((answer.status, answer.kind), (200, BYTES))
        head = self.service.ask("HEAD", f"/poll/{KEY}/{LAB}/there/")
        self.assertEqual((head.kind, head.body), (BYTES, b""))
        self.assertEqual(int(head.headers["Content-Length"]), len(answer.body))

    def test_a_new_job_withdraws_the_older_output(self):
        _, first = self.service.run(LAB, "@echo first", "again")
        id = self.service.add(LAB, output_file="again", files=SLOW, timeout=600).json()["jobId"]
        self.told(self.service.poll(LAB, "again"), -1, "Output file not found")
        self.service.post("cancel", KEY, id)
        second = self.service.wait_output(LAB, "again")
        self.assertNotEqual(first, second)
        self.assertIn(f":{id}\n".encode(), second)

    def test_a_rejected_job_withdraws_nothing(self):
        self.service.run(LAB, "@echo kept", "kept")
        self.service.add(LAB, output_file="kept", image="nope")
        self.assertEqual(self.service.poll(LAB, "kept").kind, BYTES)

    def test_an_output_outlives_the_service(self):
        _, first = self.service.run(LAB, "@echo lasting", "lasting")
        self.service.stop()
        self.service.start()
        self.assertEqual(self.service.poll(LAB, "lasting").body, first)

    def test_an_output_is_seen_whole_or_not_at_all(self):
        self.service.open(LAB)
        self.service.upload(LAB, "much.mk", "all:\n\t@yes | head -c 900000; echo END\n")
        self.service.add(LAB, output_file="much", timeout=30,
                         files=[{"localFile": "much.mk", "destFile": "Makefile"}])
        found = self.service.wait_for(
            lambda: (a := self.service.poll(LAB, "much")).kind == BYTES and a.body)
        self.assertTrue(found.startswith(b"Autograder ["))
        self.assertTrue(found.endswith(b"END\n"))


class PartialOutput(WireTest):
    def partial(self, id):
        return self.service.get("getPartialOutput", KEY, str(id))

    def test_what_a_running_job_has_written(self):
        self.service.open(LAB)
        self.service.upload(LAB, "mk", "all:\n\t@printf 'a\\377b'; echo; sleep 600\n")
        id = self.service.add(LAB, output_file="partial", timeout=600, files=[
            {"localFile": "mk", "destFile": "Makefile"}]).json()["jobId"]
        answer = self.service.wait_for(
            lambda: (a := self.partial(id)).json().get("output") and a)
        found = self.told(answer, 0, "Partial output obtained")
        self.assertEqual(list(found), ["statusId", "statusMsg", "output"])
        self.assertIn("a\ufffdb", found["output"])
        self.service.post("cancel", KEY, id)
        self.service.wait_output(LAB, "partial")
        self.told(self.partial(id), -1, "getPartialOutput request failed: Invalid job id")

    def test_a_job_that_is_not_there(self):
        for id in ("0", "-1", "999999", "x", "1.5"):
            self.told(self.partial(id), -1, "getPartialOutput request failed: Invalid job id")


if __name__ == "__main__":
    service.main()
