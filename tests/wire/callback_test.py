#!/usr/bin/env python3
"""The callback that ends a job. Usage: callback_test.py TANGO"""

import email
import queue
import time
import unittest

import service
from service import KEY, Receiver, WireTest

LAB = "lab"


def file_of(headers, body):
    """The one part of a multipart/form-data body: its head's parameters and its bytes."""
    message = email.message_from_bytes(
        b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + body)
    (part,) = message.get_payload()
    return dict(part.get_params(header="Content-Disposition")), part.get_payload(decode=True)


class Callback(WireTest):
    CONFIG = '[callbacks]\nhold = "0.5 s"\nbackoff_min = "100 ms"\n'

    def wait(self, receiver):
        return receiver.received.get(timeout=60)

    def test_it_brings_the_output_file_byte_for_byte(self):
        with Receiver() as receiver:
            _, output = self.service.run(LAB, r"@printf 'a\377\r\n\n--b'", "bytes",
                                         callback_url=receiver.url("scores?id=1&x=%20"))
            _, path, headers, body = self.wait(receiver)
        self.assertEqual(path, "/scores?id=1&x=%20")
        self.assertEqual(headers["Filename"], "bytes")
        self.assertTrue(headers["Content-Type"].startswith("multipart/form-data"))
        head, content = file_of(headers, body)
        self.assertEqual((head["name"], head["filename"]), ("file", "file"))
        self.assertEqual(content.rstrip(b"\r\n"), output.rstrip(b"\r\n"))
        self.assertIn(output, body)

    def test_it_is_held_a_moment_after_addjob_s_answer(self):
        with Receiver() as receiver:
            self.service.open(LAB)
            self.service.upload(LAB, "mk", "all:\n\t@true\n")
            before = time.time()
            self.service.add(LAB, output_file="held", callback_url=receiver.url(),
                             files=[{"localFile": "mk", "destFile": "Makefile"}])
            came, *_ = self.wait(receiver)
        self.assertGreaterEqual(came - before, 0.5)

    def test_it_comes_again_until_it_is_taken_and_then_no_more(self):
        with Receiver(statuses=[500, 503]) as receiver:
            self.service.run(LAB, "@echo x", "again", callback_url=receiver.url())
            for _ in range(3):
                self.wait(receiver)
            with self.assertRaises(queue.Empty):
                receiver.received.get(timeout=1)

    def test_a_cancelled_job_calls_back_too(self):
        with Receiver() as receiver:
            self.service.open(LAB)
            self.service.upload(LAB, "slow.mk", "all:\n\t@sleep 600\n")
            id = self.service.add(LAB, output_file="gone", timeout=600, callback_url=receiver.url(),
                                  files=[{"localFile": "slow.mk",
                                          "destFile": "Makefile"}]).json()["jobId"]
            self.service.post("cancel", KEY, id)
            *_, body = self.wait(receiver)
        self.assertIn(b"cancelled", body)

    def test_one_call_a_job(self):
        with Receiver() as receiver:
            for number in range(10):
                self.service.run(LAB, "@true", f"one{number}", callback_url=receiver.url())
            names = sorted(self.wait(receiver)[2]["Filename"] for _ in range(10))
            self.assertEqual(names, [f"one{number}" for number in range(10)])
            self.assertTrue(receiver.received.empty())

    def test_a_callback_survives_the_service(self):
        with Receiver(statuses=[500]) as receiver:
            self.service.run(LAB, "@true", "owed", callback_url=receiver.url())
            self.wait(receiver)
            self.service.kill()
            self.service.start()
            _, _, headers, _ = self.wait(receiver)
        self.assertEqual(headers["Filename"], "owed")


if __name__ == "__main__":
    service.main()
