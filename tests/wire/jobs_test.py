#!/usr/bin/env python3
"""addJob, jobs and cancel. Usage: jobs_test.py TANGO"""

import json
import re
import time
import unittest

import service
from service import IMAGE, KEY, VMMS, WireTest

DATE = r"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}"
LAB = "lab"


class JobTest(WireTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service.open(LAB)
        cls.service.upload(LAB, "Makefile", "all:\n\t@echo done\n")
        cls.service.upload(LAB, "slow.mk", "all:\n\t@echo begun; sleep 600\n")

    SLOW = [{"localFile": "slow.mk", "destFile": "Makefile"}]

    def running(self, output):
        """A job that runs until it is cancelled: its id."""
        id = int(self.service.add(LAB, output_file=output, jobName=output, files=self.SLOW,
                                  timeout=600).json()["jobId"])
        self.service.wait_for(lambda: "begun" in self.partial(id).json().get("output", ""))
        return id

    def partial(self, id):
        return self.service.get("getPartialOutput", KEY, str(id))

    def cancel(self, id):
        return self.service.post("cancel", KEY, str(id))


class AddJob(JobTest):
    def test_an_id_is_a_string_here_and_ids_grow(self):
        ids = []
        for number in range(3):
            found = self.told(self.service.add(LAB, output_file=f"id{number}"), 0, "Job added")
            self.assertEqual(list(found), ["statusId", "statusMsg", "jobId"])
            self.assertIsInstance(found["jobId"], str)
            ids.append(int(found["jobId"]))
        self.assertEqual(ids, sorted(set(ids)))

    def test_the_same_body_again_is_the_same_job(self):
        body = json.dumps(service.job(output_file="twice"))
        answers = {self.service.post("addJob", KEY, LAB, body=body).body for _ in range(4)}
        self.assertEqual(len(answers), 1)
        other = self.service.add(LAB, output_file="twice", jobName="another").json()
        self.assertNotIn(other["jobId"], [json.loads(a)["jobId"] for a in answers])

    def test_any_content_type_and_unknown_fields(self):
        body = json.dumps(service.job(output_file="typed", unheard={"of": [1]}))
        for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
            answer = self.service.post("addJob", KEY, LAB, body=body,
                                       headers={"Content-Type": kind})
            self.told(answer, 0, "Job added")

    def test_a_courselab_that_was_never_opened(self):
        self.told(self.service.add("never"), -1, "Courselab not found")
        self.told(self.service.add("never", image="nope"), -1, "Courselab not found")

    def test_a_file_that_was_never_uploaded_is_named(self):
        files = [{"localFile": "Makefile", "destFile": "Makefile"},
                 {"localFile": "gone.c", "destFile": "gone.c"}]
        self.told(self.service.add(LAB, files=files), -1, re.compile("gone.c"))

    def test_a_field_that_is_missing_is_named(self):
        for field in ("image", "jobName", "output_file", "files", "timeout"):
            body = service.job()
            del body[field]
            answer = self.service.post("addJob", KEY, LAB, body=json.dumps(body))
            self.told(answer, -1, re.compile(rf"\b{field}\b.*missing"))

    def test_a_field_of_the_wrong_type_is_named(self):
        for field, value in (("image", 1), ("jobName", None), ("jobName", ["x"]),
                             ("output_file", {}), ("timeout", "10"), ("timeout", [1]),
                             ("timeout", True), ("timeout", 1e300), ("max_kb", "1"),
                             ("max_kb", 1e12), ("callback_url", 7), ("accessKey", 7),
                             ("files", {}), ("files", [1]), ("files", "Makefile"),
                             ("files", [{"localFile": "Makefile"}])):
            answer = self.service.add(LAB, **{field: value})
            self.told(answer, -1, re.compile(rf"\b{field}\b"))

    def test_what_is_no_json_object_is_refused(self):
        for body in (b"", b"{", b"[]", b"null", b"7", b"\xff\xfe", b"{\"image\": NaN}",
                     b"[" * 100_000, b'{"a":' * 1000, b"image=x&jobName=y",
                     b'{"image":"\xff"}', b'{"image":"a","image":"b"}',
                     json.dumps(service.job()).encode()[:-1]):
            self.told(self.service.post("addJob", KEY, LAB, body=body), -1, re.compile("body"))

    def test_a_body_without_bounds_is_refused(self):
        answer = self.service.post("addJob", KEY, LAB, body=b" " * (2 << 20))
        self.told(answer, -1, re.compile("body is over"))

    def rejected(self, *words, **fields):
        found = self.service.add(LAB, **fields).json()
        self.assertEqual(found["statusId"], -1)
        lines = found["statusMsg"]
        self.assertIsInstance(lines, list, lines)
        for line, word in zip(lines, words):
            self.assertRegex(line, rf"^{DATE}\|validateJob: ")
            self.assertIn(word, line)
        self.assertEqual(len(lines), len(words) + 1, lines)
        self.assertRegex(lines[-1],
                         rf"^{DATE}\|validateJob: Job rejected: {len(words)} errors$")
        return lines

    def test_a_job_that_fails_validation_is_told_line_by_line(self):
        self.rejected("Image not found: nope", image="nope")
        self.rejected("Missing job.name", jobName="")
        self.rejected("Missing job.vm.image", image="")
        self.rejected("Missing Makefile in input files.", files=[])
        self.rejected("Missing job.name", "Missing Makefile in input files.",
                      "Image not found: nope", jobName="", files=[], image="nope")
        self.rejected("Makefile", files=service.job()["files"] * 2)
        self.rejected("callback_url", callback_url="file:///etc/passwd")

    def test_names_that_lead_somewhere_are_rejected(self):
        for name in ("../x", "a/b", "", ".", "..", "a\0b"):
            self.rejected("output_file", output_file=name)
            self.rejected("destFile", files=[*service.job()["files"],
                                             {"localFile": "Makefile", "destFile": name}])
            self.rejected("localFile", files=[*service.job()["files"],
                                              {"localFile": name, "destFile": "x"}])
        self.rejected("job.name", jobName="a\nMon Nov 23 17:31:03 2026|Success")

    def test_a_rejected_job_is_among_the_dead(self):
        lines = self.rejected("Image not found: not-there", image="not-there", jobName="rejected")
        found = [job for job in self.service.jobs(dead=True) if job["name"] == "rejected"]
        self.assertEqual([job["trace"] for job in found], [lines])
        self.assertFalse(found[0]["assigned"])

    def test_no_time_is_the_default_time(self):
        for number, timeout in enumerate((0, -5, None)):
            id = self.service.add(LAB, output_file=f"time{number}", timeout=timeout).json()["jobId"]
            self.service.wait_output(LAB, f"time{number}")
            self.assertEqual(self.service.job(id, dead=True)["timeout"], 60)

    def test_a_fraction_of_a_second_counts(self):
        id = self.service.add(LAB, output_file="fraction", files=self.SLOW,
                              timeout=0.25).json()["jobId"]
        self.assertIn(b"timed out after 1 seconds", self.service.wait_output(LAB, "fraction"))
        self.assertEqual(self.service.job(id, dead=True)["timeout"], 1)


class Cancel(JobTest):
    def test_a_running_job_is_cancelled(self):
        id = self.running("cancelled")
        self.told(self.cancel(id), 0, "Job cancelled")
        self.assertIn(b"cancelled", self.service.wait_output(LAB, "cancelled"))
        self.assertIsNone(self.service.job(id, dead=False))
        self.assertEqual(self.cancel(id).json()["statusId"], -1)

    def test_a_job_that_is_not_there(self):
        for id in ("999999", "x", "-1", "9" * 30):
            self.assertEqual(self.cancel(id).json()["statusId"], -1, id)


class Jobs(JobTest):
    FIELDS = ["retries", "outputFile", "name", "notifyURL", "maxOutputFileSize", "assigned",
              "timeout", "id", "trace", "vm", "input"]
    VM_FIELDS = ["network", "resume", "image", "memory", "vmms", "cores", "disk", "id", "name"]

    def test_a_job_is_listed_field_by_field(self):
        id = int(self.service.add(LAB, output_file="listed", jobName="listed",
                                  timeout=10).json()["jobId"])
        self.service.wait_output(LAB, "listed")
        job = self.service.job(id, dead=True)
        self.assertEqual(list(job), self.FIELDS)
        self.assertEqual(list(job["vm"]), self.VM_FIELDS)
        self.assertIsInstance(job["vm"].pop("id"), int)
        job.pop("trace")
        self.assertEqual(job, {
            "retries": 0, "outputFile": "courselabs/lab/output/listed", "name": "listed",
            "notifyURL": None, "maxOutputFileSize": 1024000, "assigned": False, "timeout": 10,
            "id": id, "input": [{"destFile": "Makefile", "localFile": "courselabs/lab/Makefile"}],
            "vm": {"network": None, "resume": None, "image": IMAGE, "memory": None,
                   "vmms": VMMS, "cores": None, "disk": None, "name": IMAGE}})

    def test_the_trace_of_a_good_job(self):
        id = int(self.service.add(LAB, output_file="traced",
                                  jobName="traced").json()["jobId"])
        self.service.wait_output(LAB, "traced")
        trace = self.service.job(id, dead=True)["trace"]
        vm = rf"local-\d+-{IMAGE}"
        expected = (rf"Added job traced:{id} to queue", rf"Dispatched job traced:{id} \[try 0\]",
                    rf"Assigned job traced:{id} (existing|new) VM {vm}",
                    rf"Job traced:{id} waiting for VM {vm}", rf"VM {vm} ready for job traced:{id}",
                    rf"Input copied for job traced:{id} \[status=0\]",
                    rf"Job traced:{id} executed \[status=0\]",
                    rf"Output copied for job traced:{id} \[status=0\]",
                    r"Success: Autodriver returned normally")
        self.assertEqual(len(trace), len(expected), trace)
        for line, text in zip(trace, expected):
            self.assertRegex(line, rf"^{DATE}\|{text}$")
        added = time.strptime(trace[0].split("|")[0] + " UTC", "%a %b %d %H:%M:%S %Y %Z")
        self.assertLess(abs(time.mktime(time.gmtime()) - time.mktime(added)), 120)

    def test_live_jobs_are_told_apart(self):
        first = self.running("live-running")
        try:
            # What happens on a job's way is stored a moment behind it.
            vm = self.service.wait_for(lambda: self.service.job(first, dead=False)["vm"]["id"])
            self.assertGreaterEqual(vm, 1000)
            self.assertTrue(self.service.job(first, dead=False)["assigned"])
            self.assertIsNone(self.service.job(first, dead=True))
            # More than run at once: the last ones wait.
            ids = [int(self.service.add(LAB, output_file=f"live{n}", files=self.SLOW,
                                        timeout=600).json()["jobId"]) for n in range(12)]
            waiting = self.service.job(ids[-1], dead=False)
            self.assertFalse(waiting["assigned"])
            self.assertIn("Added job", waiting["trace"][-1])
            self.assertIsNone(waiting["vm"]["id"])
            listed = [job["id"] for job in self.service.jobs(dead=False)]
            self.assertEqual(listed, [first, *ids])
            self.told(self.partial(ids[-1]), -1,
                      f"getPartialOutput request failed: Job {ids[-1]} is not running yet")
            for id in reversed(ids):
                self.told(self.cancel(id), 0, "Job cancelled")
        finally:
            self.cancel(first)
        self.assertEqual(self.service.jobs(dead=False), [])

    def test_a_callback_s_url_is_told(self):
        with service.Receiver() as receiver:
            id = self.service.add(LAB, output_file="notified",
                                  callback_url=receiver.url("x")).json()["jobId"]
            self.service.wait_output(LAB, "notified")
            self.assertEqual(self.service.job(id, dead=True)["notifyURL"], receiver.url("x"))

    def test_keys_of_ec2_are_never_shown(self):
        id = self.service.add(LAB, output_file="secret", accessKeyId="AKIA-of-mine",
                              accessKey="secret-of-mine").json()["jobId"]
        self.service.wait_output(LAB, "secret")
        self.assertIsNotNone(self.service.job(id, dead=True))
        for segments in (("jobs", KEY, "1"), ("jobs", KEY, "0")):
            self.assertNotIn(b"of-mine", self.service.get(*segments).body)
        self.assertNotIn("of-mine", self.service.log())


class ManyDead(JobTest):
    CONFIG = "[history]\nlisted_jobs_max = 5\n"

    def test_the_newest_are_listed_in_the_order_of_their_ids(self):
        ids = []
        for number in range(8):
            ids.append(int(self.service.add(LAB, output_file=f"o{number}").json()["jobId"]))
            self.service.wait_output(LAB, f"o{number}")
            self.assertEqual([job["id"] for job in self.service.jobs(dead=True)], ids[-5:])
        self.service.stop()
        self.service.start()
        self.assertEqual([job["id"] for job in self.service.jobs(dead=True)], ids[-5:])


if __name__ == "__main__":
    service.main()
