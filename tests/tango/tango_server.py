"""What the tests of the command lines share: a server, and programs that talk to it."""

import os
import pathlib
import pty
import signal
import subprocess
import tempfile
import time

KEY = "a key with blanks / and % signs 0123456789"


class Server:
    """`tango serve` with a data folder of its own, on a free port."""

    def __init__(self, tango, *arguments, key=KEY):
        self.folder = tempfile.TemporaryDirectory(prefix="tango-cli-")
        self.path = pathlib.Path(self.folder.name)
        given = ["--key", key] if key else []
        with open(self.path / "log", "wb") as log:
            self.process = subprocess.Popen(
                [tango, "serve", "--data-dir", self.path / "data", "--port", "0", *given,
                 *map(str, arguments)], stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            self.process.wait()
            raise RuntimeError((self.path / "log").read_text())
        self.url = line.split()[2]
        self.port = self.url.rsplit(":", 1)[1]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self.process.stdout.close()
        self.folder.cleanup()


def environment(**changes):
    """This one's, without what steers the programs that are tested."""
    kept = {name: value for name, value in os.environ.items()
            if name not in ("TANGO_KEY", "TANGO_SERVER", "NO_COLOR")}
    return {**kept, **changes}


def run(program, *arguments, env=None, **options):
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True,
                          errors="replace", timeout=120, check=False,
                          env=environment() if env is None else env, **options)


def run_on_terminal(program, *arguments, env):
    """(exit status, all that the terminal got) of a program whose stdout and stderr are one."""
    main, terminal = pty.openpty()
    process = subprocess.Popen([program, *map(str, arguments)], stdin=subprocess.DEVNULL,
                               stdout=terminal, stderr=terminal, env=env)
    os.close(terminal)
    shown = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:  # how a terminal says that nobody has its other end any more
            break
        if not piece:
            break
        shown += piece
    os.close(main)
    return process.wait(timeout=60), shown.decode(errors="surrogateescape")


def until(condition, what):
    """The first true value of `condition`, which is asked again and again."""
    for _ in range(600):
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"never came: {what}")


class JobFolder(tempfile.TemporaryDirectory):
    """A folder with a Makefile whose default target is the given recipe."""

    def __init__(self, recipe, name="Makefile"):
        super().__init__(prefix="tango-job-")
        self.path = pathlib.Path(self.name)
        (self.path / name).write_text(f"all:\n\t{recipe}\n")
