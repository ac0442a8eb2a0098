#!/usr/bin/env python3
"""The documentation's section on Amazon EC2 as somebody walks it, step by step, and the short way.

Usage: walk_test.py TANGO TANGO_CLI AUTODRIVER SOURCES   (as root; a Python with botocore)
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import textwrap
import unittest

import serving
import service
import tango_server
import caller

TANGO = TANGO_CLI = AUTODRIVER = ""
SOURCES = pathlib.Path()
SEED_AMI = "ami-4c99c35b"
GROUP, KEY_PAIR = "autolab-autograde-ec2", "my-key-pair"
KEY = "test"  # what config.py has where its environment names no other

# Steps 6 and 7, for root in the folder in which scp has left autodriver/. The machine's /usr is
# the host's, so that another has to be laid over it first.
PREPARED = """
mkdir -p /srv/bin /srv/work && mount -t overlay overlay -o \
  lowerdir=/usr/bin,upperdir=/srv/bin,workdir=/srv/work /usr/bin
cp -p autodriver/autodriver /usr/bin/autodriver
useradd autograde
mkdir autograde
chown autograde autograde
chown :autograde autograde
"""
JOB = '@echo "graded by $$(id -un)"; echo "{\\"scores\\": {\\"Problem 1\\": 9}}"'


class Walk(unittest.TestCase):
    def setUp(self):
        self.region = serving.machines_region()
        self.addCleanup(self.region.close)
        folder = tempfile.TemporaryDirectory(prefix="tango-walk-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.home = self.folder / "home"
        self.home.mkdir()
        self.ends = []

    def tearDown(self):
        for end in self.ends:  # with it go the instances that nobody needs any more
            end()
        self.assertEqual(self.region.violations(), [])
        self.region.wait_for(lambda: not self.region.instances(), "the last instance's end")
        self.assertEqual(self.region.say("instances")["volumes_left"], [])

    def run_program(self, *words, env, status=0):
        done = tango_server.run(*words, env=env)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    # ---- in the console

    def console(self):
        ec2 = caller.SESSION.create_client(
            "ec2", region_name=self.region.region, endpoint_url=self.region.ec2,
            aws_access_key_id=self.region.access_key_id,
            aws_secret_access_key=self.region.secret_access_key)
        self.addCleanup(ec2.close)
        return ec2

    def key_pair_and_group(self, ec2):
        """The .pem file, in a safe location."""
        pem = self.folder / "my-key-pair.pem"
        pem.touch(mode=0o600)
        pem.write_text(ec2.create_key_pair(KeyName=KEY_PAIR)["KeyMaterial"])
        pem.chmod(0o400)
        ec2.create_security_group(GroupName=GROUP, Description="full access")
        ec2.authorize_security_group_ingress(GroupName=GROUP, IpProtocol="-1",
                                             CidrIp="0.0.0.0/0")
        return pem

    def machine_to_prepare(self, ec2, pem):
        """Step 4: an instance, and the words of an ssh or scp to it."""
        made = ec2.run_instances(ImageId=caller.AMI, InstanceType="t2.micro", MinCount=1,
                                 MaxCount=1, KeyName=KEY_PAIR, SecurityGroups=[GROUP])
        id = made["Instances"][0]["InstanceId"]

        def address():
            answer = ec2.describe_instances(InstanceIds=[id])
            return answer["Reservations"][0]["Instances"][0].get("PublicIpAddress")
        at = self.region.wait_for(address, "a public address")
        options = ["-F", "/dev/null", "-i", pem, "-o", "BatchMode=yes", "-o",
                   "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={self.folder}/known"]
        ssh = ["ssh", *options, "-p", self.region.ssh_port, f"ubuntu@{at}"]
        self.region.wait_for(lambda: tango_server.run(*ssh, "true").returncode == 0, "ssh")
        return id, ssh, ["scp", *options, "-P", self.region.ssh_port], f"ubuntu@{at}:~/"

    def custom_ami(self, ec2, pem):
        """Steps 4 to 8."""
        autodriver = self.folder / "autodriver"
        autodriver.mkdir()
        program = autodriver / "autodriver"
        program.write_bytes(pathlib.Path(AUTODRIVER).read_bytes())
        program.chmod(0o4755)
        id, ssh, scp, there = self.machine_to_prepare(ec2, pem)
        self.run_program(*scp, "-r", autodriver, there, env=None)
        self.run_program(*ssh, f"sudo sh -e -c '{PREPARED}'", env=None)
        self.assertIn("autograde", self.run_program(*ssh, "ls -l /home /usr/bin/autodriver; "
                                                    "id autograde; stat -c %U autograde", env=None))
        self.snapshot(program)
        ec2.terminate_instances(InstanceIds=[id])

    def snapshot(self, program):
        """Step 8. The endpoint has no disks: its image does the same again in every machine."""
        packed = subprocess.run(["base64", program], capture_output=True, check=True).stdout
        script = self.folder / "made-by"
        script.write_bytes(b"#!/bin/sh\nset -e\ncd /home/ubuntu\nmkdir -p autodriver\n"
                           b"base64 -d >autodriver/autodriver <<'_END'\n" + packed + b"_END\n"
                           b"chmod 4755 autodriver/autodriver\n" + PREPARED.encode())
        self.region.say("image", id=SEED_AMI, made_by=str(script))

    # ---- on the machine that Tango runs on

    def boto_file(self):
        """Step 3, as it is printed there."""
        (self.home / ".boto").write_text(textwrap.dedent(f"""\
            [Credentials]
            \taws_access_key_id = {self.region.access_key_id}
            \taws_secret_access_key = {self.region.secret_access_key}
            """))
        (self.home / ".boto").chmod(0o600)

    def imported(self, pem, env):
        """Step 9: tango.toml made of a config.py that has the seed's values."""
        text = (SOURCES / "tests/tango/python_config/ec2.py").read_text()
        config, toml = self.folder / "config.py", self.folder / "tango.toml"
        config.write_text(text.replace("/path/to/my-key-pair.pem", str(pem)))
        self.run_program(TANGO, "config", "import", config, "-o", toml, env=env)
        # Where the region of the test differs from that of AWS: sshd's port.
        toml.write_text(toml.read_text().replace(
            "[vmms.ec2SSH]\n", f"[vmms.ec2SSH]\nport = {self.region.ssh_port}\n"))
        self.run_program(TANGO, "config", "check", toml, env=env)
        return toml

    def serve(self, *arguments, env):
        """The service's port. It ends with the test."""
        log = self.folder / "log"
        with open(log, "ab") as told:
            process = subprocess.Popen(
                [TANGO, "serve", "--data-dir", self.folder / "data", "--port", "0", *arguments],
                stdout=subprocess.PIPE, stderr=told, text=True, env=env)

        def end():
            process.terminate()
            status = process.wait(60)
            process.stdout.close()
            self.assertEqual(status, 0, log.read_text())
        line = process.stdout.readline()
        self.assertTrue(line.startswith("listening on "), log.read_text())
        self.ends.append(end)
        return line.rstrip("/\n").rpartition(":")[2]

    def graded_by_cli(self, port, env):
        """Step 10: the output of one job."""
        makefile = self.folder / "Makefile"
        makefile.write_text(f"all:\n\t{JOB}\n")

        def cli(*words):
            said = self.run_program(TANGO_CLI, "-P", port, "-k", KEY, *words, env=env)
            return said.split("\n", 1)[1]
        cli("--open", "-l", "lab")
        cli("--upload", "-l", "lab", "--filename", makefile)
        added = json.loads(cli("--addJob", "-l", "lab", "--image", "rhel.img", "--infiles",
                               '{"localFile": "Makefile", "destFile": "Makefile"}'))
        self.assertEqual(added["statusMsg"], "Job added")

        def poll():
            done = tango_server.run(TANGO_CLI, "-P", port, "-k", KEY, "--poll", "-l", "lab",
                                    env=env)
            return done.stdout if done.returncode == 0 else None
        return self.region.wait_for(poll, "the output")

    def test_the_guide_s_steps_grade_a_job(self):
        self.boto_file()
        ec2 = self.console()
        pem = self.key_pair_and_group(ec2)
        self.custom_ami(ec2, pem)
        env = serving.environment(self.home, AWS_ENDPOINT_URL_EC2=self.region.ec2,
                                  AWS_EC2_METADATA_DISABLED="true")
        toml = self.imported(pem, env)
        port = self.serve("--config", toml, env=env)
        self.region.calls(clear=True)
        output = self.graded_by_cli(port, env)
        self.assertIn("\ngraded by autograde\n{\"scores\": {\"Problem 1\": 9}}\n", output,
                      (self.folder / "log").read_text())
        made = [each for each in self.region.instances(all=True) if "tango:owner" in each["tags"]]
        self.assertGreater(len(made), 0)
        for each in made:
            self.assertEqual((each["image"], each["type"], each["key"], each["groups"]),
                             (SEED_AMI, "t2.micro", KEY_PAIR, [GROUP]))
            self.assertTrue(each["ends_by_shutdown"] and each["tokens_required"]
                            and each["volume_goes"])
        # What the guide had people make is used: no key pair and no group is made beside it.
        for action in ("ImportKeyPair", "CreateSecurityGroup", "AuthorizeSecurityGroupIngress"):
            self.assertEqual(self.region.calls(action), [])

    def test_the_short_way_needs_credentials_and_a_region_alone(self):
        env = serving.environment(self.home, **self.region.environment(), TANGO_KEY=service.KEY)
        config = self.folder / "tango.toml"
        config.write_text(serving.section(self.region))
        port = self.serve("--config", config, "--key", service.KEY, env=env)
        said = self.run_program(TANGO, "submit", SOURCES / "examples/hello", "--image", "any",
                                "--wait", "--server", f"http://127.0.0.1:{port}", env=env)
        self.assertIn("Hello from a Tango job!\nI run as autograde in /home/autograde/autolab.\n",
                      said)
        made = self.region.instances(all=True)
        self.assertEqual({each["image"] for each in made}, {caller.AMI})
        groups = [each for each in self.region.say("groups")["groups"]
                  if each["name"].startswith("tango-")]
        self.assertEqual([[rule[:4] for rule in each["rules"]] for each in groups],
                         [[["tcp", serving.SSH_PORT, serving.SSH_PORT, "127.0.0.1/32"]]])
        pairs = self.region.say("key_pairs")["key_pairs"]
        self.assertEqual([each["name"] for each in pairs], [groups[0]["name"]])


class OwnAccount(unittest.TestCase):
    """A job that brings credentials of its own."""

    def run_job(self, server, other, name, **fields):
        server.open("lab")
        server.upload("lab", f"{name}.mk", f"all:\n\t{JOB}\n")
        added = server.add("lab", image="any", output_file=name, accessKeyId=other["access_key_id"],
                           accessKey=other["secret_access_key"],
                           files=[{"localFile": f"{name}.mk", "destFile": "Makefile"}],
                           **fields).json()
        self.assertEqual(added["statusId"], 0, added)
        return int(added["jobId"]), server.wait_output("lab", name)

    def test_its_instance_is_of_that_account_and_its_secret_is_nowhere(self):
        with serving.machines_region() as region, serving.Ec2Service(region) as server:
            other = region.other
            id, output = self.run_job(server, other, "out")
            self.assertIn(b"\ngraded by autograde\n", output)
            region.wait_for(lambda: not region.instances(), "the instance's end")
            self.assertEqual([each["account"] for each in region.instances(all=True)],
                             [other["account"]])
            bearer = {"Authorization": f"Bearer {service.KEY}"}
            said = [server.ask("GET", path, headers=bearer).body for path in (
                f"/v1/jobs/{id}", "/v1/jobs", f"/v1/jobs/{id}/output", "/v1/pools", "/v1/vmms",
                "/v1/info", "/v1/images", "/metrics")]
            said += [server.get("jobs", service.KEY, dead).body for dead in "01"]
            said += [server.get("info", service.KEY).body, server.log().encode(), output]
            self.assertEqual(server.stop(), 0)
            files = [each for each in server.path.rglob("*") if each.is_file()]
            said += [each.read_bytes() for each in files]
            self.assertGreater(len(files), 3)
            secret = other["secret_access_key"].encode()
            # Also in no other writing: of URLs, or of JSON.
            words = secret, re.sub(rb"[+/]", lambda c: b"%%%02X" % c[0][0], secret), \
                secret.replace(b"/", b"\\/")
            for text in said:
                for word in words:
                    self.assertNotIn(word, text)
            self.assertEqual(region.violations(), [])

    def test_a_wrong_secret_is_the_job_s_own_failure_and_is_not_shown(self):
        with serving.machines_region() as region, serving.Ec2Service(region) as server:
            wrong = {**region.other, "secret_access_key": "wrong+secret/of40characters012345678901"}
            _, output = self.run_job(server, wrong, "out")
            self.assertIn(b"AuthFailure: AWS was not able to validate", output)
            self.assertNotIn(b"wrong+secret", output + server.log().encode())
            self.assertEqual(region.instances(all=True), [])


if __name__ == "__main__":
    TANGO, TANGO_CLI, AUTODRIVER = sys.argv[1:4]
    SOURCES = pathlib.Path(sys.argv[4])
    service.TANGO = TANGO
    if why := serving.cannot_run():
        print(f"skipped: {why}")
        sys.exit(serving.SKIPPED)
    unittest.main(argv=sys.argv[:1] + sys.argv[5:], verbosity=2)
