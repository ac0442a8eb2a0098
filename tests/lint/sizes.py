#!/usr/bin/env python3
"""Sizes and names: files, lines and functions stay small, nothing is called a helper, and no note
of unfinished work stays in the code.

Usage: sizes.py [ROOT]
"""

import re

import source_tree

FILE_LINES_MAX = 500
COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70

BANNED_WORDS = {"util", "utils", "helper", "helpers", "manager", "managers", "common"}
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
TYPE_NAME = re.compile(r"\b(?:class|struct|union|enum|namespace)\s+(\w+)")
CONTAINER = re.compile(r"\b(?:namespace|class|struct|union|enum|extern)\b")
ACCESS = re.compile(r"\b(?:public|private|protected):(?!:)")

# Comments, raw strings, strings, characters: blanked, so that no brace in them counts.
NOT_CODE = re.compile(
    r"//[^\n]*|/\*.*?\*/|R\"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)\""
    r"|\"(?:\\.|[^\"\\\n])*\"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'|^[ \t]*\#(?:\\\n|[^\n])*",
    re.DOTALL | re.MULTILINE)


def code_only(text):
    """The text with everything that is not code as blanks; line numbers stay."""
    return NOT_CODE.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def opens_function(head):
    """Whether the code between the last statement and a `{` is the head of a function."""
    while (flat := re.sub(r"\([^()]*\)", "@", head)) != head:  # @: a pair of parentheses
        head = flat
    if "@" not in CONTAINER.split(head)[-1]:
        return False
    return "=" not in head or "operator" in head


def functions(text):
    """(first line, last line) of every outermost function of clang-formatted code."""
    code = ACCESS.sub(lambda found: " " * len(found.group()), code_only(text))
    stack, head_start, line = [], 0, 1
    for at, c in enumerate(code):
        if c == "\n":
            line += 1
        elif c == "{" and at > 0 and code[at - 1] not in " \n":
            stack.append(("initializer", line))  # clang-format sets no blank before these
        elif c == "{":
            head = code[head_start:at]
            inside = any(kind == "function" for kind, _ in stack)
            kind = "function" if not inside and opens_function(head) else "block"
            stack.append((kind, line - head.lstrip().count("\n")))
            head_start = at + 1
        elif c == "}" and stack:
            kind, first = stack.pop()
            if kind != "initializer":
                head_start = at + 1
            if kind == "function":
                yield first, line
        elif c == ";":
            head_start = at + 1


def words_of(name):
    return {w.lower() for w in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def check_text(relative, text):
    lines = text.splitlines()
    if len(lines) > FILE_LINES_MAX:
        yield f"{relative}: {len(lines)} lines, at most {FILE_LINES_MAX}"
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX:
            yield f"{relative}:{number}: {len(line)} columns, at most {COLUMNS_MAX}"
        if found := UNFINISHED.search(line):
            yield f"{relative}:{number}: {found.group()}: finish it, or write it down elsewhere"


def check_cpp(relative, text):
    for first, last in functions(text):
        if last - first + 1 > FUNCTION_LINES_MAX:
            yield (f"{relative}:{first}: a function of {last - first + 1} lines, "
                   f"at most {FUNCTION_LINES_MAX}")
    for found in TYPE_NAME.finditer(code_only(text).replace("enum class", "enum")):
        if banned := words_of(found.group(1)) & BANNED_WORDS:
            yield f"{relative}: '{found.group(1)}' says '{banned.pop()}', not what it is"


def check_path(relative):
    for part in relative.split("/"):
        if banned := words_of(part.split(".")[0]) & BANNED_WORDS:
            yield f"{relative}: the name says '{banned.pop()}', not what it is"
    stem = relative.split("/")[-1].split(".")[0]
    if relative.endswith(source_tree.CPP_SUFFIXES) and not re.fullmatch(r"[a-z0-9_]+", stem):
        yield f"{relative}: file names are snake_case"


def main():
    root = source_tree.root_from_arguments()
    problems, checked = [], 0
    for file in source_tree.text_files(root):
        checked += 1
        relative = file.relative_to(root).as_posix()
        text = file.read_text(errors="replace")
        problems.extend(check_path(relative))
        problems.extend(check_text(relative, text))
        if file.suffix in source_tree.CPP_SUFFIXES:
            problems.extend(check_cpp(relative, text))
    source_tree.finish("sizes", problems, checked)


if __name__ == "__main__":
    main()
