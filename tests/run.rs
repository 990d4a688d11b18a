//! `check --run`: snippets are run, what they print is compared, nothing they
//! start stays, and nothing is run twice for nothing. Baselines, and the format
//! of GitHub Actions.
//!
//! Tests of what an interpreter does are passed over where it is not there.
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk and start processes")]
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests are tests too")]

mod support;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use juxta::base::paths::FilePath;
use juxta::run::{Example, Exit, Failure, Options, Unchecked, run_examples};
use snapbox::{assert_data_eq, str};

use support::site::{Run, SiteTest};

/// Where interpreters are; the program's own environment is bare otherwise.
fn search() -> String {
    std::env::var("PATH").unwrap_or_default()
}

/// Whether a test that needs programs can be run here.
fn has(programs: &[&str]) -> bool {
    let missing = programs
        .iter()
        .find(|program| !std::env::split_paths(&search()).any(|folder| folder.join(program).is_file()));
    if let Some(program) = missing {
        eprintln!("passed over: there is no `{program}`");
    }
    missing.is_none()
}

/// A site of one page.
fn page(text: &str) -> SiteTest {
    let site = SiteTest::of(&[]);
    site.write("content/a.md", format!("# A\n\n{text}"));
    site
}

fn run_with(site: &SiteTest, arguments: &[&str]) -> Run {
    let mut command = site.command(&[&["check", "--run", "--message-format", "short"], arguments].concat());
    command.env("PATH", search());
    site.finish(command)
}

/// Problems, and the line about what was run.
fn run(site: &SiteTest) -> String {
    told(&run_with(site, &[]))
}

fn told(run: &Run) -> String {
    run.stderr
        .lines()
        .filter(|line| !line.starts_with("Checked "))
        .fold(String::new(), |all, line| all + line + "\n")
}

#[test]
fn what_a_page_shows_is_what_the_code_prints() {
    if !has(&["node", "python3", "sh"]) {
        return;
    }
    let site = page(
        "```js run\nconsole.log('one');\n```\n\n```output\none\n```\n\n\
         ```python run expect=\"2…\"\nprint('2 or more')\n```\n\n\
         ```sh run\necho three\necho four\n```\n\n```text output\nthree\n…\n```\n\n\
         ```js title=\"old.js\" run\nconst { sep } = require('node:path');\nconsole.log(sep);\n```\n\n\
         ```js title=\"new.js\" run\nimport { sep } from 'node:path';\nconsole.log(sep);\n```\n",
    );
    let first = run_with(&site, &[]).fine();
    assert_data_eq!(
        told(&first),
        str![[r#"
Ran 5 snippets

"#]]
    );
}

#[test]
fn a_failure_is_at_the_line_of_the_page() {
    if !has(&["node", "python3", "sh"]) {
        return;
    }
    let site = page(
        "- ```js run\n  const a = 1;\n  throw new TypeError('bad');\n  ```\n\n\
         ```python run\ndef f(x):\n    return x / 0\n\nf(1)\n```\n\n\
         ```sh run\ntrue\nno-such-program\n```\n\n\
         ```python run\nimport sys\nsys.exit(3)\n```\n\n\
         ```js run check=off\nconst = 1;\n```\n\n\
         > ```python run check=off\n> def f(:\n> ```\n",
    );
    let ran = run_with(&site, &[]);
    assert_eq!(ran.code, 1);
    assert_data_eq!(
        told(&ran),
        str![[r#"
content/a.md:5:3: error[snippet-failed]: the code ended with exit code 1
content/a.md:10:5: error[snippet-failed]: the code ended with exit code 1
content/a.md:17:1: error[snippet-failed]: the code ended with exit code 127
content/a.md:20:1: error[snippet-failed]: the code ended with exit code 3
content/a.md:26:1: error[snippet-failed]: the code ended with exit code 1
content/a.md:30:3: error[snippet-failed]: the code ended with exit code 1
Ran 6 snippets, 6 failed

"#]]
    );
}

#[test]
fn a_failure_says_what_the_code_said() {
    if !has(&["python3"]) {
        return;
    }
    let site = page("```python run\ndef f(x):\n    return x / 0\n\nf(1)\n```\n");
    let mut command = site.command(&["check", "--run"]);
    command.env("PATH", search());
    let ran = site.finish(command);
    assert_data_eq!(
        told(&ran),
        str![[r#"
error[snippet-failed]: the code ended with exit code 1
 --> content/a.md:5:5
  |
5 |     return x / 0
  |     ^^^^^^^^^^^^ ZeroDivisionError: division by zero
  |
  = help: it said: Traceback (most recent call last):
  = help: it said: File "snippet-1.py", line 4, in <module>
  = help: it said: File "snippet-1.py", line 2, in f

Ran 1 snippet, 1 failed

"#]]
    );
}

#[test]
fn code_that_does_not_end_is_ended() {
    if !has(&["sh", "sleep"]) {
        return;
    }
    let site = page("```sh run timeout=1\nsleep 60\n```\n");
    let started = Instant::now();
    assert_data_eq!(
        run(&site),
        str![[r#"
content/a.md:3:1: error[snippet-timeout]: the code was ended after 1 second
Ran 1 snippet, 1 failed

"#]]
    );
    assert!(started.elapsed() < Duration::from_secs(30));
}

/// Whether no `sleep` of one of these lengths is left, or will be soon.
fn gone(lengths: &[&str]) -> bool {
    let is_there = || {
        let Ok(all) = std::fs::read_dir("/proc") else { return false };
        all.flatten().any(|process| {
            let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).into_owned();
            line.starts_with("sleep") && lengths.iter().any(|length| line.contains(length))
        })
    };
    let until = Instant::now() + Duration::from_secs(10);
    while is_there() {
        if Instant::now() > until {
            return false;
        }
        std::thread::yield_now();
    }
    true
}

#[test]
fn what_the_code_started_ends_with_it() {
    if !has(&["sh", "sleep"]) {
        return;
    }
    // One ends by itself, one is ended; both leave a child behind.
    let (one, two) = ("61.734101", "61.734102");
    let site = page(&format!(
        "```sh run\nsleep {one} >/dev/null 2>&1 &\necho done\n```\n\n```output\ndone\n```\n\n\
         ```sh run timeout=1\nsleep {two} &\nsleep {two}\n```\n"
    ));
    assert_data_eq!(
        run(&site),
        str![[r#"
content/a.md:12:1: error[snippet-timeout]: the code was ended after 1 second
Ran 2 snippets, 1 failed

"#]]
    );
    assert!(gone(&[one, two]));
}

#[test]
fn what_tries_to_get_away_ends_too() {
    let way = ["--map-root-user", "--net", "--pid", "--fork", "--kill-child", "true"];
    let can = Command::new("unshare").args(way).status().is_ok_and(|status| status.success());
    if !has(&["sh", "sleep", "setsid"]) || !can {
        return;
    }
    let length = "61.734103";
    let site =
        page(&format!("```sh run\nsetsid sleep {length} >/dev/null 2>&1 &\nsleep 0.2\necho done\n```\n"));
    run_with(&site, &[]).fine();
    assert!(gone(&[length]));
}

#[test]
fn other_output_is_told_and_rewritten_on_request() {
    if !has(&["sh"]) {
        return;
    }
    let text = "\u{feff}+++\r\ntitle = \"x\"\r\n+++\r\n\r\n\
        1. ~~~sh run\r\n   echo a; echo; echo c took 3 ms\r\n   ~~~\r\n\r\n   ~~~~output\r\n   old\r\n   \
        c took … ms\r\n   ~~~~\r\n\r\n\
        Text stays.  \r\n\n```sh run\necho same\n```\n\n```output\nsame   \n```\n\n\
        ```sh run\necho new\n```\n\n```output\n```\n";
    let site = SiteTest::of(&[]);
    site.write("content/a.md", text);
    let ran = run_with(&site, &[]);
    assert_eq!(ran.code, 1);
    assert_data_eq!(
        told(&ran),
        str![[r#"
content/a.md:10:4: error[snippet-output]: the code printed something else than the page shows
content/a.md:29:1: error[snippet-output]: the code printed something else than the page shows
Ran 3 snippets, 2 failed

"#]]
    );
    let ran = run_with(&site, &["--update"]).fine();
    assert_data_eq!(
        told(&ran),
        str![[r#"
Ran 3 snippets (1 from the last run), 2 outputs rewritten

"#]]
    );
    let expected =
        text.replace("   old\r\n   c", "   a\r\n\r\n   c").replace("```output\n```", "```output\nnew\n```");
    assert_eq!(std::fs::read_to_string(site.path("content/a.md")).unwrap(), expected);
    assert_data_eq!(
        told(&run_with(&site, &[]).fine()),
        str![[r#"
Ran 3 snippets (3 from the last run)

"#]]
    );
}

#[test]
fn a_page_with_expressions_is_rewritten_where_its_text_stands() {
    if !has(&["sh"]) {
        return;
    }
    let text = "# {{ page.path }}\n\n{{ page.path }}\n\n```sh run\necho {{ a }}\n```\n\n```output\n```\n";
    let site = SiteTest::of(&[("content/a.md", text)]);
    run_with(&site, &["--update"]).fine();
    let written = std::fs::read_to_string(site.path("content/a.md")).unwrap();
    assert_eq!(written, text.replace("```output\n", "```output\n{{ a }}\n"));
}

#[test]
fn snippets_go_on_from_one_another() {
    if !has(&["node", "python3"]) {
        return;
    }
    let site = page(
        "```python hide\nsecret = 40\n```\n\n\
         ```python continues {1} hide_lines={2}\nprint(secret + 1)\nmore = 1\n```\n\n```output\n41\n```\n\n\
         Text.\n\n\
         ```python run continues\nprint(secret + 1 + more)\n```\n\n```output\n42\n```\n\n\
         ```js title=\"lib.mjs\" id=lib\nexport const five = 5;\n```\n\n\
         ```json title=\"data/d.json\" id=data\n{ \"a\": 1 }\n```\n\n\
         ```js run id=writes after=\"lib data\"\nimport { writeFileSync, readFileSync } from 'node:fs';\n\
         import { five } from './lib.mjs';\n\
         writeFileSync('out.txt', String(JSON.parse(readFileSync('data/d.json', 'utf8')).a + five));\n```\n\n\
         ```python run after=writes\nprint(open('out.txt').read())\n```\n\n```output\n6\n```\n\n\
         ```python run\nimport os\nprint(os.listdir())\n```\n\n```output\n['…']\n```\n",
    );
    assert_data_eq!(
        told(&run_with(&site, &[]).fine()),
        str![[r#"
Ran 4 snippets

"#]]
    );
    site.build().fine();
    let html = site.output("a/index.html");
    assert!(!html.contains("secret</span> <span") && !html.contains("secret = 40"), "set-up is not shown");
    assert!(html.contains("data/d.json"));
}

#[test]
fn a_failure_in_code_that_goes_on_is_in_its_own_block() {
    if !has(&["python3"]) {
        return;
    }
    let site = page(
        "```python run\nprint(1)\n```\n\n```output\n1\n```\n\n\
         ```python run continues id=two\nprint(2)\nprint(undefined_name)\n```\n\n```output\n2\n```\n\n\
         ```python run after=two\nprint(3)\n```\n",
    );
    assert_data_eq!(
        run(&site),
        str![[r#"
content/a.md:13:1: error[snippet-failed]: the code ended with exit code 1
Ran 1 snippet, 1 failed, 1 unchecked

"#]]
    );
}

#[test]
fn attributes_that_cannot_be_are_told() {
    let site = page(
        "```js run after=frist\n1;\n```\n\n```js id=first\n2;\n```\n\n```js run=no hide id=first\n3;\n```\n\n\
         ```js run id=a after=b\n4;\n```\n\n```js run id=b after=a\n5;\n```\n\n```js run after=b\n5;\n```\n\n\
         ```python run continues\n6\n```\n\n```go run\n7\n```\n\n```js run=nod\n8;\n```\n\n\
         ```js run timeout=soon version=new\n9;\n```\n\n\
         ```json id=data\n{}\n```\n\n```js run after=data\n10;\n```\n",
    );
    let mut command = site.command(&["check", "--run", "--message-format", "short"]);
    command.env("PATH", "");
    assert_data_eq!(
        told(&site.finish(command)),
        str![[r#"
content/a.md:3:1: note[missing-interpreter]: 3 snippets were not run: there is no `node` here
content/a.md:3:11: error[unknown-snippet-id]: no snippet on this page has the id `frist`
content/a.md:11:19: error[duplicate-snippet-id]: two snippets have the id `first`
content/a.md:15:16: error[snippet-cycle]: snippets wait for each other in a circle
content/a.md:27:1: note[missing-interpreter]: 1 snippet was not run: there is no `python3` here
content/a.md:27:15: error[nothing-to-continue]: there is no code that this could continue
content/a.md:31:7: error[unknown-interpreter]: `go` code cannot be run
content/a.md:35:7: error[unknown-interpreter]: nothing called `nod` runs code here
content/a.md:39:11: error[bad-fence-attribute]: expected seconds from 0 to 600 as `timeout`, found `soon`
content/a.md:39:24: error[bad-fence-attribute]: `new` is no range of versions
content/a.md:43:1: error[snippet-without-file]: this snippet is not run and has no file name
Ran 0 snippets, 4 unchecked

"#]]
    );
}

#[test]
fn what_has_not_changed_is_not_run_again() {
    if !has(&["sh"]) {
        return;
    }
    let text = |word: &str| {
        format!(
            "# A\n\n```sh run\necho {word}\n```\n\n```output\n{word}\n```\n\n```sh run\necho other\n```\n"
        )
    };
    let site = SiteTest::of(&[]);
    let check = |expected: &str| {
        assert_eq!(told(&run_with(&site, &[]).fine()), format!("{expected}\n"));
    };
    site.write("content/a.md", text("one"));
    check("Ran 2 snippets");
    check("Ran 2 snippets (2 from the last run)");
    site.write("content/a.md", format!("{}\nText.\n", text("one")));
    check("Ran 2 snippets (2 from the last run)");
    site.write("content/a.md", text("two"));
    check("Ran 2 snippets (1 from the last run)");
    check("Ran 2 snippets (2 from the last run)");
    let kept = || std::fs::read_dir(site.path(".juxta/run")).unwrap().count();
    assert_eq!(kept(), 2);
    // What is kept is not believed where it does not fit, and repaired where it is broken.
    for entry in std::fs::read_dir(site.path(".juxta/run")).unwrap() {
        std::fs::write(entry.unwrap().path(), "[\"lies\\n\", 1]").unwrap();
    }
    check("Ran 2 snippets");
}

#[test]
fn a_build_runs_nothing() {
    if !has(&["sh"]) {
        return;
    }
    let site = page("```sh run\nexit 1\n```\n\n```output\nnever\n```\n");
    site.build().fine();
    site.run(&["check"]).fine();
    assert!(!site.path(".juxta").exists());
    assert!(site.output("a/index.html").contains("never"));
}

#[test]
fn the_environment_is_bare_and_the_folder_new() {
    if !has(&["sh", "python3"]) {
        return;
    }
    let site = page(
        "```python run\nimport os, sys\nprint(sorted(os.environ))\nprint(os.environ['HOME'] == os.getcwd())\n\
         print(os.listdir())\nprint(sys.stdin.read() == '')\nprint('PYTHONPATH' in os.environ)\n```\n\n\
         ```output\n['HOME', 'LANG', 'LC_ALL', 'NO_COLOR', 'PATH', …'TZ'…]\nTrue\n['snippet-1.py']\nTrue\nFalse\n```\n",
    );
    let mut command = site.command(&["check", "--run", "--message-format", "short"]);
    command.env("PATH", search()).env("API_TOKEN", "secret").env("PYTHONPATH", "/nowhere");
    let ran = site.finish(command).fine();
    assert_data_eq!(
        told(&ran),
        str![[r#"
Ran 1 snippet

"#]]
    );
}

#[test]
fn the_network_is_cut_where_it_can_be() {
    if !has(&["python3"]) {
        return;
    }
    let cut = Command::new("unshare").args(["--map-root-user", "--net", "true"]).output();
    let site = page(
        "```python run\nimport socket\ntry:\n    socket.create_connection(('192.0.2.1', 80), timeout=5)\n\
         except OSError as error:\n    print(error)\n```\n\n```output\n[Errno 101] Network is unreachable\n```\n",
    );
    let ran = run_with(&site, &[]);
    if cut.is_ok_and(|cut| cut.status.success()) {
        ran.fine();
    } else {
        assert!(ran.stderr.contains("note[network-not-cut]"), "{}", ran.stderr);
    }
}

/// A server and its client are one program; nobody else is there.
#[test]
fn a_program_can_talk_to_itself() {
    let up = ["--map-root-user", "--net", "ip", "link", "set", "lo", "up"];
    let can = Command::new("unshare").args(up).output().is_ok_and(|up| up.status.success());
    if !has(&["node", "python3"]) || !can {
        return;
    }
    let site = page(
        "```js run\nimport { createServer } from 'node:http';\n\
         const server = createServer((request, response) => response.end(request.url));\n\
         await new Promise((ready) => server.listen(0, '127.0.0.1', ready));\n\
         const { port } = server.address();\n\
         console.log(await (await fetch(`http://127.0.0.1:${port}/hello`)).text());\n\
         server.close();\n\
         try { await fetch('http://192.0.2.1/'); } catch (error) { console.log(error.cause.code); }\n```\n\n\
         ```output\n/hello\nENETUNREACH\n```\n\n\
         ```python run\nimport socket, threading\nserver = socket.create_server(('localhost', 0))\n\
         def serve():\n    client, _ = server.accept()\n    client.sendall(b'hello')\n    client.close()\n\
         threading.Thread(target=serve).start()\n\
         print(socket.create_connection(server.getsockname()).recv(5))\n\
         try:\n    socket.create_connection(('192.0.2.1', 80), timeout=5)\n\
         except OSError as error:\n    print(error)\n```\n\n\
         ```output\nb'hello'\n[Errno 101] Network is unreachable\n```\n",
    );
    assert_data_eq!(
        told(&run_with(&site, &[]).fine()),
        str![[r#"
Ran 2 snippets

"#]]
    );
}

#[test]
fn output_without_end_is_stopped() {
    if !has(&["sh", "node", "python3"]) {
        return;
    }
    let site = page(
        "```sh run\nwhile true; do echo yes yes yes yes yes yes yes yes; done\n```\n\n```sh run\necho fine\n```\n\n\
         ```js run\nwhile (true) console.log('yes yes yes');\n```\n\n\
         ```js run\nwhile (true) process.stdout.write('yes yes yes');\n```\n\n\
         ```js run\nwhile (true) console.error('yes yes yes');\n```\n\n\
         ```python run\nwhile True: print('yes yes yes')\n```\n",
    );
    assert_data_eq!(
        run(&site),
        str![[r#"
content/a.md:3:1: error[snippet-too-much-output]: the code printed more than 1024 KiB and was ended
content/a.md:11:1: error[snippet-too-much-output]: the code printed more than 1024 KiB and was ended
content/a.md:15:1: error[snippet-too-much-output]: the code printed more than 1024 KiB and was ended
content/a.md:19:1: error[snippet-too-much-output]: the code printed more than 1024 KiB and was ended
content/a.md:23:1: error[snippet-too-much-output]: the code printed more than 1024 KiB and was ended
Ran 6 snippets, 5 failed

"#]]
    );
}

#[test]
fn memory_without_end_is_refused() {
    if !has(&["python3"]) {
        return;
    }
    let site = page("```python run\ntext = 'x' * (8 << 30)\n```\n");
    assert_data_eq!(
        run(&site),
        str![[r#"
content/a.md:4:1: error[snippet-failed]: the code ended with exit code 1
Ran 1 snippet, 1 failed

"#]]
    );
}

#[test]
fn without_an_interpreter_nothing_fails() {
    let site = page("```js run\nconsole.log(1);\n```\n\n```output\n2\n```\n\n```js run\n3;\n```\n");
    let mut command = site.command(&["check", "--run", "--strict", "--message-format", "short"]);
    command.env("PATH", "/nonexistent");
    assert_data_eq!(
        told(&site.finish(command).fine()),
        str![[r#"
content/a.md:3:1: note[missing-interpreter]: 2 snippets were not run: there is no `node` here
Ran 0 snippets, 2 unchecked

"#]]
    );
}

#[test]
fn code_without_its_packages_is_not_run() {
    if !has(&["node", "python3", "sh"]) {
        return;
    }
    let site = page(
        "```js run requires=\"ours node:fs\"\nimport ours from 'ours';\nconsole.log(ours);\n```\n\n```output\nhello\n```\n\n\
         ```js run requires=ours id=js\nconsole.log(require('ours'));\n```\n\n\
         ```js run requires=no-such-package\nimport 'no-such-package';\n```\n\n\
         ```python run requires=\"json,email.mime\"\nimport json\n```\n\n\
         ```python run requires=\"json no_such.package\" id=a\nimport no_such.package\n```\n\n\
         ```python run continues\nmore()\n```\n\n\
         ```python run requires=no_such.package\nimport no_such.package\n```\n\n\
         ```sh run requires=sh\necho\n```\n\n```sh run requires=no-such-program\nno-such-program\n```\n\n\
         ```sh run requires=--help\necho\n```\n",
    );
    site.write("node_modules/ours/package.json", "{ \"version\": \"1.0\" }");
    site.write("node_modules/ours/index.js", "module.exports = 'hello';\n");
    let ran = run_with(&site, &["--strict"]);
    assert_data_eq!(
        told(&ran),
        str![[r#"
content/a.md:16:1: note[missing-package]: 1 snippet was not run: `node` finds no package `no-such-package` here
content/a.md:24:1: note[missing-package]: 2 snippets were not run: `python3` finds no package `no_such.package` here
content/a.md:40:1: note[missing-package]: 1 snippet was not run: `sh` finds no `no-such-program` here
content/a.md:44:11: error[bad-fence-attribute]: `requires` wants names of packages
Ran 5 snippets, 4 unchecked

"#]]
    );
    // Another version of a package may print something else.
    site.write("content/a.md", "# A\n\n```js run requires=ours\nconsole.log(require('ours'));\n```\n");
    assert_data_eq!(told(&run_with(&site, &[]).fine()), "Ran 1 snippet\n");
    assert_data_eq!(told(&run_with(&site, &[]).fine()), "Ran 1 snippet (1 from the last run)\n");
    site.write("node_modules/ours/package.json", "{ \"version\": \"1.1\" }");
    assert_data_eq!(told(&run_with(&site, &[]).fine()), "Ran 1 snippet\n");
}

/// What other stages run: several files, of which one is started.
#[test]
fn examples_of_several_files_are_run() {
    if !has(&["node", "python3"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        search: std::env::split_paths(&search()).collect(),
        temporary: std::env::temp_dir(),
        root: folder.path().to_owned(),
        store: folder.path().join("store"),
        update: false,
        record: None,
    };
    let path = |path: &str| FilePath::root().resolve(path).unwrap();
    let example = |files: &[(&str, &str)], main: &str, requires: &[&str]| Example {
        files: files.iter().map(|(name, text)| (path(name), (*text).to_owned())).collect(),
        main: path(main),
        with: None,
        requires: requires.iter().map(|name| (*name).to_owned()).collect(),
        timeout: None,
    };
    let lib = ("lib/sum.py", "def add(a, b):\n    return a / b\n");
    let ran = run_examples(
        &[
            example(
                &[
                    ("main.js", "import { five } from './five.js';\nconsole.log(five);\n"),
                    ("five.js", "export const five = 5;\n"),
                ],
                "main.js",
                &[],
            ),
            example(&[lib, ("main.py", "from lib.sum import add\nprint(add(4, 2))\n")], "main.py", &["json"]),
            example(&[lib, ("main.py", "from lib.sum import add\nadd(4, 0)\n")], "main.py", &[]),
            example(&[("main.py", "import no_such\n")], "main.py", &["no_such"]),
            example(&[("main.go", "package main\n")], "main.go", &[]),
            example(&[("other.py", "")], "main.py", &[]),
        ],
        &options,
    );
    let failed = Failure {
        code: "snippet-failed",
        message: "the code ended with exit code 1".to_owned(),
        place: Some(("lib/sum.py".to_owned(), 2)),
        reason: "ZeroDivisionError: division by zero".to_owned(),
        last_lines: Vec::new(),
        hint: None,
    };
    let ran: Vec<Option<Exit>> = ran
        .into_iter()
        .map(|exit| match exit {
            Some(Exit::Failed(failure)) => Some(Exit::Failed(Failure { last_lines: Vec::new(), ..failure })),
            exit => exit,
        })
        .collect();
    assert_eq!(
        ran,
        [
            Some(Exit::Printed("5\n".to_owned())),
            Some(Exit::Printed("2.0\n".to_owned())),
            Some(Exit::Failed(failed)),
            Some(Exit::Unchecked(Unchecked::Package("python3", "no_such".to_owned()))),
            None,
            None,
        ]
    );
}

#[test]
fn a_failure_in_included_code_is_at_both_places() {
    if !has(&["python3"]) {
        return;
    }
    let site = page("```python run include=\"app.py#part\"\n```\n");
    site.write(
        "app.py",
        "# region part\nif True:\n    # region inner\n    1 / 0\n    # endregion\n# endregion\n",
    );
    let mut command = site.command(&["check", "--run"]);
    command.env("PATH", search());
    assert_data_eq!(
        told(&site.finish(command)),
        str![[r#"
error[snippet-failed]: the code ended with exit code 1
 --> app.py:4:5
  |
4 |     1 / 0
  |     ^^^^^ ZeroDivisionError: division by zero
  |
 ::: content/a.md:3:1
  |
3 | ```python run include="app.py#part"
  | ----------------------------------- the code
  |
  = help: it said: Traceback (most recent call last):
  = help: it said: File "snippet-1.py", line 2, in <module>

Ran 1 snippet, 1 failed

"#]]
    );
}

/// Node.js takes types out itself, from 22.18 on.
#[test]
fn typescript_is_run_where_node_can() {
    if !has(&["node"]) {
        return;
    }
    let site = page(
        "```ts run\ninterface Side { name: string }\nconst side: Side = { name: 'Node.js' };\n\
         console.log(side.name as string);\n```\n\n```output\nNode.js\n```\n",
    );
    let version = Command::new("node").args(["-p", "process.versions.node"]).output().unwrap().stdout;
    let version = String::from_utf8(version).unwrap();
    let mut numbers = version.trim().split('.').map(|number| number.parse::<u32>().unwrap());
    let can = (numbers.next(), numbers.next()) >= (Some(22), Some(18));
    let told = told(&run_with(&site, &[]).fine());
    if can {
        assert_data_eq!(told, "Ran 1 snippet\n");
    } else {
        eprintln!("passed over in part: Node.js {} does not take types out", version.trim());
        assert_data_eq!(
            told,
            str![[r#"
content/a.md:3:1: note[unfit-interpreter]: 1 snippet was not run: `node` >=22.18 is needed, here it is [..]
Ran 0 snippets, 1 unchecked

"#]]
        );
    }
}

/// What readers are told is true of exactly the code that they see.
#[test]
fn readers_are_told_how_code_was_checked() {
    if !has(&["python3", "sh"]) {
        return;
    }
    let text = |word: &str| {
        format!(
            "```python id=a\nx = '{word}'\n```\n\n```python run continues\nprint(x)\n```\n\n\
             ```python run\nraise ValueError\n```\n\n```js\nlet y;\n```\n\n```js badge=no\nlet z;\n```\n\n\
             ```js check=error\nlet let;\n```\n\n```js\nfoo(;\n```\n\n```go\npackage x\n```\n\n\
             ```sh hide\necho\n```\n"
        )
    };
    let site = page(&text("one"));
    site.write("juxta.toml", "[check]\nbadge = true\n");
    let badges = || {
        site.build().fine();
        let html = site.output("a/index.html");
        let badges = html.split("<p class=\"badge\">").skip(1);
        badges.map(|rest| rest.split("</p>").next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let checked = ["Syntax checked for Python 3.13"; 3];
    let unrecorded = [&checked[..], &["Syntax checked for JavaScript"]].concat();
    assert_eq!(badges(), unrecorded);
    let ran = run_with(&site, &["--record", "--today", "2026-08-01"]);
    assert_eq!(ran.code, 1, "one of them fails");
    let record = std::fs::read_to_string(site.path("code-runs.toml")).unwrap();
    assert_eq!(record.matches("on = \"2026-08-01\"").count(), 3, "{record}");
    let first = badges();
    assert!(first[0].starts_with("Ran with Python 3.") && first[0].ends_with(" on 2026-08-01"), "{first:?}");
    assert_eq!(first[0], first[1]);
    assert_eq!(first[2..], unrecorded[2..]);
    // What ran then and has not changed keeps its day.
    run_with(&site, &["--record", "--today", "2026-08-02"]);
    assert_eq!(std::fs::read_to_string(site.path("code-runs.toml")).unwrap(), record);
    // What comes first has changed: nothing is known of what goes on from it.
    site.write("content/a.md", format!("# A\n\n{}", text("two")));
    assert_eq!(badges(), unrecorded);
    run_with(&site, &["--record", "--today", "2026-08-03"]);
    assert!(badges()[1].ends_with(" on 2026-08-03"));
}

#[test]
fn at_the_level_run_whole_programs_are_run() {
    if !has(&["node", "python3"]) {
        return;
    }
    let text = "```python\nprint(1)\n```\n\n```output\n2\n```\n\n```js\nthrow new Error('x');\n```\n\n\
                ```js\n{ a: 1, b: 2 }\n```\n\n```python\n    return 1\n```\n\n```python run=no\nraise ValueError\n```\n\n\
                ```python check=syntax\nraise ValueError\n```\n\n```sh\nexit 1\n```\n\n```json\n{}\n```\n";
    let expected = str![[r#"
content/a.md:11:1: error[snippet-output]: the code printed something else than the page shows
content/a.md:15:1: error[snippet-failed]: the code ended with exit code 1
Ran 2 snippets, 2 failed

"#]];
    let page = |front: &str| format!("+++\ntitle = \"A\"\n{front}\n+++\n\n{text}");
    let site = SiteTest::of(&[("content/a.md", &page("check = \"run\""))]);
    assert_data_eq!(run(&site), expected.clone());
    site.write("content/a.md", page("draft = false")).write("juxta.toml", "[check]\nlevel = \"run\"\n");
    assert_data_eq!(run(&site), expected);
    // A page and a fence can say otherwise; a build runs nothing.
    site.build().fine();
    site.write("content/a.md", page("check = \"syntax\""));
    assert_eq!(run(&site), "Ran 0 snippets\n");
    site.write("content/a.md", "# A\n\n```python check=run\nprint(7)\n```\n").write("juxta.toml", "");
    assert_eq!(run(&site), "Ran 1 snippet\n");
}

#[test]
fn a_version_that_does_not_fit_is_no_failure() {
    if !has(&["python3"]) {
        return;
    }
    let site = page(
        "```python run version=\">=3.0,<99\"\n1\n```\n\n```python run version=\">=99\" check=off\nbad bad\n```\n",
    );
    assert_data_eq!(
        told(&run_with(&site, &[]).fine()),
        str![[r#"
content/a.md:7:1: note[unfit-interpreter]: 1 snippet was not run: `python3` >=99 is needed, here it is [..]
Ran 1 snippet, 1 unchecked

"#]]
    );
}

#[test]
fn known_problems_are_left_out() {
    let site = page("[a](b.md) and\n[c](d.md)\n");
    let check = |arguments: &[&str]| {
        let run = site.run(&[&["check", "--message-format", "short"], arguments].concat());
        (
            run.code,
            run.stderr
                .lines()
                .map(|line| line.split(" in ").next().unwrap().to_owned() + "\n")
                .collect::<String>(),
        )
    };
    let missing = check(&["--baseline", "known.json"]);
    assert_eq!(missing.0, 2);
    let (code, told) = check(&["--baseline", "known.json", "--write-baseline"]);
    assert_eq!((code, told.as_str()), (0, "Recorded 2 problems\n"));
    let written = std::fs::read_to_string(site.path("known.json")).unwrap();
    assert!(written.contains("\"path\": \"content/a.md\"") && !written.contains("line"), "{written}");
    assert_eq!(check(&["--baseline", "known.json"]).0, 0);
    // Further down, still the same problems; one of them twice, and a new one.
    site.write("content/a.md", "# A\n\nNew text.\n\n[a](b.md) and\n\n[c](d.md)\n\n[c](d.md)\n\n[e](f.md)\n");
    let (code, told) = check(&["--baseline", "known.json"]);
    assert_eq!(code, 1);
    assert_data_eq!(
        told,
        str![[r#"
content/a.md:9:5: error[broken-internal-link]: there is no file `content/d.md` to link to
content/a.md:11:5: error[broken-internal-link]: there is no file `content/f.md` to link to
Checked 1 page, 0 snippets

"#]]
    );
    site.write("known.json", "{}");
    assert_eq!(check(&["--baseline", "known.json"]).0, 2);
}

#[test]
fn problems_are_commands_of_github_actions() {
    let site = page("Ü [a](b.md)\n\n```js titel=\"a,b\"\n```\n");
    let run = site.run(&["check", "--message-format", "github"]);
    assert_data_eq!(
        run.stdout,
        str![[r#"
::error file=content/a.md,line=3,endLine=3,col=7,endColumn=10,title=broken-internal-link::[..]
::warning file=content/a.md,line=5,endLine=5,col=7,endColumn=17,title=unknown-fence-attribute::unknown attribute `titel` of a code block%0Ahelp: did you mean `title`?

"#]]
    );
}

#[test]
fn the_site_of_this_repository_runs() {
    if !has(&["node", "python3"]) {
        return;
    }
    // A copy, since results are kept in the project's folder.
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let site = SiteTest::of(&[]);
    for folder in ["content", "examples"] {
        for (path, bytes) in support::site::files_in(&root.join(folder)) {
            site.write(&format!("{folder}/{path}"), bytes);
        }
    }
    site.write("juxta.toml", std::fs::read(root.join("juxta.toml")).unwrap());
    let ran = run_with(&site, &["--strict"]).fine();
    assert!(ran.stderr.contains("Ran "), "{}", ran.stderr);
}

/// A site with one field of three subjects and a task.
fn task(front: &str, sides: &[(&str, &str)]) -> SiteTest {
    let site = SiteTest::of(&[]);
    site.write("content/f/_index.md", "# F\n");
    site.write("content/f/criteria.toml", "[[criterion]]\nid = \"free\"\ntype = \"bool\"\n");
    for (subject, requires) in [("node", "requires = []\n"), ("py", "requires = [\"json\"]\n"), ("other", "")]
    {
        site.write(
            &format!("content/f/{subject}.md"),
            format!("+++\n[subject]\n{requires}+++\n# {subject}\n"),
        );
    }
    site.write("content/f/tasks/t/index.md", format!("+++\n[task]\n{front}\n+++\n# T\n"));
    for (path, text) in sides {
        site.write(&format!("content/f/tasks/t/{path}"), *text);
    }
    site
}

#[test]
fn sides_of_a_task_print_what_it_expects() {
    if !has(&["node", "python3"]) {
        return;
    }
    let sides = [
        ("node.js", "// #region show\nconsole.log('a 1 z');\n// #endregion show\nconsole.log('end');\n"),
        ("py/main.py", "import json\nfrom helper import word\nprint(word)\nprint('end')\n"),
        ("py/helper.py", "word = 'a 2 z'\n"),
        ("other.py", "print('never')\n"),
    ];
    let site = task("expect = \"\"\"\na … z\nend\n\"\"\"", &sides);
    assert_data_eq!(
        run(&site),
        str![[r#"
content/f/tasks/t/index.md:2:2: note[not-to-be-run]: not run: other
Ran 2 snippets

"#]]
    );
    // Nothing has changed, so nothing is run.
    assert!(run(&site).contains("Ran 2 snippets (2 from the last run)"));

    site.write("content/f/tasks/t/py/helper.py", "word = 'b'\n");
    site.write("content/f/tasks/t/node.js", "\nthrow new TypeError('bad');\n");
    assert_data_eq!(
        run(&site),
        str![[r#"
content/f/tasks/t/index.md:2:2: note[not-to-be-run]: not run: other
content/f/tasks/t/node.js:2:1: error[snippet-failed]: the code ended with exit code 1
content/f/tasks/t/py/main.py:1:1: error[snippet-output]: the side `py` of the task printed something else
Ran 2 snippets, 2 failed

"#]]
    );
}

#[test]
fn sides_of_a_task_print_the_same() {
    if !has(&["node", "python3"]) {
        return;
    }
    let sides = [("node.js", "console.log('1\\n2…');\n"), ("py.py", "print('1\\n2x')\n")];
    let site = task("same_output = true", &sides);
    assert_data_eq!(
        run(&site),
        str![[r#"
content/f/tasks/t/index.md:2:2: warning[missing-side]: the task `t` has no side for other
content/f/tasks/t/py.py:1:1: error[snippet-output]: the side `py` of the task printed something else
Ran 2 snippets, 1 failed

"#]]
    );
}

#[test]
fn steps_of_a_comparison_print_the_same() {
    if !has(&["node", "python3"]) {
        return;
    }
    let step = |python: &str| {
        page(&format!(
            "::: compare \"Count\" same-output\n```js run\nconsole.log(1 + 1);\n```\n\n```python run\nprint({python})\n```\n:::\n"
        ))
    };
    assert_data_eq!(
        run(&step("2")),
        str![[r#"
Ran 2 snippets

"#]]
    );
    assert_data_eq!(
        run(&step("3")),
        str![[r#"
content/a.md:3:1: error[snippet-output]: the sides of this step print different things
Ran 2 snippets

"#]]
    );
}
