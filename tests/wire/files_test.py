#!/usr/bin/env python3
"""open and upload. Usage: files_test.py TANGO"""

import hashlib
import json
import os
import re
import unittest

import service
from service import KEY, WireTest


class Open(WireTest):
    def test_a_courselab_is_created_once(self):
        first = self.told(self.service.open("fresh"), 0, "Created directory")
        self.assertEqual(list(first), ["statusId", "statusMsg", "files"])
        self.assertEqual(first["files"], {})
        self.told(self.service.open("fresh"), 0, "Found directory")

    def test_the_md5_of_what_is_uploaded_is_told(self):
        self.service.open("listed")
        self.service.upload("listed", "a.c", "int a;")
        self.service.upload("listed", "naïve ü.txt", b"\0\xff")
        self.service.upload("listed", "a.c", "int b;")
        self.assertEqual(self.service.open("listed").json()["files"],
                         {"a.c": hashlib.md5(b"int b;").hexdigest(),
                          "naïve ü.txt": hashlib.md5(b"\0\xff").hexdigest()})

    def test_a_courselab_outlives_the_service(self):
        self.service.open("lasting")
        self.service.upload("lasting", "x", "y")
        self.service.stop()
        self.service.start()
        answer = self.told(self.service.open("lasting"), 0, "Found directory")
        self.assertEqual(answer["files"], {"x": hashlib.md5(b"y").hexdigest()})


class Upload(WireTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service.open("lab")

    def test_the_same_bytes_again_exist(self):
        for content, message in (("one", "Uploaded file"), ("one", "File exists"),
                                 ("two", "Uploaded file"), ("one", "Uploaded file")):
            self.told(self.service.upload("lab", "again", content), 0, message)

    def test_the_body_is_never_parsed(self):
        for content in (b"", b"a=b&c=%41", b"\0" * 10, bytes(range(256)) * 1000):
            self.service.upload("lab", "raw", content)
            self.assertEqual(self.service.open("lab").json()["files"]["raw"],
                             hashlib.md5(content).hexdigest())

    def test_a_file_of_many_pieces(self):
        for size in (256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 9_000_000):
            content = os.urandom(size)
            self.told(self.service.upload("lab", "pieces", content), 0, "Uploaded file")
            self.assertEqual(self.service.open("lab").json()["files"]["pieces"],
                             hashlib.md5(content).hexdigest())

    def test_memory_stays_flat_under_a_large_file(self):
        def resident():
            with open(f"/proc/{self.service.process.pid}/status", encoding="ascii") as status:
                return int(re.search(r"VmHWM:\s+(\d+) kB", status.read()).group(1))
        before = resident()
        piece = os.urandom(1 << 20)
        size = 64
        answer = self.service.ask("POST", f"/upload/{KEY}/lab/", (piece for _ in range(size)),
                                  {"Filename": "large", "Content-Length": str(size << 20)})
        self.told(answer, 0, "Uploaded file")
        self.assertLess(resident() - before, 16 * 1024)

    def test_a_courselab_that_was_never_opened(self):
        self.told(self.service.upload("never", "a", "b"), -1, "Courselab not found")

    def test_the_header_s_name_is_met_in_any_case(self):
        for name in ("filename", "FILENAME", "FileName"):
            answer = self.service.post("upload", KEY, "lab", body=name, headers={name: "cased"})
            self.told(answer, 0, "Uploaded file")

    def test_a_header_that_is_missing_or_no_name(self):
        self.told(self.service.post("upload", KEY, "lab", body="x"), -1, re.compile("Filename"))
        for name in (b"", b"..", b".", b"a/b", b"/etc/passwd", b"caf\xe9", b"\xff", b"x" * 256):
            answer = self.service.post("upload", KEY, "lab", body=b"x",
                                       headers={"Filename": name})
            self.told(answer, -1, re.compile("Filename"))

    def test_a_broken_upload_leaves_the_old_file(self):
        self.service.upload("lab", "whole", "whole")
        connection = self.service.connect()
        connection.putrequest("POST", f"/upload/{KEY}/lab/")
        connection.putheader("Filename", "whole")
        connection.putheader("Content-Length", "1000")
        connection.endheaders(b"half")
        connection.close()
        self.assertEqual(self.service.open("lab").json()["files"]["whole"],
                         hashlib.md5(b"whole").hexdigest())

    def test_nothing_is_written_outside_the_data_folder(self):
        names = {path.name for path in (self.service.path / "data").rglob("*")}
        self.assertFalse({"passwd", "again", "raw"} & names, "a client's name became a file's")


class Inputs(WireTest):
    def test_a_later_upload_does_not_change_an_earlier_job(self):
        self.service.open("pin")
        self.service.upload("pin", "go.mk", "all:\n\t@cat data; while test ! -e /tmp/x && "
                                            "sleep 0.1; do echo; cat data; break; done\n")
        self.service.upload("pin", "data", "first\n")
        files = [{"localFile": "go.mk", "destFile": "Makefile"},
                 {"localFile": "data", "destFile": "data"}]
        for number, content in enumerate(("second\n", "third\n")):
            self.service.add("pin", output_file=f"out{number}", files=files, jobName=f"j{number}")
            self.service.upload("pin", "data", content)
        self.assertTrue(self.service.wait_output("pin", "out0").endswith(b"first\n\nfirst\n"))
        self.assertTrue(self.service.wait_output("pin", "out1").endswith(b"second\n\nsecond\n"))

    def test_a_file_with_a_name_that_is_not_ascii_comes_to_its_job(self):
        self.service.open("names")
        self.service.upload("names", "größe 1.txt", "groß\n")
        self.service.upload("names", "mk", "all:\n\t@cat 'größe 1.txt'\n")
        added = self.service.add("names", output_file="ausgabe ü", files=[
            {"localFile": "mk", "destFile": "Makefile"},
            {"localFile": "größe 1.txt", "destFile": "größe 1.txt"}])
        self.assertEqual(added.text(), "Job added")
        output = self.service.wait_output("names", "ausgabe ü")
        self.assertTrue(output.endswith("groß\n".encode()), output)
        listed = self.service.job(json.loads(added.body)["jobId"], dead=True)
        self.assertEqual(listed["input"][1]["localFile"], "courselabs/names/größe 1.txt")


if __name__ == "__main__":
    service.main()
