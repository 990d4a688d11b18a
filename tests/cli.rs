//! The command line: what can be typed, what is said, and exit codes: 0 fine,
//! 1 problems in the content, 2 wrong use, 3 the machine refused.

#![expect(clippy::disallowed_methods, reason = "projects are written and looked at")]
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod support;

use std::path::Path;

use support::site::{Run, SiteTest, files_in};

/// A site with a home page and one page, drawn by the built-in theme.
fn small() -> SiteTest {
    SiteTest::of(&[
        ("juxta.toml", "title = \"Small\"\n"),
        ("content/_index.md", "# Home\n"),
        ("content/page.md", "# Page\n"),
    ])
}

/// Fails unless a run ends with this code and says just this, `…` standing for
/// anything.
#[track_caller]
fn says(run: &Run, code: i32, expected: &str) {
    let mut rest = run.stderr.as_str();
    let mut pieces = expected.split('…');
    let first = pieces.next().unwrap_or("");
    let mut fits = rest.starts_with(first);
    rest = rest.get(first.len()..).unwrap_or("");
    let pieces: Vec<&str> = pieces.collect();
    for piece in &pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => fits = false,
        }
    }
    let open = pieces.last().is_some_and(|last| last.is_empty());
    assert!(
        fits && (rest.is_empty() || open) && run.code == code,
        "\nexpected {code}:\n{expected}\nfound {}:\n{}",
        run.code,
        run.stderr
    );
}

// Help and mistakes in typing.

#[test]
fn help_names_every_command_and_leaves_nothing_behind() {
    let site = SiteTest::of(&[]);
    let help = site.run(&["--help"]).fine();
    for command in ["build", "check", "serve", "init", "explain", "schema", "completions"] {
        assert!(help.stdout.contains(&format!("\n  {command} ")), "{}", help.stdout);
        let of_command = site.run(&[command, "--help"]).fine();
        assert!(of_command.stdout.contains(&format!("Usage: juxta {command}")), "{}", of_command.stdout);
        assert!(of_command.stdout.lines().all(|line| line.chars().count() <= 100), "{}", of_command.stdout);
    }
    assert_eq!(help.stderr, "");
    assert!(site.sources().is_empty());
}

#[test]
fn the_version_is_that_of_the_package() {
    let run = SiteTest::of(&[]).run(&["--version"]).fine();
    assert_eq!(run.stdout, format!("juxta {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn no_command_is_wrong_use_and_shows_help() {
    let run = SiteTest::of(&[]).run(&[]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("Usage: juxta"));
}

#[test]
fn mistyped_commands_and_options_get_the_nearest() {
    let site = SiteTest::of(&[]);
    for (typed, near) in [
        (&["biuld"][..], "'build'"),
        (&["chekc"], "'check'"),
        (&["build", "--drfts"], "'--drafts'"),
        (&["serve", "--prot", "1"], "'--port'"),
        (&["build", "--message-format", "jsn"], "'json'"),
        (&["build", "--color", "alwys"], "'always'"),
    ] {
        let run = site.run(typed);
        assert_eq!(run.code, 2, "{typed:?}");
        assert!(run.stderr.contains(near), "{typed:?}\n{}", run.stderr);
    }
}

#[test]
fn values_that_cannot_be_are_wrong_use() {
    let site = small();
    for (typed, expected) in [
        (
            &["build", "--today", "2026-02-30"][..],
            "error: --today: `2026-02-30` is not a date\n  = help: write it as `2026-08-01`\n",
        ),
        (
            &["build", "--no-future"],
            "error: `--no-future` needs to know the day\n  = help: give it with `--today …\n",
        ),
        (
            &["build", "--base-url", "example.org"],
            "error: --base-url: `example.org` is no base address: …\n  = help: write it like `https://example.org/manual`…\n",
        ),
        (&["build", "--root", "nowhere"], "error: there is no folder `[ROOT]/nowhere`\n"),
        (&["build", "--config", "other.toml"], "error: there is no configuration `[ROOT]/other.toml`\n"),
        (&["explain", "paeg.md"], "error: there is no page `paeg.md`\n  = help: did you mean `page.md`?\n"),
        (&["build", "--quiet", "--verbose"], "error: …cannot be used with…"),
        (&["schema", "pages"], "error: invalid value 'pages'…"),
    ] {
        says(&site.run(typed), 2, expected);
    }
    assert!(!site.path("public").exists());
}

// Build and check.

#[test]
fn a_build_tells_what_it_published() {
    let site = small();
    let run = site.run(&["build"]).fine();
    assert_eq!(run.stdout, "");
    says(&run, 0, "Published 1 page, 1 section, 0 snippets in …, … files written (…)\n");
    says(&site.run(&["build"]), 0, "Published 1 page, 1 section, 0 snippets in …, nothing changed\n");
    site.remove("content/page.md");
    says(&site.run(&["build"]), 0, "Published 0 pages, … removed\n");
}

#[test]
fn quiet_says_nothing_and_verbose_more() {
    let site = small();
    let quiet = site.run(&["build", "--quiet"]).fine();
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let verbose = site.run(&["build", "--verbose"]).fine();
    let timed = site.run(&["build", "--timings"]).fine();
    for run in [verbose, timed] {
        for stage in ["read", "parse", "model", "bodies", "render", "publish"] {
            assert!(run.stderr.contains(&format!("\n  {stage} ")), "{}", run.stderr);
        }
    }
    assert_eq!(site.run(&["check", "-q"]).fine().stderr, "");
}

#[test]
fn a_check_writes_nothing() {
    let site = small();
    let before = files_in(&site.root());
    says(&site.run(&["check"]), 0, "Checked 1 page, 0 snippets in …: no problems\n");
    assert_eq!(files_in(&site.root()), before);
    site.write("content/page.md", "[broken](nowhere.md)\n");
    let run = site.run(&["check"]);
    says(&run, 1, "error[broken-internal-link]: …\n\nChecked 1 page, 0 snippets in …: 1 error\n");
    assert!(!site.path("public").exists());
}

#[test]
fn warnings_are_errors_only_when_strict() {
    let site = small();
    site.write("content/page.md", "```rsut\n```\n");
    says(&site.run(&["build", "-q"]), 0, "warning[unknown-language]: …rust`?\n");
    let run = site.run(&["build", "-q", "--strict"]);
    says(
        &run,
        1,
        "warning…\n\nerror: nothing was published: 1 warning and `--strict`; the published site is as it was\n",
    );
    assert_eq!(site.run(&["check", "-q", "--strict"]).code, 1);
}

#[test]
fn colours_are_for_terminals_or_on_request() {
    let site = small();
    site.write("content/page.md", "[broken](nowhere.md)\n");
    let is_coloured = |arguments: &[&str], variable: Option<(&str, &str)>| {
        let mut command = site.command(arguments);
        command.envs(variable);
        site.finish(command).stderr.contains('\u{1b}')
    };
    assert!(!is_coloured(&["check"], None));
    assert!(is_coloured(&["check", "--color", "always"], None));
    assert!(is_coloured(&["check"], Some(("CLICOLOR_FORCE", "1"))));
    assert!(!is_coloured(&["check", "--color", "never"], Some(("CLICOLOR_FORCE", "1"))));
    assert!(!is_coloured(&["check"], Some(("NO_COLOR", "1"))));
}

#[test]
fn a_base_url_can_be_given_for_one_build() {
    let site = small();
    site.run(&["build", "-q", "--base-url", "https://example.org/docs/"]).fine();
    assert!(site.output("sitemap.xml").contains("<loc>https://example.org/docs/page/</loc>"));
    site.run(&["build", "-q"]).fine();
    assert!(!site.path("public/sitemap.xml").exists());
}

// Where the project is.

#[test]
fn the_project_is_found_from_a_folder_inside_it() {
    let site = small();
    site.write("content/deep/er/page.md", "# Deep\n");
    site.run_in("content/deep/er", &["build", "-q"]).fine();
    assert!(site.path("public/deep/er/page/index.html").exists());
    assert!(!site.path("content/deep/er/public").exists());
}

#[test]
fn root_and_config_say_where_the_project_is() {
    let site = small();
    site.write("other.toml", "title = \"Other title\"\n");
    site.write("elsewhere/keep", "");
    site.run_in("elsewhere", &["build", "-q", "--root", ".."]).fine();
    assert!(site.output("index.html").contains("Small"));
    site.run_in("elsewhere", &["--root", "..", "--config", "other.toml", "build", "-q"]).fine();
    assert!(site.output("index.html").contains("Other title"));
    site.run_in("elsewhere", &["-c", "../other.toml", "build", "-q"]).fine();
    assert!(site.output("index.html").contains("Other title"));
}

#[test]
fn a_folder_without_content_gets_a_hint() {
    let site = SiteTest::of(&[]);
    says(
        &site.run(&["build"]),
        2,
        "error: there is no folder `content` in `[ROOT]`\n  = help: `juxta init` starts a new site; `--root DIR` names the folder of another\n",
    );
    site.write("notes.md", "# Notes\n");
    says(
        &site.run(&["build"]),
        2,
        "error: there is no folder `content` in `[ROOT]`\n  = help: put pages there: `mkdir content && mv notes.md content/`\n",
    );
}

#[test]
fn a_site_without_pages_is_built() {
    let site = SiteTest::of(&[("content/.keep", "")]);
    site.build().fine();
    assert!(site.path("public/index.html").exists());
}

// The output folder.

#[test]
fn dangerous_output_folders_are_refused_and_nothing_changes() {
    for typed in [
        ".",
        "..",
        "/",
        "content",
        "content/public",
        "data",
        "templates",
        "static",
        "themes",
        "../site",
        "../victim",
        "juxta.toml",
        "link-out",
        "full",
    ] {
        for from_config in [true, false] {
            let site = small();
            site.write("templates/unused.html", "").write("static/a.txt", "a").write("full/foreign.txt", "x");
            site.write("../victim/precious.txt", "x");
            std::os::unix::fs::symlink("../victim", site.path("link-out")).unwrap();
            let mut arguments = vec!["build", "-q"];
            if from_config {
                site.write("juxta.toml", format!("output_dir = \"{typed}\"\n"));
            } else {
                arguments.extend(["--output-dir", typed]);
            }
            let before = files_in(site.root().parent().unwrap());
            let run = site.run(&arguments);
            let after = files_in(site.root().parent().unwrap());
            assert_eq!(before, after, "{typed}");
            assert!(run.code == 2 || from_config && run.code == 1, "{typed}: {} {}", run.code, run.stderr);
            assert!(run.stderr.contains("= help: "), "{typed}: {}", run.stderr);
        }
    }
}

#[test]
fn an_output_folder_elsewhere_can_be_typed() {
    let site = small();
    site.run(&["build", "-q", "--output-dir", "../out"]).fine();
    assert!(site.path("../out/page/index.html").exists());
    assert!(!site.path("public").exists());
    // Again, over what is ours.
    site.run(&["build", "-q", "--output-dir", "../out"]).fine();
}

#[test]
fn a_machine_that_refuses_is_told_with_the_path() {
    let site = small();
    site.write("not-a-folder", "x");
    says(
        &site.run(&["init", "not-a-folder/new"]),
        3,
        "error: cannot write `not-a-folder/new/juxta.toml`: Not a directory (os error 20)\n",
    );
    let run = site.run(&["build", "-q", "--output-dir", "not-a-folder/out"]);
    says(
        &run,
        2,
        "error: output folder `[ROOT]/not-a-folder/out`: `[ROOT]/not-a-folder` is not a folder\n  = help: move it away, or choose another name\n",
    );
}

// The other commands.

#[test]
fn a_new_site_builds_and_is_not_overwritten() {
    let site = SiteTest::of(&[]);
    says(
        &site.run(&["init", "new"]),
        0,
        "A new site in `new`. Next:\n…cd new && juxta serve…juxta build…juxta check --run…\n",
    );
    let built = site.run_in("new", &["build", "--strict"]);
    assert_eq!(built.code, 0, "{}", built.stderr);
    assert!(built.stderr.starts_with("Published "), "{}", built.stderr);
    let before = site.sources();
    says(
        &site.run(&["init", "new"]),
        2,
        "error: there is already a site in `new`: `juxta.toml`\n  = help: name another folder: `juxta init my-site`\n",
    );
    assert_eq!(site.sources(), before);
}

#[test]
fn every_template_of_a_new_site_is_good() {
    for template in ["comparison", "docs", "blank"] {
        let site = SiteTest::of(&[]);
        site.run(&["init", "new", "--template", template]).fine();
        let built = site.run_in("new", &["build", "--strict"]);
        assert_eq!(built.code, 0, "{template}: {}", built.stderr);
        let checked = site.run_in("new", &["check", "--strict"]);
        assert_eq!(checked.code, 0, "{template}: {}", checked.stderr);
        assert!(site.path("new/.gitignore").exists());
    }
    let wrong = SiteTest::of(&[]).run(&["init", "new", "--template", "doc"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("docs"), "{}", wrong.stderr);
}

#[test]
fn a_new_site_does_not_touch_other_files() {
    let site = SiteTest::of(&[(".gitignore", "mine\n"), ("README.md", "# Mine\n")]);
    site.run(&["init"]).fine();
    assert_eq!(std::fs::read_to_string(site.path(".gitignore")).unwrap(), "mine\n");
    site.build().fine();
}

#[test]
fn explain_tells_what_a_page_is_made_of() {
    let site = small();
    for name in ["page.md", "content/page.md", "@/page.md", "/page/", "page/index.html"] {
        let run = site.run(&["explain", name]).fine();
        assert!(
            run.stdout.starts_with(
                "page `content/page.md`\n  address   /page/\n  output    page/index.html\n  template  page.html\n"
            ),
            "{name}: {}",
            run.stdout
        );
        assert!(run.stdout.contains("title: \"Page\""), "{}", run.stdout);
    }
    let json = site.run(&["explain", "page.md", "--json"]).fine().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["page"]["title"], "Page");
    assert!(!site.path("public").exists());
}

#[test]
fn schemas_are_json_and_know_the_keys() {
    let site = SiteTest::of(&[]);
    for (arguments, key) in [
        (&["schema"][..], "base_url"),
        (&["schema", "config"], "taxonomies"),
        (&["schema", "front-matter"], "weight"),
    ] {
        let text = site.run(arguments).fine().stdout;
        let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(schema["$schema"].is_string() && text.contains(&format!("\"{key}\"")), "{text}");
    }
}

#[test]
fn completions_are_there_for_every_shell() {
    let site = SiteTest::of(&[]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(site.run(&["completions", shell]).fine().stdout.contains("juxta"), "{shell}");
    }
    assert_eq!(site.run(&["completions", "tcsh"]).code, 2);
}

#[test]
#[cfg(target_os = "linux")]
fn a_report_that_cannot_be_written_is_no_success() {
    let site = small();
    for arguments in [
        "schema",
        "completions bash",
        "explain page.md",
        "explain page.md --json",
        "check --message-format sarif",
        "build --message-format sarif",
        "check --report coverage",
    ] {
        let program = Path::new(env!("CARGO_BIN_EXE_juxta")).display();
        let mut command = std::process::Command::new("bash");
        command.args(["-c", &format!("{program} {arguments} > /dev/full")]).current_dir(site.root());
        let run = site.finish(command);
        assert_eq!(run.code, 3, "{arguments}: {}", run.stderr);
        assert!(run.stderr.contains("cannot write to standard output"), "{arguments}: {}", run.stderr);
    }
}

#[test]
fn a_build_with_nothing_to_do_is_not_done_and_any_change_is_seen() {
    let site = small();
    site.write(
        "templates/page.html",
        "{{ page.content }}{{ load_data(path=\"more.toml\", required=false) }}",
    );
    let settle = || std::thread::sleep(std::time::Duration::from_millis(80));
    let cache = site.path(".juxta/last-build.json");
    let build = |arguments: &[&str]| {
        settle();
        let run = site.run(&[&["build"], arguments].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.stderr
    };
    build(&[]);
    assert!(cache.exists());
    // The record is as old as the last build that was done.
    let done = || std::fs::metadata(&cache).unwrap().modified().unwrap();
    let before = done();
    let again = build(&[]);
    assert!(again.contains("nothing changed") && done() == before, "{again}");

    let changed = |what: &str, run: &dyn Fn()| {
        let before = done();
        settle();
        run();
        build(&[]);
        assert!(done() != before, "{what} is not seen");
        let clean = site.path("clean");
        site.run(&["build", "-q", "--output-dir", "clean"]).fine();
        assert_eq!(files_in(&site.path("public")), files_in(&clean), "{what}");
        std::fs::remove_dir_all(clean).unwrap();
        build(&[]);
    };
    changed("a page", &|| {
        site.write("content/page.md", "# Page\n\nOther.\n");
    });
    changed("a new page", &|| {
        site.write("content/new.md", "# New\n");
    });
    changed("a file that was looked for", &|| {
        site.write("more.toml", "a = 1\n");
    });
    changed("its text", &|| {
        site.write("more.toml", "a = 2\n");
    });
    changed("a page that went", &|| std::fs::remove_file(site.path("content/new.md")).unwrap());
    changed("a configuration", &|| {
        site.write("juxta.toml", "title = \"Other\"\n");
    });
    changed("an output", &|| std::fs::write(site.path("public/page/index.html"), "mine").unwrap());
    changed("no output", &|| std::fs::remove_dir_all(site.path("public")).unwrap());
    let before = done();
    build(&["--base-url", "https://example.org"]);
    assert!(done() != before, "an option is not seen");

    // What has to be told is told every time.
    site.write("content/page.md", "# Page\n\n```js\nlet = ;\n```\n");
    assert!(build(&[]).contains("broken-snippet"));
    let before = done();
    let again = build(&[]);
    assert!(again.contains("broken-snippet") && again.contains("nothing changed; 1 warning"), "{again}");
    assert!(done() == before);
    assert_eq!(site.run(&["build", "--strict"]).code, 1);
}

#[test]
fn a_new_site_needs_a_folder() {
    let site = small();
    site.write("taken", "a file");
    let run = site.run(&["init", "taken"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("`taken` is a file"), "{}", run.stderr);
}

#[test]
fn output_can_be_cut_off_by_who_reads_it() {
    let site = small();
    for arguments in ["schema", "completions bash", "explain page.md", "--help"] {
        let program = Path::new(env!("CARGO_BIN_EXE_juxta")).display();
        let mut command = std::process::Command::new("bash");
        command
            .args(["-c", &format!("set -o pipefail; {program} {arguments} | true")])
            .current_dir(site.root());
        let run = site.finish(command);
        assert!(!run.stderr.contains("panicked"), "{arguments}: {}", run.stderr);
    }
}

// Days of the last changes, by git.

/// Runs git in a folder, on a day; whether there is one.
fn git(folder: &Path, day: &str, arguments: &[&str]) -> bool {
    let mut command = std::process::Command::new("git");
    command.arg("-C").arg(folder).args(["-c", "user.name=A", "-c", "user.email=a@example.org"]);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    command
        .env("GIT_COMMITTER_DATE", format!("{day}T12:00:00+0000"))
        .env("GIT_AUTHOR_DATE", "2020-01-01T12:00:00");
    let output = command.args(arguments).output();
    output.is_ok_and(|output| output.status.success())
}

const DATED: &[(&str, &str)] = &[
    ("juxta.toml", "title = \"Dated\"\ngit_dates = true\n"),
    ("content/_index.md", "# Home\n"),
    ("content/old.md", "# Old\n"),
    ("content/läuft.md", "# Edited\n"),
    ("content/said.md", "+++\nupdated = 2021-03-04\n+++\n# Said\n"),
    ("content/dated.md", "+++\ndate = 2030-01-01\n+++\n# Dated after its commit\n"),
    ("templates/page.html", "{{ page.updated or \"none\" }}"),
];

#[test]
fn pages_were_updated_on_the_day_of_their_last_commit() {
    let site = SiteTest::of(DATED);
    let root = site.path("");
    if !git(&root, "2025-01-02", &["init", "-q"]) {
        eprintln!("not tested: there is no git");
        return;
    }
    let commit = |day: &str| {
        assert!(git(&root, day, &["add", "-A"]) && git(&root, day, &["commit", "-qm", "x"]));
    };
    commit("2025-01-02");
    site.write("content/läuft.md", "# Edited\n\nMore.\n");
    commit("2025-06-07");
    site.write("content/new.md", "# Not committed\n");
    site.run(&["build"]).fine();
    let shown =
        |page: &str| std::fs::read_to_string(site.path(&format!("public/{page}/index.html"))).unwrap();
    let all = ["old", "lauft", "said", "dated", "new"].map(shown);
    assert_eq!(all, ["2025-01-02", "2025-06-07", "2021-03-04", "none", "none"]);
    assert!(site.run(&["build"]).fine().stderr.contains("changed"), "nothing has changed");
    // Another commit is another build, though no file is another.
    commit("2025-08-09");
    site.run(&["build"]).fine();
    assert_eq!(shown("new"), "2025-08-09");

    // A clone without its past does not know when the older files were changed.
    let clone = SiteTest::of(&[]);
    let from = format!("file://{}", root.display());
    let into = clone.path("site");
    assert!(git(&root, "2025-08-09", &["clone", "-q", "--depth", "2", &from, &into.display().to_string()]));
    let run = clone.run(&["--root", "site", "build"]).fine();
    let expected = "warning[no-history]: 5 files were last changed before this clone begins\n --> juxta.toml:2:13\n…whole history (`git fetch --unshallow`, in a workflow `fetch-depth: 0`)…";
    says(&run, 0, expected);
    let shown = std::fs::read_to_string(clone.path("site/public/new/index.html")).unwrap();
    assert_eq!(shown, "2025-08-09");
    let shown = std::fs::read_to_string(clone.path("site/public/old/index.html")).unwrap();
    assert_eq!(shown, "none", "the day at which a clone is cut is no day of a change");
}

#[test]
fn without_a_repository_pages_have_no_days() {
    let site = SiteTest::of(DATED);
    let run = site.run(&["build"]).fine();
    let expected = "warning[no-history]: the days of the last changes cannot be asked for: …`git_dates` needs `git` and a repository; pages can say `updated` themselves…";
    says(&run, 0, expected);
    assert_eq!(std::fs::read_to_string(site.path("public/old/index.html")).unwrap(), "none");
    assert_eq!(site.run(&["build", "--strict"]).code, 1);
}
