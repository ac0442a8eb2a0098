#!/usr/bin/env python3
"""The checks find what they are there to find: each of these trees has one thing wrong."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent

GOOD = {
    "src/base/error.hpp": "#pragma once\n",
    "src/model/job.hpp": '#pragma once\n\n#include "base/error.hpp"\n',
    "src/vmms/vmms.hpp": '#pragma once\n\n#include "model/job.hpp"\n',
    "src/vmms/ssh/session.hpp": "#pragma once\n",
    "src/vmms/docker/docker.hpp": '#pragma once\n\n#include "vmms/ssh/session.hpp"\n',
    "src/http/client.hpp": "#pragma once\n\n#include <boost/beast/core.hpp>\n",
    "apps/tango/main.cpp": '#include "vmms/docker/docker.hpp"\n',
    ".clang-format": "BasedOnStyle: Google\nColumnLimit: 100\n",
    "dev": "#!/usr/bin/env bash\nset -e\necho ok\n",
}

LONG_FUNCTION = "int f(int a = 1) {\n" + "  a = a + 1;\n" * 68 + "  return a;\n}\n"
UNFINISHED = "// TO" + "DO: later\n"

# check, what is wrong with it, the planted file, its content, a word of the report
PLANTED = [
    ("includes", "base knows the model", "src/base/a.hpp", '#include "model/job.hpp"\n', "may not"),
    ("includes", "one backend knows another", "src/vmms/ec2/a.hpp",
     '#include "vmms/docker/docker.hpp"\n', "may not"),
    ("includes", "the shared part knows a backend", "src/vmms/a.hpp",
     '#include "vmms/docker/docker.hpp"\n', "may not"),
    ("includes", "the pool knows more than the interface", "src/pool/a.hpp",
     '#include "vmms/ssh/session.hpp"\n', "may not"),
    ("includes", "a folder without a row", "src/other/a.hpp", "#pragma once\n", "no row"),
    ("includes", "a path without its folder", "src/base/a.hpp", '#include "error.hpp"\n',
     "full path"),
    ("includes", "a path that climbs", "src/base/a.hpp", '#include "../base/error.hpp"\n',
     "full path"),
    ("includes", "a cycle", "src/base/error.hpp", '#include "base/error.hpp"\n', "cycle"),
    ("includes", "Beast outside of http", "src/model/a.hpp", "#include <boost/beast.hpp>\n",
     "only"),
    ("sizes", "a long file", "src/base/a.cpp", "\n" * 501, "501 lines"),
    ("sizes", "a long line", "src/base/a.cpp", "// " + "x" * 98 + "\n", "101 columns"),
    ("sizes", "a long function", "src/base/a.cpp", LONG_FUNCTION, "71 lines"),
    ("sizes", "a file called util", "src/base/string_util.hpp", "", "util"),
    ("sizes", "a folder called common", "src/common/a.hpp", "", "common"),
    ("sizes", "a class called manager", "src/base/a.hpp", "class JobManager {};\n", "manager"),
    ("sizes", "a struct called helper", "src/base/a.hpp", "struct HttpHelper;\n", "helper"),
    ("sizes", "unfinished work", "src/base/a.hpp", UNFINISHED, "finish it"),
    ("sizes", "unfinished work in a script", "dev", "#!/bin/sh\n#" + UNFINISHED, "finish it"),
    ("format", "a line that is not formatted", "src/base/a.hpp", "int  x ;\n", "not formatted"),
    ("shell", "an unquoted word", "dev", "#!/bin/sh\nrm $1\n", "not content"),
    ("shell", "an unquoted word in a part", "tests/part.sh", "rm $1\n", "not content"),
]


def run_check(check, files):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            file = pathlib.Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        return subprocess.run([sys.executable, HERE / f"{check}.py", folder], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


class Planted(unittest.TestCase):
    def test_good_tree_passes(self):
        for check in ("includes", "sizes", "format", "shell"):
            with self.subTest(check):
                done = run_check(check, GOOD)
                self.assertIn(done.returncode, (0, 77), done.stdout)

    def test_each_planted_violation_is_found(self):
        for check, what, name, content, word in PLANTED:
            with self.subTest(what):
                done = run_check(check, GOOD | {name: content})
                if done.returncode == 77:
                    continue
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertIn(word, done.stdout)


if __name__ == "__main__":
    unittest.main()
