"""Turn public data about many subjects into fields of a Juxta site.

    python3 examples/fields.py components    component-party.jsonl.gz        SITE
    python3 examples/fields.py metrics       web-framework-metrics.jsonl.gz  SITE
    python3 examples/fields.py compatibility browser-compat-javascript.jsonl.gz SITE

The data are JSON Lines, one object a line, plain or gzipped; what each object
holds is described at the function that reads it. SITE is a new folder; then:
`juxta build -r SITE`.
"""

import gzip
import json
import re
import sys
from pathlib import Path


def rows(path):
    opened = gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8")
    with opened as lines:
        for line in lines:
            yield json.loads(line)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def slug(text):
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def components(data, site):
    """Subjects (`type`: "subject", `id`, `title`, `released`, `documentation`,
    `repository`) and files (`section`, `topic`, `subject`, `file`, `text`): a
    task for each topic, a folder for each subject."""
    field = site / "content" / "components"
    write(field / "_index.md", '+++\ntitle = "User interface frameworks"\n+++\n')
    write(
        field / "criteria.toml",
        "[field]\nmin_shared_facts = 1\nmin_shared_tasks = 5\n\n"
        '[[criterion]]\nid = "released"\ntitle = "First release"\ntype = "date"\n\n'
        '[[criterion]]\nid = "repository"\ntitle = "Repository"\ntype = "url"\n',
    )
    topics = {}
    for row in rows(data):
        if row["type"] == "subject":
            write(
                field / f"{slug(row['id'])}.md",
                f"+++\ntitle = {quoted(row['title'])}\n[subject]\nid = {quoted(slug(row['id']))}\n"
                f"website = {quoted(row['documentation'])}\n"
                f"[facts]\nreleased = {row['released']}\nrepository = {quoted(row['repository'])}\n+++\n",
            )
        else:
            topic = topics.setdefault((row["section"], row["topic"]), [])
            topic.append(row)
    for weight, (section, topic) in enumerate(sorted(topics, key=lambda key: [int(part.split("-")[0]) for part in key])):
        name = topic.split("-", 1)[1]
        folder = field / "tasks" / f"{slug(section.split('-', 1)[1])}-{slug(name)}"
        title = name.replace("-", " ").capitalize()
        write(folder / "index.md", f"+++\ntitle = {quoted(title)}\nweight = {weight}\n[task]\n+++\n")
        for row in topics[section, topic]:
            write(folder / slug(row["subject"]) / row["file"], row["text"])


def metrics(data, site):
    """Subjects (`label`, `language`, `version`, `website`, `metrics`: "name@connections"
    → number, −1 for not measured): one data file, a pair for any two that share
    six numbers."""
    field = site / "content" / "frameworks"
    write(field / "_index.md", '+++\ntitle = "Web frameworks"\n+++\n')
    criteria = ['[field]\nname = "web frameworks"\npairs = "publish"\nmin_shared_tasks = 0\n']
    mapping = []
    for connections in (64, 256, 512):
        for name, title, unit, better in [
            ("total_requests_per_s", "Requests per second", "req/s", "higher"),
            ("percentile50", "Median latency", "ms", "lower"),
            ("percentile99", "99th percentile of latency", "ms", "lower"),
        ]:
            criterion = f"{name}_{connections}"
            criteria.append(
                f'[[criterion]]\nid = "{criterion}"\ntitle = "{title}, {connections} connections"\n'
                f'type = "number"\nunit = "{unit}"\nbetter = "{better}"\n'
            )
            given = f'"{criterion}"' if unit == "req/s" else f'{{ column = "{criterion}", unit = "s" }}'
            mapping.append(f"{criterion} = {given}")
    criteria.append(
        '[[data]]\nfile = "metrics.json"\ntitle = "label"\nversion = "version"\nwebsite = "website"\n'
        'languages = "language"\nsource = "https://github.com/the-benchmarker/web-frameworks"\n'
        "[data.facts]\n" + "\n".join(mapping) + "\n"
    )
    write(field / "criteria.toml", "\n".join(criteria))
    names, out = set(), []
    for row in rows(data):
        name = slug(f"{row['label']}-{row['language']}" if slug(row["label"]) in names else row["label"])
        names.add(name)
        subject = {"id": name, "label": row["label"], "language": row["language"]}
        subject["version"] = str(row["version"])
        if row.get("website"):
            subject["website"] = row["website"]
        for metric, value in row["metrics"].items():
            if value is not None and value > 0:
                subject[metric.replace("@", "_")] = value
        out.append(subject)
    write(field / "metrics.json", json.dumps(out, indent=1, ensure_ascii=False))


def compatibility(data, site):
    """Subjects (`type`: "subject", `id`, `title`) and criteria (`id`, dotted;
    `support`: subject → statement, list of statements or "mirror"; a statement
    has `version_added`, `version_removed`, `partial_implementation`, `notes`)."""
    field = site / "content" / "javascript"
    write(field / "_index.md", '+++\ntitle = "JavaScript in browsers and runtimes"\n+++\n')
    subjects, criteria, groups = {}, ["[field]\npairs = \"none\"\n"], {}
    for row in rows(data):
        if row["type"] == "subject":
            subjects[slug(row["id"])] = {"title": row["title"]}
            continue
        parts = row["id"].split(".")[1:]
        group = slug("-".join(parts[:2]))
        groups.setdefault(group, ".".join(parts[:2]))
        name = "".join(c if c.isalnum() or c in "._-" else "-" for c in ".".join(parts)).lower().strip("._-")
        while name in groups or any(name in subject for subject in subjects.values()):
            name += "_"
        title = row.get("description") or "`" + ".".join(parts[1:]) + "`"
        title = re.sub(r"<[^>]+>|`", "", title)
        criteria.append(
            f'[[criterion]]\nid = "{name}"\ngroup = "{group}"\ntitle = {quoted(title)}\ntype = "support"\nbetter = "yes"\n'
        )
        for subject, statement in row["support"].items():
            if statement == "mirror" or slug(subject) not in subjects:
                continue
            fact = support(statement[0] if isinstance(statement, list) else statement)
            if row.get("url"):
                fact["source"] = row["url"]
            subjects[slug(subject)][name] = fact
    head = "".join(f'[[group]]\nid = "{group}"\ntitle = "{title}"\n\n' for group, title in groups.items())
    columns = "".join(f"{line.split(chr(34))[1]!s} = {quoted(line.split(chr(34))[1])}\n" for line in criteria[1:])
    columns = re.sub(r"^(\S+) = ", lambda found: f"{quoted(found[1])} = ", columns, flags=re.M)
    criteria.append('[[data]]\nfile = "support.json"\ntitle = "title"\n[data.facts]\n' + columns)
    write(field / "criteria.toml", criteria[0] + "\n" + head + "\n".join(criteria[1:]))
    write(field / "support.json", json.dumps(subjects, indent=1, ensure_ascii=False))


def support(statement):
    """One statement as a fact."""
    added, removed = statement.get("version_added"), statement.get("version_removed")
    notes = statement.get("notes")
    note = re.sub(r"<[^>]+>", "", " ".join(notes) if isinstance(notes, list) else notes or "")
    fact = {"note": note} if note else {}
    if added is None:
        return fact | {"value": "unknown"}
    if added is False:
        return fact | {"value": "no"}
    if removed:
        return fact | {"value": "removed", "since": str(added), "until": str(removed)}
    if added == "preview":
        return fact | {"value": "planned"}
    if statement.get("partial_implementation"):
        fact.setdefault("note", "In part.")
        fact["value"] = "partial"
    else:
        fact["value"] = "yes"
    if added is not True:
        fact["since"] = str(added).lstrip("≤")
    return fact


def main():
    kinds = {"components": components, "metrics": metrics, "compatibility": compatibility}
    if len(sys.argv) != 4 or sys.argv[1] not in kinds:
        sys.exit(__doc__)
    site = Path(sys.argv[3])
    write(site / "content" / "_index.md", "# Fields from data\n")
    kinds[sys.argv[1]](sys.argv[2], site)


main()
