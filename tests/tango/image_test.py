#!/usr/bin/env python3
"""`tango image`, and a job in an imported image: a root file system of busybox and make alone.

Usage: image_test.py TANGO
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

TANGO = ""


def make_root(root):
    """/bin/sh is busybox, /usr/bin/make this machine's with the libraries that it needs."""
    for folder in ("bin", "usr/bin", "etc"):
        (root / folder).mkdir(parents=True)
    shutil.copy(shutil.which("busybox"), root / "bin/busybox")
    for applet in ("sh", "id", "ls", "cat"):
        (root / "bin" / applet).symlink_to("busybox")
    shutil.copy("/usr/bin/make", root / "usr/bin/make")
    needed = subprocess.run(["ldd", "/usr/bin/make"], capture_output=True, text=True, check=True)
    for library in re.findall(r"(/\S+)", needed.stdout):
        target = root / library.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(os.path.realpath(library), target)
    (root / "etc/motd").write_text("inside the image\n")


class Images(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="tango-image-")
        cls.path = pathlib.Path(cls.folder.name)
        make_root(cls.path / "root")
        job = cls.path / "job"
        job.mkdir()
        (job / "Makefile").write_text("all:\n\t@id -un; cat /etc/motd; ls /usr\n")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def tango(self, *arguments):
        return subprocess.run([TANGO, "--data-dir", str(self.path / "data"), *map(str, arguments)],
                              capture_output=True, text=True, timeout=60, check=False)

    def assert_runs_in(self, image):
        run = self.tango("run", "--image", image, self.path / "job")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(run.stdout, "autograde\ninside the image\nbin\n")

    def test_a_folder_and_a_tarball_become_images_that_jobs_run_in(self):
        tarball = self.path / "root.tar.gz"
        subprocess.run(["tar", "-C", self.path / "root", "-czf", tarball, "."], check=True)
        for name, source in (("from-folder", self.path / "root"), ("from/tar:ball", tarball)):
            with self.subTest(source=source.name):
                imported = self.tango("image", "import", name, source)
                self.assertEqual(imported.returncode, 0, imported.stderr)
                self.assert_runs_in(name)
                names = [image["name"] for image in
                         json.loads(self.tango("image", "list", "--json").stdout)]
                self.assertIn(name, names)
                self.assertEqual(self.tango("image", "import", name, source).returncode, 1)
                self.assertEqual(self.tango("image", "remove", name).returncode, 0)
                self.assertEqual(self.tango("image", "remove", name).returncode, 1)
                gone = self.tango("run", "--image", name, self.path / "job")
                self.assertEqual(gone.returncode, 3)

    def test_what_is_no_image_is_refused_in_a_sentence(self):
        junk = self.path / "junk"
        junk.write_bytes(b"not a tarball" * 100)
        for name, source in (("x", junk), ("x", "/nonexistent"), ("host", self.path / "root")):
            refused = self.tango("image", "import", name, source)
            self.assertEqual(refused.returncode, 1)
            self.assertRegex(refused.stderr, r"^tango: import image '.*': \S")


if __name__ == "__main__":
    TANGO = sys.argv[1]
    unittest.main(argv=sys.argv[:1])
