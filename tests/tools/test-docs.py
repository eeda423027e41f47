#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Holds the documents against what they are about: links lead somewhere, files
and variables that are named exist, tables have all properties and fields; speaks
TAP.

    test-docs.py TOP-FOLDER
"""

import re
import shutil
import sys
from pathlib import Path

import tap

TOP = Path(sys.argv[1])
# What a user or a build keeps beside it is not looked at.
FILES = [path for pattern in ("*", *(folder + "/**/*" for folder in (
    "docs", "gst", "include", "pipelines", "src", "tests", "tools")))
    for path in TOP.glob(pattern) if path.is_file()]
BASENAMES = {path.name for path in FILES}
DOCUMENTS = {path: path.read_text(encoding="utf-8") for path in FILES if path.suffix == ".md"}
CODE = [path for path in FILES if path.suffix in (".c", ".h", ".py", ".sh", ".build", "")
        and path.name != "LICENSE" and path != Path(__file__).resolve()]

# In other projects' repositories.
FOREIGN = {"RKOPT_README.md", "examples/yolov8_pose/python/convert.py"}

# Of GstObject and GstBaseTransform.
INHERITED = {"rknnyolo": {"name", "parent"}, "rknnyolooverlay": {"name", "parent", "qos"}}


def name(path):
    return str(path.relative_to(TOP))


def nothing(description, found):
    """Passes when the list of flaws is empty."""
    tap.ok(description, not found, "\n".join(sorted(found)))


# ---- links ----

def anchors(text):
    """Of its headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_links():
    broken = []
    for path, text in DOCUMENTS.items():
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if "://" in target:
                continue
            file, _, anchor = target.partition("#")
            aim = (path.parent / file).resolve() if file else path
            if not aim.exists() or (anchor and anchor not in anchors(DOCUMENTS.get(aim, ""))):
                broken.append("%s: %s" % (name(path), target))
    nothing("links lead to files and headings that exist", broken)


def test_all_linked():
    """Whoever begins with the README finds every document."""
    todo, seen = [TOP / "README.md"], set()
    while todo:
        path = todo.pop()
        if path in seen or path not in DOCUMENTS:
            continue
        seen.add(path)
        for target in re.findall(r"\]\(([^)#\s]+)", DOCUMENTS[path]):
            aim = (path.parent / target).resolve()
            todo.append(aim / "README.md" if aim.is_dir() else aim)
    nothing("every document in docs/ can be reached from the README",
            [name(path) for path in DOCUMENTS if path.parent == TOP / "docs" and path not in seen])


# ---- names of files ----

def test_files():
    missing = []
    for path, text in DOCUMENTS.items():
        text = re.sub(r"\w+://\S+|github\.com/\S+", "", text)
        for word in re.findall(r"(?<![\w./<*-])[\w.-]+(?:/[\w.-]+)*\.(?:py|sh|c|h|md)\b", text):
            if word in FOREIGN:
                continue
            if "/" in word and not word.startswith("build/"):
                if not (TOP / word).exists() and not (path.parent / word).exists() \
                        and not (TOP / "include" / word).exists():
                    missing.append("%s: %s" % (name(path), word))
            elif Path(word).name not in BASENAMES:
                missing.append("%s: %s" % (name(path), word))
        for word in re.findall(r"(?<![\w./-])(?:tools|tests|pipelines)/[\w./-]*\w", text):
            if not (TOP / word).exists():
                missing.append("%s: %s" % (name(path), word))
    nothing("files that documents name exist", missing)


def the_drawing():
    text = DOCUMENTS[TOP / "docs/architecture.md"]
    return text.split("## The rooms")[1].split("\n\nCalls")[0]


def rooms():
    """The paths in the drawing of docs/architecture.md, with their folders."""
    folders, found = {}, set()
    for line in the_drawing().splitlines():
        match = re.match(r"( +)([\w.-]+/?)(?:  |$| )", line)
        if match is None or len(match[1]) > 6 + 2 * (len(folders) > 1):
            continue
        depth, word = len(match[1]), match[2]
        folders = {k: v for k, v in folders.items() if k < depth}
        if word.endswith("/") or "." in word:
            found.add("".join(folders[k] for k in sorted(folders)) + word)
        if word.endswith("/"):
            folders[depth] = word
    return found


def test_rooms():
    drawn = rooms()
    nothing("rooms that architecture.md draws exist",
            [room for room in drawn if not (TOP / room).exists()])
    there = {"gst/" + path.name for path in (TOP / "gst").glob("*.c")}
    there |= {"src/%s/" % path.name for path in (TOP / "src").iterdir() if path.is_dir()}
    nothing("every room of src/ and source of gst/ is drawn", there - drawn)
    drawing = the_drawing()
    nothing("and so are the folders of tests/, tools/ and pipelines/", [
        "%s/%s" % (top, path.name) for top in ("tests", "tools", "pipelines")
        for path in (TOP / top).iterdir()
        if path.is_dir() and any(file.is_relative_to(path) for file in FILES)
        and path.name != "__pycache__" and path.name + "/" not in drawing])


# ---- names in the code ----

def test_variables():
    code = "".join(path.read_text(encoding="utf-8", errors="replace") for path in CODE)
    pattern = r"\b(?:RKNNYOLO|RKNN_STANDIN|RGA_STANDIN)_[A-Z0-9_]*[A-Z0-9]\b"
    known = set(re.findall(pattern, code))
    nothing("environment variables that documents name are read somewhere",
            ["%s: %s" % (name(path), word) for path, text in DOCUMENTS.items()
             for word in set(re.findall(pattern, text)) if word not in known])


def test_programs():
    pages = {path.stem for path in (TOP / "docs/man").glob("*.1")}
    for document in ("README.md", "docs/tools.md"):
        rows = set(re.findall(r"^\| \[?(rknnyolo-[a-z-]+)", DOCUMENTS[TOP / document], re.MULTILINE))
        tap.ok("%s lists the programs that have a manual page" % document, rows == pages,
               sorted(rows ^ pages))


def test_stats():
    source = (TOP / "gst/gstrknnyolostats.c").read_text()
    made = set(re.findall(r'"([a-z0-9-]+)", (?:G_TYPE|GST_TYPE)', source))
    made |= set(re.findall(r'add_series \(stats, "([a-z-]+)"', source))
    made -= {"count", "mean-us", "median-us", "p95-us", "max-us"}
    table = DOCUMENTS[TOP / "docs/performance.md"].split("\n## Reading stats\n")[1]
    table = table.split("| field | |")[1].split("\n\n")[0]
    told = set()
    for row in re.findall(r"^\| ([a-z][^|]*) \|", table, re.MULTILINE):
        told.update(row.split(", "))
    tap.ok("performance.md tells all fields of stats", bool(made) and made <= told,
           "not told: %s" % sorted(made - told))
    nothing("and no others", told - made - {"core-N", "wait", "preprocess", "run", "decode", "total"})


def test_fallbacks():
    source = (TOP / "src/rga/rgalimits.c").read_text()
    names = re.search(r"names\[RY_N_RGA_REASONS\] = \{(.*?)\}", source, re.DOTALL)[1]
    reasons = set(re.findall(r'"([a-z-]+)"', names)) - {"none"}
    table = DOCUMENTS[TOP / "docs/troubleshooting.md"].split("| reason |")[1].split("\n\n")[0]
    told = set()
    for row in re.findall(r"^\| ([a-z, -]+) \|", table, re.MULTILINE):
        told.update(row.split(", "))
    tap.ok("troubleshooting.md tells all reasons in rga-fallbacks", told == reasons,
           sorted(told ^ reasons))


# ---- properties ----

def properties(element):
    """{name: default or None} as gst-inspect-1.0 tells; None where that does not
    work, for instance with a plugin built with a sanitizer."""
    program = shutil.which("gst-inspect-1.0")
    done = tap.run(program, element) if program else None
    if done is None or done.returncode != 0:
        return None
    found, last = {}, None
    for line in done.stdout.split("Element Properties:")[1].split("\nElement ")[0].splitlines():
        match = re.match(r"  ([a-z][a-z0-9-]*) *: ", line)
        default = re.search(r'Default: +(?:-?\d+, )?"?(.*?)"? *$', line)
        if match:
            last = match[1]
            found[last] = None
        elif default and last:
            found[last] = default[1]
    return found


def table_of(element):
    """{name: what the column default says} from the README."""
    section = DOCUMENTS[TOP / "README.md"].split("\n## %s\n" % element)[1].split("\n## ")[0]
    rows = {}
    for names, default in re.findall(r"^\| ([a-z][^|]*) \| ([^|]*?) ?\|", section, re.MULTILINE):
        if names != "property":
            rows.update(dict.fromkeys(names.split(", "), default))
    return rows


def test_properties(element):
    there, told = properties(element), table_of(element)
    if there is None:
        tap.skip("properties of " + element, "gst-inspect-1.0 does not show it here")
        return
    wanted = set(there) - INHERITED[element]
    tap.ok("the README tells all properties of " + element, set(told) == wanted,
           "only in the element: %s" % sorted(wanted - set(told)),
           "only in the README: %s" % sorted(set(told) - wanted))
    # Words such as "all" stand for an empty string.
    wrong = ["%s: the README says %s, the element %s" % (key, value, there[key])
             for key, value in told.items()
             if value and there.get(key) not in (None, "", "null", value)]
    nothing("and their defaults", wrong)


test_links()
test_all_linked()
test_files()
test_rooms()
test_variables()
test_programs()
test_stats()
test_fallbacks()
test_properties("rknnyolo")
test_properties("rknnyolooverlay")
tap.done()
