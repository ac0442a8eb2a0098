#!/usr/bin/env python3
"""An endpoint of the EC2 Query API on loopback, for tests: a contract, not a mock. Every request is
held against EC2's published service model, its signature is computed anew, and behind each running
instance there is a machine that ssh reaches (tests/machine/run-machine).

Usage: endpoint.py [--no-machines] [--region=us-east-1] [--ssh-port=22] [--user=ubuntu]
                   [--certificate=FILE --certificate-key=FILE]

The first line of its output is a JSON object: the URLs "ec2", "control" (control.py) and
"metadata", and what a caller needs: "region", "access_key_id", "secret_access_key", "account", and
the same of another account below "other". It ends, with all that it started, at the end of its
input.
"""

import argparse
import dataclasses
import email.utils
import http.server
import json
import re
import shutil
import signal
import ssl
import sys
import tempfile
import threading
import uuid

import contract
import control
import faults
import instances  # the actions declare themselves
import keypairs
import metadata
import networks
import offers
import signature
import world as worlds
from actions import ACTIONS

BODY_BYTES_MAX = 1 << 20
DECLARE_ACTIONS = (instances, keypairs, networks, offers)


@dataclasses.dataclass
class Request:
    method: str
    target: str
    headers: object
    body: bytes


class Journal:
    def __init__(self):
        self.calls, self.violations = [], []


class Api:
    """Requests in, answers out; whatever is wrong with a request is in the journal."""

    def __init__(self, world, planned, journal):
        self.world, self.planned, self.journal = world, planned, journal
        self.contract = contract.Contract()

    def answer(self, request):
        """(status, body, fault or None)"""
        request_id, entry = str(uuid.uuid4()), {"action": None, "at": self.world.now()}
        self.journal.calls.append(entry)
        try:
            self.check_form(request)
            action, params, refusal = self.read(request.body)
            entry.update(action=action, params=json.loads(json.dumps(params, default=repr)))
            with self.world.lock:
                key = signature.check(request, self.world.accounts, self.world.region,
                                      self.world.now())
                entry["access_key_id"] = key.access_key_id
                if refusal:
                    raise refusal
                fault = self.planned.take(action)
                if fault:
                    entry["fault"] = fault.kind
                    if fault.kind == "error":
                        raise contract.Refusal(fault.code, fault.message, fault.status)
                    if fault.kind not in faults.DONE_ALL_THE_SAME:
                        return fault.status, b"", fault
                body = self.act(action, params, key, request_id)
            entry["status"] = 200
            return 200, body, fault
        except contract.Refusal as refusal:
            if isinstance(refusal, contract.Violation):
                self.journal.violations.append(
                    {"action": entry["action"], "kind": type(refusal).__name__,
                     "what": f"{refusal}", "form": request.body.decode(errors="replace")})
            entry.update(status=refusal.status, code=refusal.code, message=refusal.message)
            return refusal.status, contract.write_refusal(refusal, request_id), None

    def act(self, action, params, key, request_id):
        if action not in ACTIONS:
            raise contract.Refusal("UnsupportedOperation", f"this endpoint has no {action}")
        if action in key.denied:
            raise contract.Refusal("UnauthorizedOperation", "You are not authorized to perform "
                                   f"this operation. User: arn:aws:iam::{key.account}:user/tango "
                                   f"is not authorized to perform: ec2:{action}", 403)
        answer = ACTIONS[action](self.world, self.world.owners[key.account], params)
        return self.contract.write(action, request_id, answer)

    def read(self, body):
        """(action, parameters, what is wrong with them or None)"""
        try:
            return *self.contract.read(body), None
        except contract.Violation as violation:
            found = re.search(rb"(?:^|&)Action=([A-Za-z]+)", body)
            return found[1].decode() if found else None, None, violation

    @staticmethod
    def check_form(request):
        kind = request.headers.get("Content-Type", "").lower().replace(" ", "")
        if request.method != "POST" or request.target != "/":
            raise contract.Violation("InvalidRequest", f"{request.method} {request.target}, not "
                                     "POST /", 405)
        if kind not in ("application/x-www-form-urlencoded",
                        "application/x-www-form-urlencoded;charset=utf-8"):
            raise contract.Violation("InvalidRequest", f"Content-Type {kind!r}")


class Handler(http.server.BaseHTTPRequestHandler):
    """What the servers share."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def date_time_string(self, timestamp=None):
        return email.utils.formatdate(timestamp or self.server.world.now(), usegmt=True)

    def body(self):
        size = int(self.headers.get("Content-Length", "0"))
        return self.rfile.read(min(size, BODY_BYTES_MAX))

    def send(self, status, body, kind="text/xml;charset=UTF-8", cut_at=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:cut_at])


class ApiHandler(Handler):
    def do_POST(self):  # pylint: disable=invalid-name
        request = Request(self.command, self.path, self.headers, self.body())
        status, body, fault = self.server.api.answer(request)
        kind = fault.kind if fault else ""
        if kind == "hang":
            self.server.closing.wait()
        if kind == "slow":
            self.server.closing.wait(fault.delay_s)
        if kind in ("hang", "cut", "lost"):
            self.close_connection = True
        elif kind == "garbage":
            self.send(200, b"\0<DescribeInstancesResponse><<>&&;")
        elif kind == "html":
            self.send(status, b"<html><body><h1>Bad Gateway</h1></body></html>", "text/html")
        elif kind == "truncated":
            self.close_connection = True
            self.send(status, body, cut_at=len(body) // 2)
        else:
            self.send(status, body)

    do_GET = do_PUT = do_HEAD = do_DELETE = do_POST


class ControlHandler(Handler):
    def do_GET(self):  # pylint: disable=invalid-name
        if self.path == "/checkip":
            self.send(200, f"{self.server.world.settings.client_address}\n".encode(), "text/plain")
        else:
            self.send(404, b"", "text/plain")

    def do_POST(self):  # pylint: disable=invalid-name
        try:
            given = json.loads(self.body() or b"{}")
            if self.path == "/role":
                self.server.metadata.access_key_id = given["access_key_id"]
                answer, status = {}, 200
            else:
                answer, status = self.server.control.call(self.path[1:], given), 200
        except (ValueError, KeyError, TypeError, AttributeError, OSError) as why:
            answer, status = {"error": f"{type(why).__name__}: {why}"}, 400
        self.send(status, json.dumps(answer).encode(), "application/json")


class MetadataHandler(Handler):
    def do_PUT(self):  # pylint: disable=invalid-name
        self.body()
        self.say(*self.server.metadata.put(self.path, self.headers))

    def do_GET(self):  # pylint: disable=invalid-name
        self.say(*self.server.metadata.get(self.path, self.headers))

    def say(self, status, text):
        self.send(status, text.encode(), "text/plain")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, handler, world, closing, **parts):
        super().__init__(("127.0.0.1", 0), handler)
        self.world, self.closing = world, closing
        self.__dict__.update(parts)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, ssl.SSLError)):
            super().handle_error(request, client_address)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--no-machines", action="store_true")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--ssh-port", type=int, default=22)
    parser.add_argument("--user", default="ubuntu")
    parser.add_argument("--certificate")
    parser.add_argument("--certificate-key")
    return parser.parse_args()


def greeting(options, servers, world):
    api, controls, meta = (each.server_address[1] for each in servers)
    keys = [{"account": key.account, "access_key_id": key.access_key_id,
             "secret_access_key": key.secret} for key in world.accounts.keys.values()]
    scheme = "https" if options.certificate else "http"
    host = "localhost" if options.certificate else "127.0.0.1"
    return {"ec2": f"{scheme}://{host}:{api}", "control": f"http://127.0.0.1:{controls}",
            "metadata": f"http://127.0.0.1:{meta}", "region": options.region,
            "ssh_port": options.ssh_port, "user": options.user, **keys[0], "other": keys[1]}


def main():
    options = arguments()
    # The parent decides when we end: it closes our input, or dies.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    folder = None if options.no_machines else tempfile.mkdtemp(prefix="tango-ec2-")
    world = worlds.World(options.region, options.ssh_port, folder, options.user)
    planned, journal, closing = faults.Faults(), Journal(), threading.Event()
    role = metadata.Metadata(world)
    try:
        servers = [
            Server(ApiHandler, world, closing, api=Api(world, planned, journal)),
            Server(ControlHandler, world, closing, metadata=role,
                   control=control.Control(world, planned, journal)),
            Server(MetadataHandler, world, closing, metadata=role)]
        if options.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(options.certificate, options.certificate_key)
            servers[0].socket = context.wrap_socket(servers[0].socket, server_side=True,
                                                    do_handshake_on_connect=False)
        print(json.dumps(greeting(options, servers, world)), flush=True)
        sys.stdin.read()
    finally:
        closing.set()
        world.close()
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
