"""What EC2's published service model (the one that botocore ships) says of a request and of its
answer: requests are read by the input shape of their action, answers written by its output shape.
"""

import base64
import datetime
import re
import urllib.parse
from xml.sax.saxutils import escape

import botocore.session

VERSION = "2016-11-15"
NAMESPACE = f"http://ec2.amazonaws.com/doc/{VERSION}/"
# Types of instances come faster than packages of botocore: the endpoint's own table decides.
OPEN_ENUMS = {"InstanceType"}


class Refusal(Exception):
    """An error answer of EC2."""

    def __init__(self, code, message, status=400):
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status = code, message, status


class Violation(Refusal):
    """The request is not as the service model demands it."""


class Contract:
    """The service model of EC2."""

    def __init__(self):
        self.service = botocore.session.get_session().get_service_model("ec2", VERSION)

    def read(self, body):
        """(action, its parameters, typed) of a request's form; raises Violation."""
        form = read_form(body)
        action = form.pop("Action", None)
        version = form.pop("Version", None)
        if action is None:
            raise Violation("MissingAction", "The request is missing an action.")
        if version != VERSION:
            raise Violation("InvalidParameterValue", f"Version is {version!r}, not {VERSION}")
        if action not in self.service.operation_names:
            raise Violation("InvalidAction",
                            f"The action {action} is not valid for this web service.")
        tree = {}
        for name, value in form.items():
            plant(tree, name, value)
        shape = self.service.operation_model(action).input_shape
        return action, read_structure(shape, tree, "") if shape else {}

    def write(self, action, request_id, answer):
        """The XML of `answer`, a dict as botocore's clients return it."""
        shape = self.service.operation_model(action).output_shape
        inner = write_members(shape, answer, action) if shape else "<return>true</return>"
        return (f'<?xml version="1.0" encoding="UTF-8"?>\n<{action}Response xmlns="{NAMESPACE}">'
                f"<requestId>{request_id}</requestId>{inner}</{action}Response>").encode()


def write_refusal(refusal, request_id):
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error>'
            f"<Code>{escape(refusal.code)}</Code><Message>{escape(refusal.message)}</Message>"
            f"</Error></Errors><RequestID>{request_id}</RequestID></Response>").encode()


def read_form(body):
    """The names and values of a form, strictly: a second value, or bytes that should have been
    encoded, are violations."""
    form = {}
    if not re.fullmatch(rb"[A-Za-z0-9\-_.~%+=&*]*", body):
        raise Violation("MalformedQueryString", "the form has characters that need encoding")
    for pair in body.decode("ascii").split("&"):
        name, equals, value = pair.partition("=")
        if not equals or re.search("%(?![0-9A-Fa-f]{2})", pair):
            raise Violation("MalformedQueryString", f"the form has the pair {pair!r}")
        try:
            name, value = (urllib.parse.unquote_plus(each, errors="strict")
                           for each in (name, value))
        except UnicodeDecodeError:
            raise Violation("MalformedQueryString", f"{pair!r} is no UTF-8") from None
        if name in form:
            raise Violation("InvalidParameterCombination", f"{name} is given twice")
        form[name] = value
    return form


def plant(tree, name, value):
    """Puts the value of A.1.B where it belongs in nested dicts."""
    *folders, leaf = name.split(".")
    for part in folders:
        tree = tree.setdefault(part, {})
        if not isinstance(tree, dict):
            raise Violation("UnknownParameter", f"{name} is below a value")
    if leaf in tree:
        raise Violation("UnknownParameter", f"{name} has values below it")
    tree[leaf] = value


def query_name(shape, default):
    """How the ec2 protocol calls a member in a request."""
    if "queryName" in shape.serialization:
        return shape.serialization["queryName"]
    name = shape.serialization.get("name", default)
    return name[0].upper() + name[1:] if "name" in shape.serialization else default


def read_structure(shape, tree, where):
    if not isinstance(tree, dict):
        raise Violation("InvalidParameterValue", f"{where} is a structure, not a value")
    left, found = dict(tree), {}
    for member, member_shape in shape.members.items():
        name = query_name(member_shape, member)
        path = f"{where}.{name}" if where else name
        if name in left:
            found[member] = read_value(member_shape, left.pop(name), path)
        elif member in shape.required_members:
            raise Violation("MissingParameter",
                            f"The request must contain the parameter {path}")
    for name in left:
        path = f"{where}.{name}" if where else name
        raise Violation("UnknownParameter", f"The parameter {path} is not recognized")
    return found


def read_list(shape, tree, where):
    if not isinstance(tree, dict) or set(tree) != {str(n + 1) for n in range(len(tree))}:
        raise Violation("InvalidParameterValue", f"{where} is a list: {where}.1, {where}.2, ...")
    return [read_value(shape.member, tree[str(n + 1)], f"{where}.{n + 1}")
            for n in range(len(tree))]


def read_value(shape, value, where):
    if shape.type_name == "structure":
        return read_structure(shape, value, where)
    if shape.type_name == "list":
        return read_list(shape, value, where)
    if not isinstance(value, str):
        raise Violation("UnknownParameter", f"The parameter {where} has members: {list(value)}")
    try:
        return READERS[shape.type_name](shape, value)
    except (ValueError, KeyError) as why:
        raise Violation("InvalidParameterValue",
                        f"Value ({value}) for parameter {where} is invalid: {why}") from None


def read_string(shape, value):
    if shape.enum and value not in shape.enum and shape.name not in OPEN_ENUMS:
        raise ValueError(f"not one of {shape.enum}")
    limits = shape.metadata
    if not limits.get("min", 0) <= len(value) <= limits.get("max", len(value)):
        raise ValueError(f"length {len(value)}")
    if "pattern" in limits and not re.match(limits["pattern"], value):
        raise ValueError(f"does not match {limits['pattern']}")
    return value


def read_integer(shape, value):
    if not re.fullmatch("-?[0-9]+", value):
        raise ValueError("no integer")
    number = int(value)
    limits = shape.metadata
    if not limits.get("min", number) <= number <= limits.get("max", number):
        raise ValueError(f"not between {limits.get('min')} and {limits.get('max')}")
    return number


def read_timestamp(_, value):
    return datetime.datetime.strptime(value.replace(".000Z", "Z"), "%Y-%m-%dT%H:%M:%SZ")


READERS = {
    "string": read_string,
    "integer": read_integer,
    "long": read_integer,
    "float": lambda _, value: float(value),
    "double": lambda _, value: float(value),
    "boolean": lambda _, value: {"true": True, "false": False}[value],
    "timestamp": read_timestamp,
    "blob": lambda _, value: base64.b64decode(value, validate=True),
}


def write_members(shape, values, where):
    unknown = set(values) - set(shape.members)
    if unknown:
        raise AssertionError(f"{where} has no {unknown}")
    written = []
    for member, member_shape in shape.members.items():
        if values.get(member) is not None:
            name = member_shape.serialization.get("name", member)
            inner = write_value(member_shape, values[member], f"{where}.{member}")
            written.append(f"<{name}>{inner}</{name}>")
    return "".join(written)


def write_value(shape, value, where):
    kind = shape.type_name
    if kind == "structure":
        return write_members(shape, value, where)
    if kind == "list":
        name = shape.member.serialization.get("name", "member")
        return "".join(f"<{name}>{write_value(shape.member, each, where)}</{name}>"
                       for each in value)
    if kind == "boolean":
        return {True: "true", False: "false"}[value]
    if kind == "timestamp":
        return datetime.datetime.fromtimestamp(value, datetime.timezone.utc).strftime(
            "%Y-%m-%dT%H:%M:%S.000Z")
    if kind == "blob":
        return base64.b64encode(value).decode()
    if kind in ("integer", "long"):
        return str(int(value))
    if kind == "string":
        if not isinstance(value, str):
            raise AssertionError(f"{where} is text, not {value!r}")
        return escape(value)
    return str(value)
