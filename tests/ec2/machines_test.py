#!/usr/bin/env python3
"""Behind the instances of the test endpoint there are machines that ssh reaches.

Usage: machines_test.py [TEST ...]     (as root; a Python with botocore; Debian: python3-botocore)
"""

import pathlib
import socket
import subprocess
import tempfile
import unittest

import caller


class MachinesTest(caller.EndpointTest):
    """Behind running instances are machines."""

    OPTIONS = ["--ssh-port=2222"]

    def setUp(self):
        super().setUp()
        made = self.ec2.create_key_pair(KeyName="k", KeyType="ed25519")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.key = pathlib.Path(folder.name) / "key"
        self.key.touch(mode=0o600)
        self.key.write_text(made["KeyMaterial"])
        self.ec2.authorize_security_group_ingress(
            GroupName="default", IpProtocol="tcp", FromPort=2222, ToPort=2222,
            CidrIp="127.0.0.1/32")

    def booted(self, **params):
        """The id of an instance that ssh reaches."""
        id = self.run_one(KeyName="k", **params)["InstanceId"]
        self.becomes(id, "running")
        self.region.wait_for(lambda: self.ssh(id, "true")[0] == 0, "ssh")
        return id

    def address(self, id):
        answer = self.ec2.describe_instances(InstanceIds=[id])
        return answer["Reservations"][0]["Instances"][0].get("PublicIpAddress")

    def ssh(self, id, command):
        done = subprocess.run(
            ["ssh", "-F", "/dev/null", "-i", self.key, "-p", "2222", "-o", "BatchMode=yes",
             "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
             "-o", "ConnectTimeout=10", f"ubuntu@{self.address(id)}", command],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        return done.returncode, done.stdout.decode()

    def test_ssh_reaches_an_instance_until_it_is_terminated(self):
        first, second = self.booted(), self.booted()
        self.assertNotEqual(self.ssh(first, "hostname"), self.ssh(second, "hostname"))
        self.assertEqual(self.ssh(first, "sudo -n id -u; ls /home; id autograde"),
                         (1, "0\nubuntu\n"))
        folder = pathlib.Path(self.region.instance(first)["folder"])
        address = self.address(first)
        self.ec2.terminate_instances(InstanceIds=[first])
        self.becomes(first, "terminated")
        self.assertFalse(folder.exists())
        with socket.socket() as probe:
            self.assertNotEqual(probe.connect_ex((address, 2222)), 0)
        self.assertEqual(self.ssh(second, "true")[0], 0)

    def test_the_console_tells_the_host_key(self):
        id = self.booted(UserData="#!/bin/sh\necho set up by $(id -un)\n")
        key = self.ssh(id, "cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub")[1].strip()

        def console():
            return self.ec2.get_console_output(InstanceId=id).get("Output", "")
        self.region.wait_for(lambda: "cloud-init: finished" in console())
        self.assertIn(f"-----BEGIN SSH HOST KEY KEYS-----\r\n{key}", console())
        self.assertIn("set up by root\r\n", console())
        self.region.say("console", id=id, text="lies")
        self.assertEqual(console(), "lies")

    def test_a_machine_that_shuts_down_ends_its_instance(self):
        ends = self.booted(InstanceInitiatedShutdownBehavior="terminate")
        stops = self.booted()
        for id in (ends, stops):
            self.ssh(id, "sudo shutdown -P now")
        self.becomes(ends, "terminated")
        self.becomes(stops, "stopped")

    def test_a_timer_in_the_machine_ends_it(self):
        self.region.say("set", minute_s=0.05)
        id = self.booted(InstanceInitiatedShutdownBehavior="terminate")
        self.ssh(id, "sudo shutdown -P +1000; sudo shutdown -P +7 && sudo shutdown -c")
        self.assertEqual(self.ssh(id, "ls /run/systemd/shutdown"), (0, ""))
        self.ssh(id, "sudo shutdown -P +6")
        self.becomes(id, "terminated")

    def test_an_instance_that_no_group_opens_is_not_reached(self):
        self.ec2.create_security_group(GroupName="shut", Description="shut")
        id = self.run_one(KeyName="k", SecurityGroups=["shut"])["InstanceId"]
        self.becomes(id, "running")
        self.assertEqual(self.ssh(id, "true")[0], 255)
        self.ec2.authorize_security_group_ingress(GroupName="shut", IpProtocol="-1",
                                                  CidrIp="127.0.0.0/8")
        self.region.wait_for(lambda: self.ssh(id, "true")[0] == 0)

    def test_connections_break_and_addresses_change(self):
        id = self.booted()
        self.assertEqual(self.ssh(id, "exit 3")[0], 3)
        before, key = self.address(id), self.ssh(id, "cat /etc/ssh/ssh_host_ed25519_key.pub")
        self.region.say("move", id=id)
        self.assertNotEqual(self.address(id), before)
        self.region.wait_for(lambda: self.ssh(id, "true")[0] == 0)
        self.assertEqual(self.ssh(id, "cat /etc/ssh/ssh_host_ed25519_key.pub"), key)
        self.region.say("freeze", id=id)
        self.region.say("thaw", id=id)
        self.assertEqual(self.ssh(id, "true")[0], 0)
        self.region.say("cut", id=id, listener=True)
        self.assertEqual(self.ssh(id, "true")[0], 255)
        self.assertEqual(self.state(id), "running")


if __name__ == "__main__":
    unittest.main()
