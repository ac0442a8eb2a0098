"""A service whose jobs run on instances of region.py, as tests of it use it."""

import json
import os
import pathlib
import sys
import tempfile

for folder in ("wire", "tango"):
    sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / folder))
# pylint: disable=wrong-import-position
import region as regions
import service

SKIPPED = service.SKIPPED
SSH_PORT = 2222  # 22 may be somebody's


def cannot_run():
    """Why there are no machines here, or None."""
    return None if os.geteuid() == 0 else "only root can make machines"


def environment(home, **variables):
    """That of a user who has this home, and has never been near AWS."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("AWS_", "TANGO_", "BOTO"))}
    return {**kept, "HOME": str(home), **variables}


def section(region, **keys):
    """[vmms.ec2SSH] for the region: what differs from AWS's own is where things are."""
    keys = {"port": region.ssh_port, "own_address_url": f"{region.control}/checkip", **keys}
    lines = ['default_vmms = "ec2SSH"', "vmms.sandbox.enabled = false",
             "vmms.ec2SSH.enabled = true"]
    lines += [f"vmms.ec2SSH.{key} = {json.dumps(value)}" for key, value in keys.items()]
    return "\n".join([*lines, ""])


class Ec2Service(service.Service):
    """A service on `region`, by the variables of the environment alone; `toml` is what its
    configuration has beside that."""

    def __init__(self, region, toml="", variables=None, **keys):
        self.region = region
        self.home = tempfile.TemporaryDirectory(prefix="tango-home-")
        if variables is None:
            variables = region.environment()
        super().__init__(section(region, **keys) + toml,
                         environment=environment(self.home.name, **variables))

    def __exit__(self, *_):
        super().__exit__()
        self.home.cleanup()


def machines_region():
    return regions.Region(f"--ssh-port={SSH_PORT}")
