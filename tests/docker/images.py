#!/usr/bin/env python3
"""Docker images for tests, made of this machine's own files: no registry, and no engine either.

Each image is a tarball as `docker save` writes it, kept in a folder until this file or the
machine's packages change.

Usage: images.py FOLDER [IMAGE ...]      makes them (all), and tells where they are
"""

import glob
import hashlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile

PACKAGES = ("bash", "coreutils", "dash", "findutils", "grep", "hostname", "libc-bin", "make",
            "mount", "perl-base", "procps", "sed", "util-linux")
GRADERS = ("diffutils", "tar", "libpython3-stdlib", "libpython3.[0-9]*-stdlib")
PYTHON = ("python3-minimal", "python3.[0-9]*-minimal", "libpython3.[0-9]*-minimal")
LEFT_OUT = re.compile(r"/usr/share/(doc|info|lintian|locale|man|bash-completion|bug)(/|$)"
                      r"|/(etc|var)(/|$)")
STATUS = pathlib.Path("/var/lib/dpkg/status")

FOLDERS = {"dev": 0o755, "etc": 0o755, "home": 0o755, "mnt": 0o755, "proc": 0o755, "root": 0o700,
           "run": 0o755, "srv": 0o755, "sys": 0o755, "tmp": 0o1777, "usr": 0o755,
           "usr/bin": 0o755, "usr/lib": 0o755, "usr/lib64": 0o755, "usr/sbin": 0o755,
           "usr/local": 0o755, "usr/local/bin": 0o755, "var": 0o755, "var/lib": 0o755,
           "var/tmp": 0o1777}
MERGED = ("bin", "lib", "lib64", "sbin")

PASSWD = """root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
"""
GROUP = "root:x:0:\ndaemon:x:1:\ntty:x:5:\nshadow:x:42:\nwww-data:x:33:\nnogroup:x:65534:\n"
COURSE_PASSWD = PASSWD + """autolab:x:1000:1000::/home/autolab:/bin/bash
autograde:x:1801:1801::/home/autograde:/bin/bash
"""
COURSE_GROUP = GROUP + "autolab:x:1000:\nautograde:x:1801:\n"
DECOY = "#!/bin/sh\necho the decoy of an autodriver ran\nexit 3\n"
APPLETS = ("sh", "ash", "cat", "chmod", "cp", "echo", "env", "false", "head", "id", "ls", "mkdir",
           "ps", "pwd", "rm", "seq", "sleep", "sort", "stat", "tail", "test", "true", "wc", "yes")


class Layer:
    """One layer: a tar archive that is the same whenever it is made of the same files."""

    def __init__(self):
        self.target = io.BytesIO()
        self.tar = tarfile.open(fileobj=self.target, mode="w", format=tarfile.GNU_FORMAT)
        self.names = set()

    def entry(self, name, kind, mode, owner=0):
        self.names.add(name)
        info = tarfile.TarInfo(name)
        info.type, info.mode, info.uid, info.gid = kind, mode, owner, owner
        return info

    def folder(self, name, mode=0o755, owner=0):
        if name not in self.names:
            self.tar.addfile(self.entry(name, tarfile.DIRTYPE, mode, owner))

    def link(self, name, target):
        if name not in self.names:
            info = self.entry(name, tarfile.SYMTYPE, 0o777)
            info.linkname = target
            self.tar.addfile(info)

    def file(self, name, content, mode=0o644, owner=0):
        if name in self.names:
            return
        if isinstance(content, str):
            content = content.encode()
        info = self.entry(name, tarfile.REGTYPE, mode, owner)
        info.size = len(content)
        self.tar.addfile(info, io.BytesIO(content))

    def host(self, path):
        """A file or link of this machine, at its place; folders above it come with it."""
        where = pathlib.Path(os.path.realpath(os.path.dirname(path))) / os.path.basename(path)
        for folder in reversed(where.parents[:-1]):
            self.folder(str(folder)[1:])
        if where.is_symlink():
            self.link(str(where)[1:], os.readlink(where))
        elif where.is_dir():
            self.folder(str(where)[1:])
        elif where.is_file():
            self.file(str(where)[1:], where.read_bytes(), where.stat().st_mode & 0o7777)

    def with_libraries(self, paths):
        """`paths`, and the libraries that those of them need that are programs or libraries."""
        for path in paths:
            self.host(path)
        dynamic = [path for path in paths if os.path.isfile(path) and is_elf(path)]
        found = subprocess.run(["ldd", *dynamic], capture_output=True, text=True,
                               check=False).stdout
        for library in sorted(set(re.findall(r"(/\S+) \(0x", found))):
            self.host(library)
            self.host(os.path.realpath(library))

    def bytes(self):
        self.tar.close()
        return self.target.getvalue()


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def installed_of(patterns):
    said = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n", *patterns],
                          capture_output=True, text=True, check=False).stdout
    return [line.split()[1] for line in said.splitlines() if line.startswith("installed ")]


def files_of(packages):
    listed = subprocess.run(["dpkg-query", "-L", *packages], capture_output=True,
                            text=True, check=True).stdout
    return sorted({line for line in listed.splitlines()
                   if line.startswith("/") and line != "/." and not LEFT_OUT.match(line)
                   and not (os.path.isdir(line) and os.path.islink(line))})


def debian_layer():
    layer = Layer()
    for name, mode in FOLDERS.items():
        layer.folder(name, mode)
    for name in MERGED:
        layer.link(name, f"usr/{name}")
    layer.with_libraries(files_of([*PACKAGES, *installed_of(PYTHON)]))  # a small Debian
    with open("/usr/bin/id", "rb") as program:
        layer.file("usr/local/bin/setuid-id", program.read(), 0o4755)
    for name, content, mode in (("passwd", PASSWD, 0o644), ("group", GROUP, 0o644),
                                ("shadow", "root:*:19000:0:99999:7:::\n", 0o600),
                                ("os-release", "ID=debian\n", 0o644)):
        layer.file(f"etc/{name}", content, mode)
    return layer.bytes()


def course_layer():
    """What Tango's own images have on top; whatever calls its autodriver fails."""
    layer = Layer()
    layer.file("etc/passwd", COURSE_PASSWD)
    layer.file("etc/group", COURSE_GROUP)
    layer.folder("home/autolab", owner=1000)
    layer.folder("home/autograde", owner=1801)
    layer.folder("home/output", owner=1000)
    layer.file("usr/bin/autodriver", DECOY, 0o4755)
    return layer.bytes()


def grader_layer():
    """What graders are written with."""
    layer = Layer()
    layer.with_libraries(files_of(installed_of(GRADERS)))
    return layer.bytes()


def tools_layer():
    layer = Layer()
    layer.folder("home/autograde/bin", owner=1801)
    layer.file("home/autograde/bin/course-tool", "#!/bin/sh\necho the course has its tool\n",
               0o755, 1801)
    return layer.bytes()


def busybox_layer(make=True, passwd=None):
    layer = Layer()
    for name, mode in FOLDERS.items():
        if name not in ("home", "srv", "mnt", "usr/local", "usr/local/bin"):
            layer.folder(name, mode)
    for name in MERGED:
        layer.link(name, f"usr/{name}")
    with open("/usr/bin/busybox", "rb") as program:
        layer.file("usr/bin/busybox", program.read(), 0o755)
    if make:
        layer.with_libraries(["/usr/bin/make"])
    for name in APPLETS:
        layer.link(f"usr/bin/{name}", "busybox")
    if passwd:
        layer.file("etc/passwd", passwd)
    return layer.bytes()


def architecture():
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)


# Name here: reference, layers, configuration as an image has it, changes of the whole.
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
IMAGES = {
    "stock": ("tango-test-stock:latest", [debian_layer],
              {"Env": [PATH], "Cmd": ["bash"]}),
    "grader": ("tango-test-grader:latest", [debian_layer, grader_layer],
               {"Env": [PATH], "Cmd": ["bash"]}),
    "course": ("tango-test-course:latest", [debian_layer, course_layer],
               {"Env": [PATH], "WorkingDir": "/home"}),
    "small": ("registry.example:5000/group/tango-test-small:1.0-x", [busybox_layer], {}),
    "user": ("tango-test-user:latest", [debian_layer], {"Env": [PATH], "User": "1234"}),
    "tools": ("tango-test-tools:latest", [debian_layer, course_layer, tools_layer],
              {"Env": [PATH], "WorkingDir": "/home"}),
    "no-make": ("tango-test-no-make:latest", [lambda: busybox_layer(make=False)], {}),
    # What an image can declare, and none of it may come in a job's way.
    "declared": ("tango-test-declared:latest", [debian_layer, course_layer],
                 {"Env": [PATH, "COURSE=15-213", "LD_PRELOAD="], "Entrypoint": ["/bin/false"],
                  "Cmd": ["-x"], "WorkingDir": "/nowhere", "StopSignal": "SIGSTOP",
                  "Volumes": {"/data": {}, "/home/autograde": {}},
                  "ExposedPorts": {"80/tcp": {}}, "Labels": {"tango.owner": "somebody"},
                  "Healthcheck": {"Test": ["CMD", "/bin/false"], "Interval": 1_000_000_000}}),
    "foreign": ("tango-test-foreign:latest", [busybox_layer], {},
                {"architecture": "s390x"}),
    "rootgrade": ("tango-test-rootgrade:latest",
                  [lambda: busybox_layer(passwd="root:x:0:0::/:/bin/sh\n"
                                                "autograde:x:0:0::/home/autograde:/bin/sh\n")], {}),
}


def reference(name):
    return IMAGES[name][0]


def docker_save(tag, layers, settings, changes=None):
    """What `docker save` writes of an image with these layers (tar archives)."""
    hashes = [hashlib.sha256(layer).hexdigest() for layer in layers]
    config = {"architecture": architecture(), "os": "linux", "created": "2024-01-01T00:00:00Z",
              "config": settings, "history": [{"created_by": "a test"} for _ in layers],
              "rootfs": {"type": "layers", "diff_ids": [f"sha256:{each}" for each in hashes]},
              **(changes or {})}
    config = json.dumps(config).encode()
    named = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = [{"Config": named, "RepoTags": [tag] if tag else None,
                 "Layers": [f"{each}/layer.tar" for each in hashes]}]
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, content in ((named, config),
                              *((f"{each}/layer.tar", layer)
                                for each, layer in zip(hashes, layers)),
                              ("manifest.json", json.dumps(manifest).encode())):
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o644
            tar.addfile(info, io.BytesIO(content))
    return target.getvalue()


def tarball(name, folder):
    """Where the image `name` is; it is made if it is not there yet."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    state = hashlib.sha256(pathlib.Path(__file__).read_bytes())
    state.update(str(STATUS.stat().st_mtime_ns).encode())
    path = folder / f"{name}-{state.hexdigest()[:16]}.tar"
    if not path.exists():
        for older in glob.glob(f"{folder}/{name}-{'[0-9a-f]' * 16}.tar"):
            pathlib.Path(older).unlink(missing_ok=True)
        tag, layers, *rest = IMAGES[name]
        content = docker_save(tag, [make() for make in layers], *rest)
        # Tests that run at once may make the same image.
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            file.write(content)
        os.rename(file.name, path)
    return path


if __name__ == "__main__":
    for each in sys.argv[2:] or IMAGES:
        print(tarball(each, sys.argv[1]))
