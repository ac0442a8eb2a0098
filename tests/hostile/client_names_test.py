#!/usr/bin/env python3
"""Names that would lead out of their folder, in every place where a client may put a name.
Usage: client_names_test.py TANGO"""

import json
import os

import clients
from clients import BEARER, LAB
import service
from service import KEY

NAMES = [b"", b".", b"..", b"../x", b"../../../../tmp/planted", b"/tmp/planted", b"a/b",
         b"a/../../b", b"%2e%2e", b"%2e%2e%2fx", b"%252e%252e%252fx", b"..%2fx", b"..%c0%afx",
         b"..\\x", b"C:\\windows\\x", b"CON", b"NUL.txt", b"a:b", b"\\\\host\\share",
         b"nul\0byte", b"%00",
         b"a%00b", b"new\nline", b"re\rturn", b"ta\tb", b"\x7f", b"\xff\xfe", b"\xc0\xae\xc0\xae",
         b"\xed\xa0\x80", "\u202etxt".encode(), b"-rf", b"--help", b"$(id)", b"`id`",
         b"'; DROP TABLE job;",
         b".hidden", b".tango-1", b"x" * 255, b"x" * 300, b"x" * 5000, b" ", b"a ", b"~root"]


def raw_segment(name):
    """What may not stand in a request's line is escaped; a '%' stays, as an attacker's."""
    return b"".join(bytes([byte]) if 0x20 < byte < 0x7F and byte not in b"#?"
                    else b"%%%02X" % byte for byte in name)


def text(name):
    """As JSON can carry it."""
    return name.decode("latin-1")


class Names(clients.Attacked):
    def setUp(self):
        super().setUp()
        self.service.open(LAB)
        self.service.upload(LAB, "Makefile", "all:\n\t@echo hello\n")

    def tearDown(self):
        super().tearDown()
        self.assertEqual(sorted(os.listdir(self.service.path)), ["data", "log", "tango.toml"])
        self.assertFalse(os.path.exists("/tmp/planted"))
        for folder, folders, files in os.walk(self.service.path / "data"):
            for name in folders + files:
                path = os.path.join(folder, name)
                self.assertFalse(os.path.islink(path), path)
                self.assertNotIn("planted", path)

    def ask_raw(self, line, headers=(), body=b""):
        """One request of bytes as they are; its status, or none: the connection was closed."""
        head = b"\r\n".join([line, b"Host: x", b"Content-Length: %d" % len(body),
                             b"Connection: close", *headers])
        answer = self.service.raw(head + b"\r\n\r\n" + body)
        status = int(answer.split()[1]) if answer else None
        self.assertTrue(status is None or status < 500, answer[:300])
        return status, answer.partition(b"\r\n\r\n")[2]

    def test_in_the_path_of_each_route(self):
        for name in NAMES:
            part = raw_segment(name)
            for escaped in (name, part, part.replace(b"%", b"%25")):
                for line in (b"GET /open/%s/%s/", b"GET /poll/%s/%s/out/",
                             b"GET /poll/%s/honest/%s/", b"POST /upload/%s/%s/",
                             b"POST /addJob/%s/%s/", b"POST /cancel/%s/%s/",
                             b"GET /getPartialOutput/%s/%s/", b"GET /jobs/%s/%s/",
                             b"GET /pool/%s/%s/", b"POST /prealloc/%s/%s/1/",
                             b"POST /prealloc/%s/host/%s/"):
                    with self.subTest(line=line, name=name):
                        self.ask_raw(line % (KEY.encode(), escaped) + b" HTTP/1.1")
                for line in (b"GET /v1/jobs/%s", b"GET /v1/jobs/%s/output",
                             b"POST /v1/jobs/%s/cancel", b"POST /v1/jobs/%s/callback",
                             b"PUT /v1/blobs/%s", b"PUT /v1/courselabs/%s",
                             b"GET /v1/courselabs/%s/files", b"PUT /v1/courselabs/%s/files/x",
                             b"PUT /v1/courselabs/honest/files/%s"):
                    with self.subTest(line=line, name=name):
                        self.ask_raw(line % escaped + b" HTTP/1.1",
                                     [b"Authorization: Bearer " + KEY.encode()])

    def test_as_an_uploaded_file(self):
        for name in NAMES:
            with self.subTest(name=name):
                status, told = self.ask_raw(
                    b"POST /upload/%s/honest/ HTTP/1.1" % KEY.encode(),
                    [b"Filename: " + name.replace(b"\n", b"").replace(b"\r", b"")], b"content")
                self.assertIn(status, (200, 400))
                if b"/" in name or name in (b"", b".", b".."):
                    self.assertNotIn(b'"statusId":0', told.replace(b" ", b""))

    def test_as_an_image_that_is_built(self):
        for name in NAMES:
            with self.subTest(name=name):
                status, told = self.ask_raw(
                    b"POST /build/%s/ HTTP/1.1" % KEY.encode(),
                    [b"imageName: " + name.replace(b"\n", b"").replace(b"\r", b"")], b"no tarball")
                self.assertIn(status, (200, 400))
                self.assertNotIn(b'"statusId":0', told.replace(b" ", b""))

    def test_in_each_field_of_a_job(self):
        base = service.job()
        for name in NAMES:
            bad = text(name)
            for field in ("image", "jobName", "output_file", "callback_url", "vmms", "accessKeyId"):
                with self.subTest(field=field, name=name):
                    self.posted({**base, field: bad})
            for field in ("localFile", "destFile"):
                with self.subTest(field=field, name=name):
                    told = self.posted({**base, "files": [{"localFile": "Makefile",
                                                           "destFile": "Makefile", field: bad}]})
                    if b"/" in name or b"\0" in name or name in (b".", b".."):
                        self.assertNotEqual(told["statusId"], 0)

    def posted(self, fields):
        answer = self.service.post("addJob", KEY, LAB, body=json.dumps(fields).encode())
        return self.answered(answer).json()

    def test_as_a_key(self):
        # Each from an address of its own: who guesses again waits longer.
        for number, name in enumerate(NAMES):
            line = f"/info/{service.quote(text(name), safe='')}/"
            with self.subTest(name=name):
                answer = self.service.ask("GET", line, source=f"127.0.3.{number + 1}")
                self.answered(answer)
                self.assertNotIn(b"num_threads", answer.body)

    def test_in_each_part_of_a_job_of_v1(self):
        for name in NAMES:
            with self.subTest(name=name):
                quoted = name.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
                part = (b'--b\r\nContent-Disposition: form-data; name="files"; filename="'
                        + quoted + b'"\r\n\r\nall:\n\t@echo x\n\r\n--b--\r\n')
                self.ask_raw(b"POST /v1/jobs HTTP/1.1",
                             [b"Authorization: Bearer " + KEY.encode(),
                              b"Content-Type: multipart/form-data; boundary=b"], part)
                for field in ("courselab", "name", "image", "output_file", "vmms", "callback_url"):
                    self.submitted(name, {field: text(name)}, field in ("courselab", "output_file"))
                for field in ("name", "local_file"):
                    file = {"name": "Makefile", "local_file": "Makefile", field: text(name)}
                    self.submitted(name, {"files": [file]}, True)

    def submitted(self, name, fields, is_file):
        body = {"name": "job", "courselab": LAB, "image": "host",
                "files": [{"name": "Makefile", "local_file": "Makefile"}], **fields}
        answer = self.answered(self.service.ask("POST", "/v1/jobs", json.dumps(body).encode(), {
            **BEARER, "Content-Type": "application/json"}))
        if is_file and (b"/" in name or b"\0" in name or name in (b".", b"..")):
            self.assertIn(answer.status, (400, 404, 422), answer.body)


if __name__ == "__main__":
    service.main()
