#!/usr/bin/env python3
"""`tango ec2 setup-script`, and what the script does on machines as a cloud has them.

Usage: ec2_test.py TANGO SOURCES
"""

import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

TANGO = ""
SOURCES = pathlib.Path()
USER_DATA_BYTES_MAX = 16 * 1024
PATIENCE = 120


def setup_script(*arguments, status=0):
    done = subprocess.run([TANGO, "ec2", "setup-script", *map(str, arguments)], text=True,
                          capture_output=True, timeout=60, check=False)
    assert done.returncode == status, (arguments, done)
    return done.stdout if status == 0 else done.stderr


class InFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="tango-ec2-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, text):
        file = self.folder / name
        file.write_text(text)
        return file

    def config(self, text):
        return self.write("tango.toml", "[vmms.ec2SSH]\n" + text)


class SetupScript(InFolder):
    def setUp(self):
        super().setUp()
        self.defaults = self.config("")

    def test_it_is_user_data_that_cloud_init_takes(self):
        script = setup_script("--config", self.defaults)
        self.assertTrue(script.startswith("#!/bin/sh\n"))
        self.assertLess(len(script.encode()), USER_DATA_BYTES_MAX)
        subprocess.run(["sh", "-n"], input=script, text=True, timeout=60, check=True)

    @unittest.skipIf(shutil.which("shellcheck") is None, "shellcheck is not installed")
    def test_shellcheck_finds_nothing_in_it(self):
        bare = self.config("packages = []\nblock_metadata = false\n")
        for arguments in ((), ("--for-ami",), ("--packages", "make,g++", "--packages", "python3"),
                          ("--config", bare)):
            with self.subTest(arguments=arguments):
                config = () if "--config" in arguments else ("--config", self.defaults)
                checked = subprocess.run(["shellcheck", "-"], text=True, capture_output=True,
                                         input=setup_script(*config, *arguments), timeout=60,
                                         check=False)
                self.assertEqual(checked.stdout, "")

    def test_the_shutdown_timer_is_the_first_that_it_does(self):
        config = self.config('lease = "90s"\nwait_vm_timeout = "1m"\n')
        commands = setup_script("--config", config).split("exit 1\n}\n", 1)[1].split("\n")
        first = [line for line in commands if line and not line.startswith("#")][0]
        self.assertTrue(first.startswith("said=$(shutdown -P +2 "), first)

    def test_an_ami_s_machine_neither_ends_nor_loses_its_metadata(self):
        script = setup_script("--config", self.defaults, "--for-ami")
        for word in ("shutdown", "169.254"):
            self.assertNotIn(word, script)
            self.assertIn(word, setup_script("--config", self.defaults))

    def test_packages_are_the_configuration_s_or_those_named(self):
        config = self.config('packages = ["make", "clang"]\n')
        self.assertIn(" make clang)", setup_script("--config", config))
        named = setup_script("--config", config, "--packages", "make,g++", "--packages", "python3")
        self.assertIn(" make g++ python3)", named)
        self.assertNotIn("clang", named)

    def test_what_is_no_package_is_refused(self):
        for package in ("make;reboot", "-y", "$(id)", "Make", "a b", "a\nb", "../x"):
            with self.subTest(package=package):
                told = setup_script("--config", self.defaults, f"--packages={package}", status=1)
                self.assertTrue(told.startswith("tango: a package's name has"), told)

    def test_more_packages_than_user_data_holds_are_refused(self):
        config = self.config("packages = [" + '"make", ' * 4000 + "]\n")
        self.assertIn("user data of more than 16384 bytes",
                      setup_script("--config", config, status=1))

    def test_a_configuration_with_problems_is_named(self):
        config = self.config("lease = 1\n")
        self.assertIn(f"{config}, line 2: vmms.ec2SSH.lease is to be",
                      setup_script("--config", config, status=1))
        missing = self.folder / "none"
        self.assertIn(str(missing), setup_script("--config", missing, status=1))


def missing_programs():
    needed = [name for name in ("ssh", "ip", "unshare", "nsenter", "sudo", "apt-get")
              if shutil.which(name) is None]
    return needed if pathlib.Path("/usr/sbin/sshd").exists() else needed + ["sshd"]


@unittest.skipIf(os.geteuid() != 0, "only root can make machines")
@unittest.skipIf(missing_programs(), f"not installed: {missing_programs()}")
class Machine(InFolder):
    """A machine with a network of its own, so that nothing of this one's is changed."""

    ADDRESS, PORT = "127.0.10.1", "2222"

    def boot(self, *arguments, config="", before=""):
        """Starts it with the script as its user data, behind the lines `before`."""
        key = self.folder / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True,
                       timeout=60)
        script = setup_script("--config", self.config(config))
        data = self.write("user-data", f"#!/bin/sh\n{before}\n{script}")
        run = [SOURCES / "tests/machine/run-machine", f"--address={self.ADDRESS}",
               f"--port={self.PORT}", f"--authorized-key={key}.pub",
               f"--state={self.folder}/state", f"--user-data={data}", *arguments]
        words = " ".join(shlex.quote(str(word)) for word in run)
        self.machine = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", f"ip link set lo up && exec {words}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end)
        self.assertEqual(self.machine.stdout.readline(), "ready\n", self.console())

    def end(self):
        self.machine.terminate()
        self.machine.wait(PATIENCE)
        self.machine.stdout.close()

    def console(self):
        file = self.folder / "state/console"
        return file.read_text() if file.exists() else ""

    def ssh(self, command, text="", status=0):
        """What a command says that its user gives over ssh."""
        done = subprocess.run(
            ["nsenter", "-t", str(self.machine.pid), "-n", "ssh", "-F", "none", "-i",
             self.folder / "key", "-p", self.PORT, "-o", "StrictHostKeyChecking=no", "-o",
             "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "BatchMode=yes",
             f"ubuntu@{self.ADDRESS}", command],
            input=text, text=True, capture_output=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, status, (command, done, self.console()))
        return done.stdout

    def set_up(self):
        """How the set-up went, once it has ended."""
        self.ssh("until [ -e /var/lib/cloud/instance/boot-finished ]; do sleep 0.1; done")
        return self.ssh("cat /var/lib/tango/set-up")

    def test_a_stock_machine_has_all_that_jobs_need(self):
        self.boot()
        self.assertEqual(self.set_up(), "ok\n", self.console())
        self.assertIn("tango: set-up: ok", self.console())
        self.assertEqual(self.ssh("getent passwd autograde"),
                         "autograde:x:65520:65520::/home/autograde:/bin/sh\n")
        self.assertEqual(self.ssh("stat -c %U:%G /home/autograde"), "autograde:autograde\n")
        self.assertEqual(self.ssh("sudo -n -u autograde -H sh -c 'cd && pwd'"), "/home/autograde\n")

    def test_it_shuts_down_when_its_lease_is_over(self):
        self.boot("--minute=0.05", config='lease = "1h"\n')
        self.assertEqual(self.machine.wait(PATIENCE), 0, self.console())

    def test_its_end_is_put_off_by_a_second_run(self):
        self.boot(config='lease = "20m"\n')
        self.assertEqual(self.set_up(), "ok\n", self.console())
        scheduled = "sudo sed -n s/USEC=//p /run/systemd/shutdown/scheduled"
        first = int(self.ssh(scheduled))
        accounts = "cat /etc/passwd /etc/group | sha256sum; stat -c %i:%Y /etc/passwd"
        before = self.ssh(accounts)
        self.assertIn("tango: set-up: ok",
                      self.ssh("sudo sh", setup_script("--config", self.config(""))))
        self.assertGreater(int(self.ssh(scheduled)), first)
        self.assertEqual(self.ssh(accounts), before)
        self.assertEqual(self.ssh("ls -A /var/lib/tango"), "set-up\n")

    def test_nothing_in_it_reaches_the_metadata_service(self):
        self.boot(before="ip route add default dev lo\n"
                         "ip route get 169.254.169.254 && echo it could be reached")
        self.assertEqual(self.set_up(), "ok\n", self.console())
        self.assertIn("it could be reached", self.console())
        self.ssh("ip route get 169.254.169.254", status=2)
        self.ssh("ip -6 route get fd00:ec2::254", status=2)
        self.ssh("ip route get 192.0.2.1")

    def test_with_the_metadata_service_left_alone_no_route_is_touched(self):
        self.boot(config="block_metadata = false\n")
        self.assertEqual(self.set_up(), "ok\n", self.console())
        self.assertEqual(self.ssh("ip route show"), "")

    def test_the_user_of_an_ami_made_by_hand_is_kept_and_gets_its_home(self):
        self.boot(before="useradd --no-create-home --uid 1234 autograde")
        self.assertEqual(self.set_up(), "ok\n", self.console())
        self.assertEqual(self.ssh("id -u autograde"), "1234\n")
        self.assertEqual(self.ssh("stat -c %U /home/autograde"), "autograde\n")

    def test_numbers_and_names_that_are_taken_are_left_to_those_who_have_them(self):
        self.boot(before="useradd --uid 65520 --user-group other\ngroupadd autograde")
        self.assertEqual(self.set_up(), "ok\n", self.console())
        self.assertNotEqual(self.ssh("id -u autograde"), "65520\n")
        self.assertEqual(self.ssh("id -gn autograde"), "autograde\n")

    # An apt with sources of its own, and no make that is there already.
    APT = """
mkdir -p /etc/apt /srv/debs/make/DEBIAN /srv/debs/make/usr/local/bin /var/lib/dpkg/info \
  /var/lib/dpkg/updates /var/lib/apt/lists/partial /var/cache/apt/archives/partial
touch /var/lib/dpkg/status
mount --bind /dev/null /usr/bin/make
printf '#!/bin/sh\\nexit 1\\n' >/usr/local/sbin/sleep && chmod 755 /usr/local/sbin/sleep
"""
    DEB = """
printf 'Package: make\\nVersion: 1\\nArchitecture: all\\nMaintainer: M <m@example.org>\\n' \
  >/srv/debs/make/DEBIAN/control
echo 'Description: one' >>/srv/debs/make/DEBIAN/control
printf '#!/bin/sh\\necho made\\n' >/srv/debs/make/usr/local/bin/make
chmod 755 /srv/debs/make/usr/local/bin/make
dpkg-deb --root-owner-group --build /srv/debs/make /srv/debs/make.deb
cd /srv/debs && dpkg-scanpackages . >Packages || {
  cat make/DEBIAN/control && echo Filename: ./make.deb && echo "Size: $(stat -c %s make.deb)" &&
    echo "SHA256: $(sha256sum make.deb | cut -d ' ' -f 1)"; } >Packages
echo 'deb [trusted=yes] file:/srv/debs ./' >/etc/apt/sources.list
"""

    def test_where_there_is_no_make_it_is_installed(self):
        self.boot(config='packages = ["make"]\n', before=self.APT + self.DEB)
        self.assertEqual(self.set_up(), "ok\n", self.console())
        self.assertEqual(self.ssh("make"), "made\n")

    def test_what_keeps_make_from_being_installed_is_told(self):
        self.boot(before=self.APT)
        told = self.set_up()
        self.assertTrue(told.startswith("there is no make, and it cannot be installed: E: "), told)
        self.assertEqual(told.count("\n"), 1)
        self.assertIn("tango: set-up: there is no make", self.console())
        self.assertIn("cloud-init: Failed to run", self.console())

    def test_without_packages_a_missing_make_is_told(self):
        self.boot(config="packages = []\n", before="mount --bind /dev/null /usr/bin/make")
        self.assertEqual(self.set_up(), "there is no make: no packages are to be installed\n")

    def test_what_an_earlier_run_left_is_not_taken_for_this_one_s(self):
        self.boot(before="mkdir -p /var/lib/tango && echo ok >/var/lib/tango/set-up\n"
                         "mkdir /var/lib/tango/set-up.new")
        self.ssh("until [ -e /var/lib/cloud/instance/boot-finished ]; do sleep 0.1; done")
        self.ssh("cat /var/lib/tango/set-up", status=1)


if __name__ == "__main__":
    TANGO, SOURCES = sys.argv[1], pathlib.Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
