"""Key pairs are created, imported, described and deleted. Fingerprints as in
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html"""

import base64
import hashlib
import pathlib
import subprocess
import tempfile

import lists
from actions import action, specified_tags, tag_list
from contract import Refusal
from world import KeyPair, new_id


def _run(*command):
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise ValueError(done.stderr.decode(errors="replace"))
    return done.stdout


def _colons(digest):
    return ":".join(digest[n:n + 2] for n in range(0, len(digest), 2))


def _ed25519_fingerprint(file):
    text = _run("ssh-keygen", "-l", "-E", "sha256", "-f", file).decode().split()[1]
    return text.removeprefix("SHA256:") + "="


def create(kind, name):
    """(private key, public key, fingerprint)"""
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/key"
        form = ("-t", "rsa", "-b", "2048", "-m", "PEM") if kind == "rsa" else ("-t", "ed25519")
        _run("ssh-keygen", "-q", *form, "-N", "", "-C", name, "-f", file)
        private = pathlib.Path(file).read_text()
        public = pathlib.Path(f"{file}.pub").read_text()
        if kind == "ed25519":
            return private, public, _ed25519_fingerprint(file)
        der = _run("openssl", "pkcs8", "-topk8", "-nocrypt", "-outform", "DER", "-in", file)
        return private, public, _colons(hashlib.sha1(der).hexdigest())


def read(material):
    """(kind, public key, fingerprint) of a public key that is imported."""
    kind = material.split(b" ", 1)[0]
    if kind not in (b"ssh-rsa", b"ssh-ed25519"):
        raise ValueError("neither ssh-rsa nor ssh-ed25519")
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/key.pub"
        pathlib.Path(file).write_bytes(material.rstrip(b"\n") + b"\n")
        if kind == b"ssh-ed25519":
            return "ed25519", material.decode(), _ed25519_fingerprint(file)
        lines = _run("ssh-keygen", "-e", "-m", "PKCS8", "-f", file).decode().splitlines()
        der = base64.b64decode("".join(lines[1:-1]))
        return "rsa", material.decode(), _colons(hashlib.md5(der).hexdigest())


def _put(world, owner, name, kind, public, fingerprint, tags):
    if not 0 < len(name) <= 255 or not name.isascii():
        raise Refusal("InvalidParameterValue", "Key names have 1 to 255 ASCII characters")
    if name in owner.keys:
        raise Refusal("InvalidKeyPair.Duplicate", f"The keypair '{name}' already exists.")
    owner.keys[name] = KeyPair(new_id("key"), name, fingerprint, public, kind, world.now(), tags)
    return {"KeyName": name, "KeyPairId": owner.keys[name].id, "KeyFingerprint": fingerprint,
            "Tags": tag_list(tags) or None}


@action("KeyName", "KeyType", "KeyFormat", "TagSpecifications")
def create_key_pair(world, owner, params):
    if params.get("KeyFormat", "pem") != "pem":
        raise Refusal("UnsupportedOperation", "this endpoint makes no ppk")
    tags = specified_tags(params, "key-pair").get("key-pair", {})
    kind, name = params.get("KeyType", "rsa"), params["KeyName"]
    if name in owner.keys:
        raise Refusal("InvalidKeyPair.Duplicate", f"The keypair '{name}' already exists.")
    private, public, fingerprint = create(kind, name)
    return {**_put(world, owner, name, kind, public, fingerprint, tags), "KeyMaterial": private}


@action("KeyName", "PublicKeyMaterial", "TagSpecifications")
def import_key_pair(world, owner, params):
    tags = specified_tags(params, "key-pair").get("key-pair", {})
    try:
        kind, public, fingerprint = read(params["PublicKeyMaterial"])
    except ValueError:
        raise Refusal("InvalidKey.Format",
                      "Key is not in valid OpenSSH public key format") from None
    return _put(world, owner, params["KeyName"], kind, public, fingerprint, tags)


@action("KeyName", "KeyPairId")
def delete_key_pair(_, owner, params):
    if not params:
        raise Refusal("MissingParameter", "KeyName or KeyPairId")
    for key in list(owner.keys.values()):
        if params.get("KeyName", key.name) == key.name and \
                params.get("KeyPairId", key.id) == key.id:
            del owner.keys[key.name]
    return {}


@action("Filters", "KeyNames", "KeyPairIds", "IncludePublicKey")
def describe_key_pairs(_, owner, params):
    ids = {key.id: key for key in owner.keys.values()}
    for name in params.get("KeyNames", ()):
        if name not in owner.keys:
            raise Refusal("InvalidKeyPair.NotFound", f"The key pair '{name}' does not exist")
    for id in params.get("KeyPairIds", ()):
        if id not in ids:
            raise Refusal("InvalidKeyPair.NotFound", f"The key pair '{id}' does not exist")
    found = [key for key in ids.values() if key.name in params.get("KeyNames", [key.name])
             and key.id in params.get("KeyPairIds", [key.id])]
    found = lists.filtered(found, params.get("Filters"), {
        "key-name": lambda key: key.name, "key-pair-id": lambda key: key.id,
        "fingerprint": lambda key: key.fingerprint})
    public = params.get("IncludePublicKey", False)
    return {"KeyPairs": [{"KeyName": key.name, "KeyPairId": key.id, "KeyType": key.kind,
                          "KeyFingerprint": key.fingerprint, "CreateTime": key.created,
                          "PublicKey": key.public if public else None,
                          "Tags": tag_list(key.tags) or None} for key in found]}
