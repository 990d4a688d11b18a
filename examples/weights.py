"""Write the order of another tool's table of contents into front matter.

    python weights.py SUMMARY.md content
    python weights.py mkdocs.yml content nav:
    python weights.py config.ts content sidebar:

Every page that is named gets a `weight`, in the order of the names, and every
folder on the way an `_index.md` with `sort_by`. A third argument is the word
after which names are looked for. What has a weight already keeps it.
"""

import re
import sys
from pathlib import Path

PAGE = re.compile(r"""([\w./-]+\.mdx?)|link:\s*["']/?([^"'#:]*)["']""")


def file_of(name, root):
    """The content file a name stands for, or None."""
    path = root / re.sub(r"\.mdx?$", "", name.strip("/"))
    if path.name in ("README", "index"):
        path = path.parent
    for candidate in (path.with_name(path.name + ".md"), path / "_index.md"):
        if candidate.is_file():
            return candidate
    return None


def set_key(file, key, value):
    """Put a key into the front matter, unless it is there."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    fence = text[:4].strip()
    sign = ": " if fence == "---" else " = "
    if fence not in ("---", "+++"):
        text, fence = f"+++\n+++\n\n{text}", "+++"
    head, end, body = text[4:].partition(f"{fence}\n")
    if not re.search(rf"^{key}\b", head, re.MULTILINE):
        file.write_text(f"{fence}\n{key}{sign}{value}\n{head}{end}{body}", encoding="utf-8")


def main(contents, root, after=""):
    root = Path(root)
    text = Path(contents).read_text(encoding="utf-8")
    weight = 0
    for match in PAGE.finditer(text, max(text.find(after), 0)):
        file = file_of(match[1] or match[2], root)
        if file is None:
            print(f"no file for {match[0]}", file=sys.stderr)
            continue
        weight += 10
        set_key(file, "weight", weight)
        for folder in [p for p in file.parents if p == root or root in p.parents]:
            set_key(folder / "_index.md", "sort_by", '"weight"')
            if folder != root:
                set_key(folder / "_index.md", "weight", weight)


main(*sys.argv[1:])
