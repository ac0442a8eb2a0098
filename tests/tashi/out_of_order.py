"""What a cluster manager that is out of order may answer, and what a hostile one might."""

import struct
import time

from rpyc.core import brine

import python2

EXCEPTION, REPLY, BY_VALUE = 3, 2, 1


def _frame(message):
    return struct.pack("!LB", len(message), 0) + message + b"\n"


def _reply(sequence, pickle):
    return _frame(brine.dump((REPLY, sequence, (BY_VALUE, pickle))))


def _trickle(connection):
    """A whole frame is announced, and comes a byte at a time."""
    connection.sendall(struct.pack("!LB", 1 << 20, 0))
    while True:
        connection.sendall(b"(")
        time.sleep(0.02)


def _stay(connection):
    while connection.recv(4096):
        pass


def carry_out(kind, connection, wire, sequence):
    """Whether there may be another request. "lost" is no matter of this file: what was asked is
    done, and the connection is closed in the place of an answer."""
    instance = python2.dumps([python2.Instance({"id": 1, "name": "a", "state": 3})])
    answers = {
        "garbage": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
        "half": _reply(sequence, instance)[:40],
        "not brine": _frame(b"\xff\x07\x10"),
        "another": _reply(sequence + 7, instance),
        "huge": struct.pack("!LB", 0xFFFFFFFF, 0),
        "bomb": struct.pack("!LB", 12, 1) + b"x\x9c" + b"\xff" * 10 + b"\n",
        "half a pickle": _reply(sequence, instance[:-20]),
        "no list": _reply(sequence, python2.dumps({"id": 1})),
        "system": _reply(sequence, b"cos\nsystem\n(S'touch tango-tashi-was-here'\ntR."),
        "deep": _reply(sequence, b"(" * 100_000),
        "exception": _frame(brine.dump(
            (EXCEPTION, sequence, ((b"exceptions", b"AttributeError"), (b"RPC does not exist",),
                                   (), b"Traceback ...")))),
        "tashi": _reply(sequence, python2.dumps(python2.TashiException(
            {"errno": 1, "msg": "Traceback (most recent call last):\n  File \"x.py\"\n"
                                "OSError: No space left on device\n"}))),
        "value error": _reply(sequence, b"cexceptions\nValueError\np1\n(S'too odd'\np2\ntRp3\n."),
    }
    if kind in answers:
        connection.sendall(answers[kind])
        return kind in ("exception", "tashi", "value error")
    if kind == "trickle":
        _trickle(connection)
    if kind in ("nothing", "stall"):
        if kind == "stall":
            connection.sendall(_reply(sequence, instance)[:40])
        _stay(connection)
    wire.close()
    return False
