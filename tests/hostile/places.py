"""Where attacks run: one class for each VMMS, with all that the runner has to know of it."""

import json
import os
import pathlib
import shutil
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
for folder in ("wire", "docker", "ec2"):
    sys.path.insert(0, str(TESTS / folder))
# pylint: disable=wrong-import-position
import daemon
import dockered
import region
import service
from attack import require

CannotRun = (daemon.CannotRun, service.CannotRun)


class Place:
    """A VMMS that a service can have. `with PLACE(...) as place` makes it ready."""

    name = ""
    image = ""
    engine_socket = "/var/run/docker.sock"  # for attacks that look for one

    def __init__(self, images):
        self.images = images

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def config(self, vms_max=0):
        """The head of a configuration; `vms_max` 0: as many VMs as there is room for."""
        raise NotImplementedError

    def selects(self, attack):
        """Whether it is one of those that the tests show this VMMS."""
        return attack.selected or attack.over_ssh

    def check_end(self):
        """Nothing of any VM is left, now that the service has stopped."""


class Sandbox(Place):
    name = "sandbox"
    image = "host"

    def config(self, vms_max=0):
        return f"vmms.sandbox.vms_max = {vms_max}\n"

    def check_end(self):
        left = [pid for pid in daemon.processes(
            lambda pid: b"tango-hostile-data" in pathlib.Path(f"/proc/{pid}/environ").read_bytes())]
        require(not left, f"processes are left of the sandbox: {left}")


class LocalDocker(Place):
    name = "localDocker"
    image = dockered.STOCK

    def __enter__(self):
        daemon.own_mounts()
        self.engine = daemon.DockerDaemon(self.images, ["stock"]).__enter__()
        self.engine_socket = self.engine.socket
        return self

    def __exit__(self, *failure):
        self.engine.__exit__(*failure)

    def config(self, vms_max=0):
        return dockered.local_docker(self.engine, vms_max=vms_max)

    def check_end(self):
        left = self.engine.containers()
        require(not left, f"containers are left: {[each['Names'] for each in left]}")
        require(not self.engine.volumes(), "volumes are left")


class Ec2Ssh(Place):
    """Instances of the tests' own EC2: machines that ssh reaches, made for each job."""

    name = "ec2SSH"
    image = "any"
    SSH_PORT = 2299
    INSTANCES_MAX = 40  # those that are on their way out count too

    def __enter__(self):
        if os.geteuid() != 0 or not shutil.which("sshd", path=os.environ["PATH"] + ":/usr/sbin"):
            raise daemon.CannotRun("machines that ssh reaches need root and openssh-server")
        try:
            self.cloud = region.Region(f"--ssh-port={self.SSH_PORT}")
        except RuntimeError as why:
            raise daemon.CannotRun(f"{why}: is python3-botocore installed?") from why
        return self

    def __exit__(self, *_):
        self.cloud.close()

    def config(self, vms_max=0):
        keys = {"enabled": True, "endpoint": self.cloud.ec2, "region": self.cloud.region,
                "access_key_id": self.cloud.access_key_id,
                "secret_access_key": self.cloud.secret_access_key, "port": self.SSH_PORT,
                "ssh_from": ["127.0.0.0/8"], "instances_max": vms_max or self.INSTANCES_MAX}
        return "\n".join(['default_vmms = "ec2SSH"', "vmms.sandbox.enabled = false",
                          *(f"vmms.ec2SSH.{key} = {json.dumps(value)}"
                            for key, value in keys.items()), ""])

    def selects(self, attack):
        return attack.over_ssh

    def check_end(self):
        self.cloud.wait_for(lambda: not self.cloud.instances(), "that no instance is left")
        wrong = self.cloud.violations()
        require(not wrong, f"EC2 was called in ways that it forbids: {wrong}")


PLACES = {place.name: place for place in (Sandbox, LocalDocker, Ec2Ssh)}


def not_enforced_here():
    """What this machine's kernel cannot show, for the table's reader."""
    status = pathlib.Path("/proc/self/status").read_text()
    rights = int(status.partition("CapEff:")[2].split()[0], 16)
    notes = []
    if not rights >> 24 & 1:
        notes.append("not enforced here: root has no CAP_SYS_RESOURCE, so nobody could raise a "
                     "hard limit or lower an oom_score_adj anyway")
    if not pathlib.Path("/sys/fs/cgroup/cgroup.controllers").exists():
        notes.append("not enforced here: the controllers are those of control groups v1; limits of "
                     "v2 are shown by the tests in a guest (tests/guest)")
    if len(pathlib.Path("/proc/swaps").read_text().splitlines()) < 2:
        notes.append("not enforced here: there is no swap, so that a limit of it holds by itself")
    return notes
