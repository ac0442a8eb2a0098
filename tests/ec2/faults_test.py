#!/usr/bin/env python3
"""What goes wrong between a service, EC2 and its instances, each for real: it is tried again, or
told by its cause, and in the end no instance is left.

Usage: faults_test.py TANGO     (as root; a Python with botocore)
"""

import concurrent.futures
import contextlib
import json
import sys
import time
import unittest

import serving
import service

LAB = "lab"
BEARER = {"Authorization": f"Bearer {service.KEY}"}
# Whatever a fault does to the connection has been seen by the time that the job prints again.
TWO_LINES = "@echo one; sleep 3; echo two"
PATIENCE_S = 120
SPOT_END = {"code": "Server.SpotInstanceTermination",
            "message": "Server.SpotInstanceTermination: Spot instance termination"}
CONFIG = """
limits.timeout = "1m"
pools.vms_max = 1
pools.idle_timeout = "1s"
vmms.ec2SSH.wait_vm_timeout = "15s"
vmms.ec2SSH.reattach_timeout = "10s"
vmms.ec2SSH.instances_max = 40
vmms.ec2SSH.types = ["t3.small", "t3.medium"]
[[vmms.ec2SSH.image]]
name = "crowded"
type = "c5.large"
"""


def scenarios(cls):
    """Makes a test of each static method, which has the service and runs beside the others."""
    names = [name for name, value in vars(cls).items() if isinstance(value, staticmethod)]
    for name in names:
        def test(self, name=name):
            self.running[name].result(PATIENCE_S + 60)
        setattr(cls, f"test_{name}", test)
    cls.names = names
    return cls


class Job:
    """One job with an image's name of its own, by which its instances are found."""

    def __init__(self, server, name, recipe=TWO_LINES, big=b"", **fields):
        self.server, self.region, self.name = server, server.region, name
        files = {"Makefile": f"all:\n\t{recipe}\n".encode()}
        if big:
            files["big"] = big
        for file, content in files.items():
            server.upload(LAB, f"{name}-{file}", content)
        added = server.add(LAB, image=name, jobName=name, output_file=name, **fields, files=[
            {"localFile": f"{name}-{file}", "destFile": file} for file in files]).json()
        if added["statusId"] != 0:
            raise AssertionError(added)
        self.id = int(added["jobId"])

    def told(self):
        """The job as /v1 has it."""
        return self.server.ask("GET", f"/v1/jobs/{self.id}", headers=BEARER).json()

    def instance(self, state="running"):
        """The id of its instance, once it is so far."""
        def find():
            return next((each["id"] for each in self.region.instances()
                         if each["tags"].get("tango:image") == self.name
                         and each["state"] == state), None)
        return self.region.wait_for(find, f"an instance of {self.name}")

    def says(self, line):
        """Returns once the running job has printed that."""
        def look():
            answer = self.server.get("getPartialOutput", service.KEY, str(self.id))
            return line.encode() in answer.body or self.told()["state"] == "ended"
        self.region.wait_for(look, f"{line} of {self.name}")

    def is_at(self, word):
        """Returns once its trace has that word."""
        self.region.wait_for(lambda: any(word in line for line in self.told()["trace"]),
                             f"{word} in the trace of {self.name}")

    def is_over_there(self, instance):
        """Returns once nothing of the job, which sleeps, runs in its instance."""
        def runs():
            return any(line.startswith("sleep ") and line != "sleep infinity"
                       for line in self.region.say("programs", id=instance)["programs"])
        self.region.wait_for(lambda: not runs(), f"the end of {self.name}")

    def output(self):
        return self.server.wait_output(LAB, self.name, PATIENCE_S).decode()

    def ended(self):
        """The job as /v1 has it, at its end."""
        self.output()
        return self.server.wait_for(
            lambda: (told := self.told())["state"] == "ended" and told)

    # ---- what a result may be

    def graded(self):
        told = self.ended()
        output = self.output()
        if told["verdict"] != "succeeded" or "\none\ntwo\n" not in output:
            raise AssertionError(f"{self.name}: {json.dumps(told, indent=1)}\n{output}\n"
                                 f"{self.server.log()}")
        return told

    def graded_at_once(self):
        """Whatever happened, the job ran once."""
        told = self.graded()
        if told["retries"] != 0:
            raise AssertionError(f"{self.name} was run again: {told['trace']}")

    def graded_elsewhere(self, why):
        """Another instance took its place, and the trace says why."""
        told = self.graded()
        if told["retries"] < 1 or why not in "\n".join(told["trace"]):
            raise AssertionError(f"{self.name}: {json.dumps(told['trace'], indent=1)}")

    def failed(self, why):
        told = self.ended()
        if why not in self.output() or told["verdict"] == "succeeded":
            raise AssertionError(f"{self.name}: {json.dumps(told, indent=1)}\n{self.output()}")


class WithService(unittest.TestCase):
    """Shares a region and a service on it, and leaves no instance."""

    running, names = {}, ()

    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.region = cls.stack.enter_context(serving.machines_region())
        cls.prepare(cls.region)
        cls.server = cls.stack.enter_context(serving.Ec2Service(cls.region, CONFIG))
        cls.server.open(LAB)
        cls.threads = cls.stack.enter_context(
            concurrent.futures.ThreadPoolExecutor(max(1, len(cls.names))))
        cls.running = {name: cls.threads.submit(getattr(cls, name), cls.server)
                       for name in cls.names}

    @classmethod
    def prepare(cls, region):
        """What is so from the beginning."""

    @classmethod
    def tearDownClass(cls):
        with cls.stack:
            concurrent.futures.wait(cls.running.values())
            region = cls.region
            region.wait_for(lambda: not region.instances(), "the last instance's end")
            if found := region.violations() or region.say("instances")["volumes_left"]:
                raise AssertionError(found)


@scenarios
class ApiFaults(WithService):
    """EC2 says no, or nothing."""

    @classmethod
    def prepare(cls, region):
        region.say("set", pending_s=0.5)
        for action in ("RunInstances", "DescribeInstances", "CreateSecurityGroup"):
            region.say("fault", action=action, code="RequestLimitExceeded", status=503, count=2)
        region.say("fault", action="ImportKeyPair", kind="lost")
        region.say("capacity", type="c5.large", count=0)
        region.say("stuck", count=1)
        region.say("key", access_key_id=region.other["access_key_id"], denied=["RunInstances"])

    @staticmethod
    def throttled_calls_and_an_instance_stuck_in_pending_are_tried_again(server):
        job = Job(server, "first")
        job.graded()

    @staticmethod
    def what_there_is_no_capacity_for_is_made_of_the_next_type(server):
        job = Job(server, "crowded")
        made = job.instance()
        job.graded()
        assert server.region.instance(made)["type"] != "c5.large"
        assert "InsufficientInstanceCapacity" in [
            call.get("code") for call in server.region.calls("RunInstances")]

    @staticmethod
    def what_is_refused_is_told_with_the_right_that_lacks(server):
        other = server.region.other
        Job(server, "refused", accessKeyId=other["access_key_id"],
            accessKey=other["secret_access_key"]).failed("have no right to ec2:RunInstances")


@scenarios
class Instances(WithService):
    """An instance dies, or is not reached, in each step of a job."""

    @classmethod
    def prepare(cls, region):
        region.say("set", pending_s=0.5)

    @staticmethod
    def one_that_dies_while_pending_gives_way_to_another(server):
        job = Job(server, "pending")
        server.region.say("end", id=job.instance("pending"), **SPOT_END)
        job.graded_elsewhere("SpotInstanceTermination")

    @staticmethod
    def one_that_dies_while_it_is_set_up_gives_way_to_another(server):
        job = Job(server, "setup")
        server.region.say("end", id=job.instance(), **SPOT_END)
        job.graded_elsewhere("SpotInstanceTermination")

    @staticmethod
    def one_that_dies_while_files_come_gives_way_to_another(server):
        job = Job(server, "copyin", big=bytes(64 << 20))
        id = job.instance()
        job.is_at("ready for job")
        server.region.say("end", id=id, **SPOT_END)
        job.graded_elsewhere("SpotInstanceTermination")

    @staticmethod
    def one_that_dies_while_its_job_runs_gives_way_to_another(server):
        job = Job(server, "run")
        id = job.instance()
        job.says("one")
        server.region.say("end", id=id, **SPOT_END)
        job.graded_elsewhere("SpotInstanceTermination")

    @staticmethod
    def one_that_shuts_down_while_its_job_runs_gives_way_to_another(server):
        job = Job(server, "off")
        id = job.instance()
        job.says("one")
        server.region.say("power_off", id=id)
        job.graded_elsewhere("shut")

    @staticmethod
    def one_that_dies_behind_the_last_line_loses_no_job(server):
        job = Job(server, "last", recipe="@echo one; echo two")
        id = job.instance()
        job.says("two")
        server.region.say("end", id=id, **SPOT_END)
        job.graded()

    @staticmethod
    def a_public_address_that_changes_under_a_job_is_followed(server):
        job = Job(server, "moved")
        id = job.instance()
        job.says("one")
        server.region.say("move", id=id)
        job.graded_at_once()


@scenarios
class Connections(WithService):
    """An ssh connection ends, or says nothing any more, in each step of a job."""

    @staticmethod
    def one_cut_while_an_instance_is_set_up_is_made_anew(server):
        job = Job(server, "setup")
        server.region.say("cut", id=job.instance())
        job.graded()

    @staticmethod
    def one_cut_while_files_come_costs_an_instance_and_no_job(server):
        job = Job(server, "copyin", big=bytes(64 << 20))
        id = job.instance()
        job.is_at("ready for job")
        server.region.say("cut", id=id)
        job.graded()

    @staticmethod
    def one_cut_under_a_job_is_taken_up_and_the_job_runs_once(server):
        job = Job(server, "run")
        id = job.instance()
        job.says("one")
        server.region.say("cut", id=id)
        job.graded_at_once()

    @staticmethod
    def one_cut_over_a_job_s_end_still_brings_its_result(server):
        job = Job(server, "end", recipe="@echo one; sleep 0.5; echo two")
        id = job.instance()
        job.says("one")
        server.region.say("freeze", id=id)
        job.is_over_there(id)
        server.region.say("cut", id=id)
        server.region.say("thaw", id=id)
        job.graded_at_once()

    @staticmethod
    def one_frozen_under_a_job_goes_on_when_it_thaws(server):
        job = Job(server, "frozen")
        id = job.instance()
        job.says("one")
        server.region.say("freeze", id=id)
        job.is_over_there(id)
        server.region.say("thaw", id=id)
        job.graded_at_once()

    @staticmethod
    def an_instance_that_is_never_reached_again_gives_way_to_another(server):
        job = Job(server, "silent")
        id = job.instance()
        job.says("one")
        server.region.say("cut", id=id, listener=True)
        job.graded_elsewhere("runJob")


class Credentials(unittest.TestCase):
    """The service's own, where it has them from a role, or a wrong clock."""

    def check_nothing_is_left(self, region):
        region.wait_for(lambda: not region.instances(), "the last instance's end")
        self.assertEqual(region.violations(), [])

    def test_keys_of_a_role_that_expire_are_had_anew(self):
        with serving.machines_region() as region:
            def key(number, **changes):
                region.say("key", access_key_id=f"ASIATANGOROLE{number:07}", secret="s" * 40,
                           token=f"token-{number}", account=region.account, **changes)
                return f"ASIATANGOROLE{number:07}"

            def role(id):
                # The verb is the endpoint's own.
                region.say("role", access_key_id=id)
            role(key(1, expires=time.time() + 3600))
            variables = {name: value for name, value in region.environment().items()
                         if "KEY" not in name}
            with serving.Ec2Service(region, CONFIG, variables) as server:
                server.open(LAB)
                Job(server, "before").graded()
                key(1, expires=time.time() - 1)
                role(key(2, expires=time.time() + 3600))
                Job(server, "after").graded()
                used = [call.get("access_key_id") for call in region.calls("RunInstances")]
                self.assertEqual(used[-1], "ASIATANGOROLE0000002")
            self.check_nothing_is_left(region)

    def test_a_clock_that_is_off_is_told_and_jobs_wait_for_it_to_be_set(self):
        with serving.machines_region() as region:
            region.say("set", clock_off_s=3600)
            with serving.Ec2Service(region, CONFIG) as server:
                server.open(LAB)
                job = Job(server, "waits")
                server.wait_for(lambda: "the clock of this machine is 3600 seconds behind" in
                                server.log())
                region.say("set", clock_off_s=0)
                job.graded_at_once()
            self.check_nothing_is_left(region)


class Killed(unittest.TestCase):
    def test_a_service_killed_with_jobs_under_way_ends_each_once_and_leaves_no_instance(self):
        with serving.machines_region() as region, \
                serving.Ec2Service(region, CONFIG) as server, service.Receiver() as receiver:
            server.open(LAB)
            region.say("set", pending_s=0.5)
            running = [Job(server, f"run{n}", callback_url=receiver.url(f"run{n}"))
                       for n in range(2)]
            for job in running:
                job.says("one")
            fresh = [Job(server, f"fresh{n}", callback_url=receiver.url(f"fresh{n}"))
                     for n in range(2)]
            fresh[0].instance("pending")
            before = {each["id"] for each in region.instances()}
            server.kill()
            server.start()
            jobs = running + fresh
            for job in jobs:
                job.graded()
            told = [receiver.received.get(timeout=PATIENCE_S)[1] for _ in jobs]
            self.assertEqual(sorted(told), sorted(f"/{job.name}" for job in jobs))
            region.wait_for(lambda: not region.instances(), "the last instance's end")
            self.assertTrue(receiver.received.empty())
            self.assertEqual([each["id"] for each in region.instances() if each["id"] in before],
                             [])
            self.assertEqual(region.violations(), [])


if __name__ == "__main__":
    service.TANGO = sys.argv.pop(1)
    if why := serving.cannot_run():
        print(f"skipped: {why}")
        sys.exit(serving.SKIPPED)
    unittest.main(verbosity=2)
