#!/usr/bin/python3
"""Tashi's cluster manager on loopback, for tests: RPyC 3 on the brine and channel of Debian's
python3-rpyc, Python's own pickles behind a white list, and a machine behind each instance.

Usage: server.py [--no-machines] [--ssh-port=2222] [--user=autolab]

The first line of its output is a JSON object: "port", "key_file", "images" (a folder) and
"ssh_config" (a file that knows NAME.vmnet of each instance). It then reads commands, a JSON list a
line, answers each with a line of JSON, and ends with all that it started at the end of its input:

  ["fault", METHOD, KIND, TIMES]   the next TIMES calls of METHOD fail as out_of_order.py says
  ["put", ID, STATE]               an instance is in that state from now on
  ["calls"]                        the methods that were called since it was last asked
  ["instances"]                    the fields of each
  ["hold", YES]                    new instances stay Pending, or no longer
"""

import argparse
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

from rpyc.core import brine, channel, stream

import cluster
import out_of_order
import python2

REQUEST, REPLY, EXCEPTION = 1, 2, 3
BY_VALUE, REMOTE = 1, 4
GET_ROOT, CALL_ATTRIBUTE = 3, 8
ROOT_ID = 140_737_353_956_048


class Server:
    def __init__(self, tashi):
        self.tashi, self.lock = tashi, threading.Lock()
        self.faults, self.calls = {}, []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def fault_of(self, method):
        with self.lock:
            if method != "GETROOT":
                self.calls.append(method)
            kind, times = self.faults.get(method, (None, 0))
            if times > 0:
                self.faults[method] = (kind, times - 1)
                return kind
        return None

    def _accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        wire = channel.Channel(stream.SocketStream(connection))
        try:
            while self._answer(wire, connection):
                pass
        except (EOFError, OSError):
            pass
        finally:
            wire.close()

    def _answer(self, wire, connection):
        """One request; whether there may be another one."""
        kind, sequence, (handler, (label, arguments)) = brine.load(wire.recv())
        if kind != REQUEST or label != BY_VALUE:
            raise EOFError
        method = "GETROOT" if handler == GET_ROOT else arguments[1].decode()
        fault = self.fault_of(method)
        if fault is not None and fault != "lost":
            return out_of_order.carry_out(fault, connection, wire, sequence)
        if handler == GET_ROOT:
            value = (REMOTE, (ROOT_ID, b"ManagerService", b"tashi.rpycservices.rpycservices"))
        elif handler == CALL_ATTRIBUTE and arguments[0] == ROOT_ID and arguments[3] == ():
            value = (BY_VALUE, self._call(method, *arguments[2]))
        else:
            raise EOFError
        if fault == "lost":
            return False
        wire.send(brine.dump((REPLY, sequence, value)))
        return True

    def _call(self, method, pickled):
        """Tashi's ManagerService: exceptions are answers, too."""
        try:
            arguments = python2.loads(pickled)
            if method not in ("createVm", "getInstances", "destroyVm"):
                raise AttributeError("RPC does not exist")
            given = getattr(self.tashi, method)(*arguments)
        except Exception as exception:  # pylint: disable=broad-except
            given = exception
        return python2.dumps(given)


def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return plain(vars(value)) if hasattr(value, "__dict__") else value


def carry_out(server, tashi, command, *arguments):
    if command == "fault":
        method, kind, times = arguments
        with server.lock:
            server.faults[method] = (kind, times)
    elif command == "put":
        tashi.put(*arguments)
    elif command == "hold":
        tashi.scheduling = not arguments[0]
    elif command == "instances":
        return plain(tashi.getInstances())
    elif command == "calls":
        with server.lock:
            calls, server.calls = server.calls, []
        return calls
    else:
        raise ValueError(command)
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--no-machines", action="store_true")
    parser.add_argument("--ssh-port", type=int, default=2222)
    parser.add_argument("--user", default="autolab")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tango-tashi-"))
    try:
        key = folder / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        images = folder / "images"
        images.mkdir()
        (folder / "ssh_config").touch()
        tashi = cluster.Cluster(
            folder, images, key.with_suffix(".pub").read_text(), options.user, options.ssh_port)
        tashi.machines_are_real = not options.no_machines
        server = Server(tashi)
        print(json.dumps({"port": server.port, "key_file": str(key), "images": str(images),
                          "ssh_config": str(folder / "ssh_config"),
                          "ssh_port": options.ssh_port}), flush=True)
        for line in sys.stdin:
            print(json.dumps(carry_out(server, tashi, *json.loads(line))), flush=True)
        tashi.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


main()
