#!/usr/bin/env python3
"""Jobs on an instance that is a real virtual machine: a QEMU guest with Debian's own kernel.

Usage: guest_test.py TANGO     (as root; a Python with botocore)
"""

import sys
import unittest

import serving
import service

STOCK_AMI = "ami-0a0000000000000e2"
PATIENCE_S = 300  # everything in the guest takes many times as long
CONFIG = """
jobs.retries = 0
pools.vms_max = 1
pools.idle_timeout = "1s"
"""
RECIPE = "@uname -r; id -un; cat /proc/self/cgroup"


class Guest(unittest.TestCase):
    def setUp(self):
        self.region = serving.machines_region()
        self.addCleanup(self.region.close)
        self.region.say("image", id=STOCK_AMI, guest=True)

    def test_a_job_is_graded_in_it_and_it_is_terminated(self):
        with serving.Ec2Service(self.region, CONFIG) as server:
            server.open("lab")
            server.upload("lab", "m", f"all:\n\t{RECIPE}\n")
            added = server.add("lab", image="any", timeout=120, files=[
                {"localFile": "m", "destFile": "Makefile"}]).json()
            self.assertEqual(added["statusId"], 0, added)
            output = server.wait_output("lab", "out", PATIENCE_S).decode()
            self.assertRegex(output, r"\n\S+-cloud-amd64\nautograde\n0::/tango-", server.log())
            self.region.wait_for(lambda: not self.region.instances(), "the guest's end")
        self.assertEqual(self.region.violations(), [])

    def test_one_whose_service_is_gone_shuts_itself_down(self):
        self.region.say("set", minute_s=1)
        with serving.Ec2Service(self.region, CONFIG + '[[prealloc]]\nimage = "any"\nvms = 1\n',
                                lease="15m") as server:
            self.region.wait_for(self.region.instances, "an instance")
            server.kill()
            id = self.region.instances()[0]["id"]
            server.wait_for(lambda: self.region.instance(id)["state"] == "terminated", PATIENCE_S)
        self.assertEqual(self.region.violations(), [])


if __name__ == "__main__":
    service.TANGO = sys.argv.pop(1)
    if why := serving.cannot_run():
        print(f"skipped: {why}")
        sys.exit(serving.SKIPPED)
    unittest.main(verbosity=2)
