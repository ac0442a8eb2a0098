#!/usr/bin/env python3
"""The tests of the wire, with jobs in Docker containers.

Usage: wire_test.py TANGO IMAGES [SUBJECT ...]
"""

import os
import pathlib
import subprocess
import sys

import daemon
import dockered

SUBJECTS = ("callback", "files", "jobs", "output", "pools")


def main():
    tango, cache, *subjects = sys.argv[1:]
    failed = []
    try:
        daemon.own_mounts()
        with daemon.DockerDaemon(cache, ["stock"]) as engine:
            steered = {**os.environ, "TANGO_WIRE_IMAGE": dockered.STOCK,
                       "TANGO_WIRE_VMMS": "localDocker",
                       "TANGO_WIRE_CONFIG": dockered.local_docker(engine)}
            for subject in subjects or SUBJECTS:
                program = pathlib.Path(__file__).parent.parent / f"wire/{subject}_test.py"
                print(f"---- {subject}", flush=True)
                if subprocess.run([sys.executable, program, tango], env=steered,
                                  check=False).returncode:
                    failed.append(subject)
                if left := engine.containers():
                    failed.append(f"{subject}: {len(left)} containers are left")
    except daemon.CannotRun as why:
        print(f"skipped: {why}")
        return daemon.SKIPPED
    print("failed: " + ", ".join(failed) if failed else "all went well")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
