"""What the checks of this folder share: which files are ours, and how a check reports."""

import os
import pathlib
import sys

CODE_FOLDERS = ("src", "apps", "tests", "bench")
CPP_SUFFIXES = (".hpp", ".cpp")
TEXT_SUFFIXES = CPP_SUFFIXES + (".py", ".sh", ".cmake", ".txt", ".sql", ".toml")


def root_from_arguments():
    """The tree to check: the first argument, or the one that this file lies in."""
    if len(sys.argv) > 1:
        return pathlib.Path(sys.argv[1]).resolve()
    return pathlib.Path(__file__).resolve().parents[2]


def all_files(root):
    """Every file of the tree, sorted; not what git or a build keeps there."""
    for folder, names, files in os.walk(root):
        here = pathlib.Path(folder)
        names[:] = sorted(n for n in names if not is_foreign(here / n, root))
        for name in sorted(files):
            yield here / name


def is_foreign(folder, root):
    if folder.name in (".git", ".cache", "__pycache__"):
        return True
    return folder.parent == root and (folder.name == "build" or folder.name.startswith("build-"))


def cpp_files(root):
    """C++ of ours, also what git does not know yet: a new file is checked before it is added."""
    for top in CODE_FOLDERS:
        for file in all_files(root / top):
            if file.suffix in CPP_SUFFIXES:
                yield file


def begins_as_script(file, interpreters=("bash", "/sh")):
    """True for a file that begins with `#!` and the name of one of the interpreters."""
    if file.is_symlink() or not file.is_file():
        return False
    with file.open("rb") as opened:
        first = opened.readline(200).decode(errors="replace")
    return first.startswith("#!") and any(name in first for name in interpreters)


def is_script(file, interpreters):
    """The same for a file whose ending does not say what it is."""
    return file.suffix not in TEXT_SUFFIXES and begins_as_script(file, interpreters)


def text_files(root):
    """All that people write here and that is held to the sizes: C++, Python, shell, CMake."""
    for top in CODE_FOLDERS + ("cmake", "packaging"):
        for file in all_files(root / top):
            if file.suffix in TEXT_SUFFIXES or is_script(file, ("bash", "/sh", "python")):
                yield file
    for file in sorted(root.glob("*")):
        if file.is_file() and is_script(file, ("bash", "/sh", "python")):
            yield file


def finish(name, problems, checked):
    """Prints the problems and ends the check."""
    for problem in problems:
        print(problem)
    if checked == 0:
        print(f"{name}: found no files to check")
        sys.exit(1)
    print(f"{name}: {checked} files, {len(problems)} problems")
    sys.exit(1 if problems else 0)
