"""What the attacks of clients share: a service, and an honest job behind each attack."""

import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "wire"))
import service  # pylint: disable=wrong-import-position
from service import KEY  # pylint: disable=wrong-import-position

LAB = "honest"
BEARER = {"Authorization": f"Bearer {KEY}"}


class Told(unittest.TestCase):
    """Prints a line for each attack, when all else about it is over."""

    measured = ""

    def run(self, result=None):
        began = time.monotonic()
        failed = len(result.failures) + len(result.errors)
        super().run(result)
        failed = len(result.failures) + len(result.errors) - failed
        what = self.id().split(".")[-1].removeprefix("test_").replace("_", " ")
        print(f"{'broke' if failed else 'held':6} {what:60} {time.monotonic() - began:6.1f} s"
              f"  {self.measured}", flush=True)
        return result


class Attacked(Told, service.WireTest):
    """One service for the attacks of a class. Behind each it is the same process, and grades."""

    def setUp(self):
        self.pid = self.service.process.pid

    def tearDown(self):
        self.assertIsNone(self.service.process.poll(), "the service has ended")
        self.assertEqual(self.service.process.pid, self.pid)
        self.honest()

    def honest(self):
        """An honest client's job is graded right."""
        token = f"{time.monotonic_ns()}"
        _, output = self.service.run(LAB, f"@echo graded {token}", f"out{token}")
        self.assertTrue(output.endswith(f"\ngraded {token}\n".encode()), output)

    def answered(self, answer):
        """It was told something, and it is not the service's fault."""
        self.assertLess(answer.status, 500, answer.body)
        self.assertTrue(answer.status == 200 or answer.body or answer.status in (404, 405))
        return answer

    def memory(self, field="VmRSS"):
        """In MiB: VmRSS now, VmHWM at most until now."""
        return self.service.memory_kib(field) / 1024

    def sanitized(self):
        """Whether it is a build with a sanitizer: told by its address space of many TiB."""
        return self.memory("VmSize") >= 1 << 20

    def grown_less(self, grown, most):
        """In MiB. A sanitizer keeps what is freed."""
        if not self.sanitized():
            self.assertLess(grown, most)

    def descriptors(self):
        return len(list(pathlib.Path(f"/proc/{self.pid}/fd").iterdir()))
