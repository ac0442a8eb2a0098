#!/usr/bin/env python3
"""Bodies that are made to cost: JSON bombs, and numbers at the edges of what can be said.
Usage: client_bodies_test.py TANGO"""

import json
import re

import clients
from clients import BEARER, LAB
import service
from service import KEY

# What one client's bodies may make the service grow by while they are read, in MiB.
GROWTH_MAX = 64
MANY = 100_000

BOMBS = {
    "nested arrays": b"[" * MANY,
    "nested arrays, closed": b"[" * MANY + b"]" * MANY,
    "nested objects": b'{"a":' * MANY + b"1" + b"}" * MANY,
    "a nested field": b'{"image":' + b"[" * MANY + b"]" * MANY + b"}",
    "a million keys": b"{" + b",".join(b'"k%d":1' % i for i in range(1_000_000)) + b"}",
    "a million elements": b'{"files":[' + b",".join([b"{}"] * 1_000_000) + b"]}",
    "a million files": b'{"image":"host","jobName":"j","output_file":"o","files":[' + b",".join(
        [b'{"localFile":"Makefile","destFile":"f"}'] * 100_000) + b"]}",
    "a long number": b'{"timeout":' + b"9" * 1_000_000 + b"}",
    "a long fraction": b'{"timeout":0.' + b"1" * 1_000_000 + b"}",
    "a large exponent": b'{"timeout":1e999999999}',
    "a long string": b'{"jobName":"' + b"x" * 50_000_000 + b'"}',
    "a string of escapes": b'{"jobName":"' + b"\\u0000" * 1_000_000 + b'"}',
    "a key twice": b'{"image":"host","image":"other"}',
    "half a surrogate": b'{"jobName":"\\ud800"}',
    "bytes that are not UTF-8": b'{"jobName":"\xff\xfe\xed\xa0\x80"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "cut off": b'{"image":"ho',
    "nothing": b"",
    "zeros": b"\0" * 1_000_000,
    "spaces": b" " * 10_000_000,
}

EDGES = [0, -1, 1, 2**31 - 1, 2**31, 2**32, 2**63 - 1, 2**63, 2**64, -2**63, -2**63 - 1, 1e308,
         1e-308, 0.5, -0.0, 1e400, -1e400, float("nan"), "", "1", "-1", "0x10", "1e3", " 5 ",
         "five", True, False, None, [], {}, [1], {"a": 1}]

V1_NUMBERS = {
    "limits": ("timeout_seconds", "cpu_seconds", "processes", "file_size_bytes", "output_bytes",
               "open_files"),
    "machine": ("cpus", "memory_bytes", "disk_bytes", "inodes", "network")}
# What a refusal calls a field that it does not call by its own name.
CALLED = {"jobName": "jobName|job.name", "cores": "cores|Invalid prealloc size",
          "memory": "memory|Invalid prealloc size"}


class Bodies(clients.Attacked):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service.open(LAB)
        cls.service.upload(LAB, "Makefile", "all:\n\t@echo hello\n")

    def test_a_json_bomb_is_refused_and_costs_no_memory(self):
        self.honest()
        before = self.memory()
        for name, bomb in BOMBS.items():
            for path, headers in ((f"/addJob/{KEY}/{LAB}/", {}), (f"/prealloc/{KEY}/host/1/", {}),
                                  ("/v1/jobs", {**BEARER, "Content-Type": "application/json"})):
                with self.subTest(bomb=name, path=path.split("/")[1]):
                    told = self.answered(self.sent(path, bomb, headers))
                    if told.status == 200 and "addJob" in path:
                        self.assertNotEqual(told.json()["statusId"], 0)
        grown = self.memory("VmHWM") - before
        self.measured = f"at most {grown:.0f} MiB more than {before:.0f} MiB"
        self.grown_less(grown, GROWTH_MAX)

    def sent(self, path, body, headers):
        """A service may refuse a body before it has all of it, and close."""
        connection = self.service.connect()
        try:
            try:
                connection.request("POST", path, body, headers)
            except (BrokenPipeError, ConnectionResetError):
                pass
            return service.Answer(connection.getresponse())
        finally:
            connection.close()

    def test_numbers_at_the_edges_are_taken_or_refused_by_name(self):
        for edge in EDGES:
            for field in ("timeout", "max_kb", "files", "jobName", "accessKey", "accessKeyId",
                          "disable_network"):
                with self.subTest(addJob=field, edge=edge):
                    self.wire(f"/addJob/{KEY}/{LAB}/", {**service.job(), field: edge}, field)
            for field in ("cores", "memory"):
                with self.subTest(prealloc=field, edge=edge):
                    self.wire(f"/prealloc/{KEY}/host/0/", {field: edge}, field)
            for group, fields in V1_NUMBERS.items():
                for field in fields:
                    with self.subTest(v1=field, edge=edge):
                        self.v1({group: {field: edge}}, field)
            with self.subTest(path=edge):
                for path in (f"/prealloc/{KEY}/host/%s/", f"/cancel/{KEY}/%s/"):
                    self.answered(self.service.ask("POST", path % service.quote(str(edge)), b"{}"))
                self.answered(self.service.ask("GET", f"/v1/jobs?limit={service.quote(str(edge))}",
                                               None, BEARER))
        self.service.post("prealloc", KEY, "host", "0", body=b"{}")

    def wire(self, path, fields, field):
        told = self.answered(self.service.ask("POST", path, json.dumps(fields).encode())).json()
        if told["statusId"] != 0:
            self.refused(str(told["statusMsg"]), fields, field)
        elif "jobId" in told:
            self.service.post("cancel", KEY, told["jobId"])

    def v1(self, fields, field):
        body = {"name": "edge", "courselab": LAB, "image": "host",
                "files": [{"name": "Makefile", "local_file": "Makefile"}], **fields}
        answer = self.answered(self.service.ask("POST", "/v1/jobs", json.dumps(body).encode(), {
            **BEARER, "Content-Type": "application/json"}))
        if answer.status >= 400:
            self.refused(answer.body.decode(), fields, field)
        else:
            self.service.post("cancel", KEY, str(answer.json()["id"]))

    def refused(self, message, fields, field):
        """JSON itself has no NaN and no Infinity, with which Python writes it nevertheless."""
        no_json = re.search("NaN|Infinity", json.dumps(fields))
        self.assertRegex(message, "not JSON" if no_json else CALLED.get(field, field))


if __name__ == "__main__":
    service.main()
