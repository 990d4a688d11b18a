"""Write admonitions and tabs of MkDocs Material as directives of Juxta.

    python material.py content/guide/install.md …

Files are changed in place. Code blocks are left alone.
"""

import re
import sys
from pathlib import Path

HEAD = re.compile(r"""^( *)(!!!|\?\?\?\+?|===!?\+?) *(\w*)[^"]*(?:"(.*)")?\s*$""")
KINDS = {
    "abstract": "info", "summary": "info", "tldr": "info", "question": "info",
    "help": "info", "faq": "info", "success": "tip", "check": "tip", "done": "tip",
    "hint": "tip", "attention": "caution", "failure": "danger", "fail": "danger",
    "missing": "danger", "bug": "danger", "error": "danger", "example": "note",
    "quote": "note", "cite": "note", "seealso": "note",
}
FOLD = {"???": " fold=closed", "???+": " fold=open"}


def wrap(indent, head, body):
    """A directive with more colons than any inside it."""
    inner = re.findall(r"^ *(:{3,})", "\n".join(body), re.MULTILINE)
    colons = ":" * (max(map(len, inner), default=2) + 1)
    return [f"{indent}{colons} {head}", *body, f"{indent}{colons}"]


def convert(lines):
    out, at, fence = [], 0, None
    while at < len(lines):
        line = lines[at]
        mark = re.match(r" *(`{3,}|~{3,})", line)
        if mark and fence is None:
            fence = mark[1]
        elif mark and fence and line.strip() == fence:
            fence = None
        head = HEAD.match(line)
        if fence or mark or not head:
            out.append(line)
            at += 1
            continue
        indent, tabs = head[1], []
        while True:
            at, body = at + 1, []
            while at < len(lines) and (not lines[at].strip() or lines[at].startswith(indent + "    ")):
                body.append(indent + lines[at][len(indent) + 4 :] if lines[at].strip() else "")
                at += 1
            while body and not body[-1]:
                body.pop()
            while body and not body[0]:
                body.pop(0)
            body = convert(body)
            if not head[2].startswith("="):
                kind = KINDS.get(head[3].lower(), head[3].lower() or "note")
                label = f' "{head[4]}"' if head[4] else ""
                out += [*wrap(indent, kind + label + FOLD.get(head[2], ""), body), ""]
                break
            tabs += [*wrap(indent, f'tab "{head[4]}"', body), ""]
            head = HEAD.match(lines[at]) if at < len(lines) else None
            if not head or not head[2].startswith("=") or head[1] != indent:
                out += [*wrap(indent, "tabs", tabs[:-1]), ""]
                break
    return out


for name in sys.argv[1:]:
    file = Path(name)
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(convert(lines)).rstrip() + "\n", encoding="utf-8")
