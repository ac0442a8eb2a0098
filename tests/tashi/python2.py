"""What Python 2 and Tashi's rpyctypes make of a pickle, for a test server in Python 3: the same
classes by the same names, str written as cPickle of Python 2 writes it, and a reader that takes
nothing but these classes."""

import io
import pickle
import sys
import types

TYPES = "tashi.rpycservices.rpyctypes"


def _make_class(name, fields, base=object):
    def __init__(self, d=None):
        base.__init__(self)
        for field, value in fields.items():
            setattr(self, field, list(value) if isinstance(value, list) else value)
        for field, value in (d or {}).items():
            if field in fields:
                setattr(self, field, value)

    return type(name, (base,), {"__init__": __init__, "__module__": TYPES})


Instance = _make_class("Instance", {
    "id": None, "vmId": None, "hostId": None, "decayed": None, "state": None, "userId": None,
    "name": None, "cores": None, "memory": None, "disks": None, "nics": [], "hints": None,
    "groupName": None})
DiskConfiguration = _make_class("DiskConfiguration", {"uri": None, "persistent": None})
NetworkConfiguration = _make_class("NetworkConfiguration",
                                   {"network": None, "mac": None, "ip": None})
TashiException = _make_class("TashiException", {"errno": None, "msg": None}, Exception)
CLASSES = {each.__name__: each
           for each in (Instance, DiskConfiguration, NetworkConfiguration, TashiException)}

for _name in ("tashi", "tashi.rpycservices", TYPES):
    sys.modules[_name] = types.ModuleType(_name)
for _name, _class in CLASSES.items():
    setattr(sys.modules[TYPES], _name, _class)


class _Pickler(pickle._Pickler):  # pylint: disable=protected-access
    """Protocol 0, in which a text is a str of Python 2 and not a unicode."""

    dispatch = pickle._Pickler.dispatch.copy()  # pylint: disable=protected-access

    def _save_str(self, text):
        self.write(b"S" + repr(text.encode())[1:].encode() + b"\n")
        self.memoize(text)

    dispatch[str] = _save_str


def dumps(value):
    written = io.BytesIO()
    _Pickler(written, protocol=0).dump(value)
    return written.getvalue()


class _Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if module == TYPES and name in CLASSES:
            return CLASSES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is no class of Tashi's")


def loads(data):
    return _Unpickler(io.BytesIO(data), encoding="latin1").load()
