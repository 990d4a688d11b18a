use std::sync::Arc;

use snapbox::{IntoData as _, assert_data_eq, str};

use super::*;
use crate::base::source::{Source, Span};

fn find(source: &Arc<Source>, text: &str) -> Span {
    let start = source.text.find(text).expect("the text is in the source");
    Span::new(start, start + text.len())
}

fn page() -> Arc<Source> {
    Source::new(
        "content/node.md",
        "+++\ntitle = \"Node\"\nweigth = 3\n+++\n\nSee [Deno](@/deno.md) and\r\n\t[Bün](bun.md), 日本語 [x](@/日.md).\n",
    )
}

fn typical() -> Vec<Diagnostic> {
    let page = page();
    let other = Source::new("content/js/node.md", "+++\npath = \"/node/\"\n+++\n");
    vec![
        Diagnostic::error("broken-internal-link", "no page `content/日.md`")
            .at(&page, find(&page, "@/日.md")),
        Diagnostic::error("broken-internal-link", "no page `content/deno.md`")
            .label(&page, find(&page, "@/deno.md"), "linked here")
            .hint("did you mean `content/js/deno.md`?"),
        Diagnostic::warning("unknown-front-matter-key", "unknown key `weigth`")
            .at(&page, find(&page, "weigth"))
            .hint("did you mean `weight`?"),
        Diagnostic::error("colliding-outputs", "two pages have the address `/node/`")
            .label(&page, find(&page, "title"), "one page is this")
            .label(&other, find(&other, "\"/node/\""), "the other page with this address is here"),
        Diagnostic::error("unreadable-file", "not UTF-8 at byte 12").in_file("content/latin.md"),
        Diagnostic::note("empty-site", "there are no pages"),
        Diagnostic::note("empty-site", "there are no pages"),
    ]
}

#[test]
fn text_has_the_place_the_line_and_a_mark() {
    assert_data_eq!(
        render(&typical(), Format::Text, false),
        str![[r#"
note[empty-site]: there are no pages

error[unreadable-file]: not UTF-8 at byte 12
--> content/latin.md

error[colliding-outputs]: two pages have the address `/node/`
 --> content/node.md:2:1
  |
2 | title = "Node"
  | ^^^^^ one page is this
  |
 ::: content/js/node.md:2:8
  |
2 | path = "/node/"
  |        -------- the other page with this address is here

warning[unknown-front-matter-key]: unknown key `weigth`
 --> content/node.md:3:1
  |
3 | weigth = 3
  | ^^^^^^
  |
  = help: did you mean `weight`?

error[broken-internal-link]: no page `content/deno.md`
 --> content/node.md:6:12
  |
6 | See [Deno](@/deno.md) and
  |            ^^^^^^^^^ linked here
  |
  = help: did you mean `content/js/deno.md`?

error[broken-internal-link]: no page `content/日.md`
 --> content/node.md:7:25
  |
7 |     [Bün](bun.md), 日本語 [x](@/日.md).
  |                               ^^^^^^^

"#]]
    );
}

#[test]
fn short_is_one_line_a_problem() {
    assert_data_eq!(
        render(&typical(), Format::Short, false),
        str![[r#"
note[empty-site]: there are no pages
content/latin.md: error[unreadable-file]: not UTF-8 at byte 12
content/node.md:2:1: error[colliding-outputs]: two pages have the address `/node/`
content/node.md:3:1: warning[unknown-front-matter-key]: unknown key `weigth`
content/node.md:6:12: error[broken-internal-link]: no page `content/deno.md`
content/node.md:7:25: error[broken-internal-link]: no page `content/日.md`

"#]]
    );
}

#[test]
fn json_is_one_object_a_line() {
    assert_data_eq!(render(&typical()[1..5], Format::Json, false), str![[r#"
{"code":"unreadable-file","severity":"error","message":"not UTF-8 at byte 12","file":"content/latin.md","line":null,"column":null,"end_line":null,"end_column":null,"bytes":null,"labels":[],"hints":[]}
{"code":"colliding-outputs","severity":"error","message":"two pages have the address `/node/`","file":"content/node.md","line":2,"column":1,"end_line":2,"end_column":6,"bytes":[4,9],"labels":[{"file":"content/node.md","line":2,"column":1,"end_line":2,"end_column":6,"bytes":[4,9],"text":"one page is this"},{"file":"content/js/node.md","line":2,"column":8,"end_line":2,"end_column":16,"bytes":[11,19],"text":"the other page with this address is here"}],"hints":[]}
{"code":"unknown-front-matter-key","severity":"warning","message":"unknown key `weigth`","file":"content/node.md","line":3,"column":1,"end_line":3,"end_column":7,"bytes":[19,25],"labels":[{"file":"content/node.md","line":3,"column":1,"end_line":3,"end_column":7,"bytes":[19,25],"text":""}],"hints":["did you mean `weight`?"]}
{"code":"broken-internal-link","severity":"error","message":"no page `content/deno.md`","file":"content/node.md","line":6,"column":12,"end_line":6,"end_column":21,"bytes":[46,55],"labels":[{"file":"content/node.md","line":6,"column":12,"end_line":6,"end_column":21,"bytes":[46,55],"text":"linked here"}],"hints":["did you mean `content/js/deno.md`?"]}

"#]].raw());
}

#[test]
fn sarif_is_a_whole_document() {
    assert_data_eq!(
        render(&typical()[3..5], Format::Sarif, false),
        str![[r#"
{
  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
  "version": "2.1.0",
  "runs": [
    {
      "tool": {
        "driver": {
          "name": "Juxta",
          "informationUri": "https://github.com/juxta-docs/juxta",
          "version": "0.1.0",
          "semanticVersion": "0.1.0",
          "rules": [
            {
              "id": "colliding-outputs"
            },
            {
              "id": "unreadable-file",
              "shortDescription": {
                "text": "The system refused to read a file."
              }
            }
          ]
        }
      },
      "columnKind": "unicodeCodePoints",
      "results": [
        {
          "ruleId": "unreadable-file",
          "ruleIndex": 1,
          "level": "error",
          "message": {
            "text": "not UTF-8 at byte 12"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "content/latin.md",
                  "uriBaseId": "%SRCROOT%"
                }
              }
            }
          ]
        },
        {
          "ruleId": "colliding-outputs",
          "ruleIndex": 0,
          "level": "error",
          "message": {
            "text": "two pages have the address `/node/`"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "content/node.md",
                  "uriBaseId": "%SRCROOT%"
                },
                "region": {
                  "startLine": 2,
                  "startColumn": 1,
                  "endLine": 2,
                  "endColumn": 6,
                  "byteOffset": 4,
                  "byteLength": 5
                }
              },
              "message": {
                "text": "one page is this"
              }
            }
          ],
          "relatedLocations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "content/js/node.md",
                  "uriBaseId": "%SRCROOT%"
                },
                "region": {
                  "startLine": 2,
                  "startColumn": 8,
                  "endLine": 2,
                  "endColumn": 16,
                  "byteOffset": 11,
                  "byteLength": 8
                }
              },
              "id": 1,
              "message": {
                "text": "the other page with this address is here"
              }
            }
          ]
        }
      ]
    }
  ]
}

"#]]
        .raw()
    );
}

#[test]
fn html_is_escaped() {
    let source = Source::new("content/<b>.md", "a <img src=x onerror=alert(1)>\n");
    let problem =
        Diagnostic::error("bad", "bad `<script>`").label(&source, find(&source, "<img"), "<i>").hint("<u>");
    assert_data_eq!(
        html::render(&[problem]),
        str![[r#"
<ol class="juxta-problems">
<li class="juxta-problem error">
<p class="message"><strong>error</strong> <code>bad</code> bad `&lt;script&gt;`</p>
<p class="place">content/&lt;b&gt;.md:1:3</p>
<pre><code>a <mark>&lt;img</mark> src=x onerror=alert(1)&gt;</code></pre>
<p class="label">&lt;i&gt;</p>
<p class="hint">&lt;u&gt;</p>
</li>
</ol>

"#]]
    );
}

#[test]
fn colour_is_only_added() {
    let colour = render(&typical(), Format::Short, true);
    assert!(colour.contains("\x1b[1;31merror[broken-internal-link]\x1b[0m: no page"));
    assert!(render(&typical(), Format::Text, true).contains("\x1b["));
    assert!(!render(&typical(), Format::Text, false).contains('\x1b'));
}

#[test]
fn counts_leave_out_duplicates() {
    assert_eq!(Counts::of(&typical()).to_string(), "4 errors, 1 warning, 1 note");
    assert_eq!(Counts::default().to_string(), "no problems");
}

#[test]
fn no_problems_are_no_text() {
    assert_eq!(render(&[], Format::Text, false), "");
    assert!(render(&[], Format::Sarif, false).contains("\"results\": []"));
}

#[test]
fn long_lines_are_cut_around_the_mark() {
    let text = format!("{} here {}\n", "word ".repeat(300), "tail ".repeat(200_000));
    let source = Source::new("a.md", text);
    let problem = Diagnostic::error("long", "found it")
        .label(&source, find(&source, "here"), "this")
        .label(&source, Span::new(0, 4), "not that")
        .hint("use short lines");
    assert_data_eq!(
        render(&[problem], Format::Text, false),
        str![[r#"
error[long]: found it
 --> a.md:1:1502
  |
1 | ...word word word word word word word word word word word word word word word word word word word word  here tail tail tail tail tail...
  |                                                                                                         ^^^^ this
  |
 ::: a.md:1:1
  |
1 | word word word word word word word word word word word word word word word word word word word word word...
  | ---- not that
  |
  = help: use short lines

"#]]
    );
}

#[test]
fn marks_over_lines_are_shown_up_to_a_few() {
    let source = Source::new("a.md", "zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\n");
    let problems = [
        Diagnostic::error("a-few", "three lines").at(&source, find(&source, "one\ntwo\nthree\n")),
        Diagnostic::error("many", "all").at(&source, Span::new(0, source.text.len())),
    ];
    assert_data_eq!(
        render(&problems, Format::Text, false),
        str![[r#"
error[many]: all
 --> a.md:1:1
  |
1 | zero
  | ^^^^

error[a-few]: three lines
 --> a.md:2:1
  |
2 | / one
3 | | two
4 | | three
  | |_____^

"#]]
    );
}

#[test]
fn control_characters_cannot_steer_the_terminal() {
    let source = Source::new("a\n.md", "x\u{1b}[2Jy\u{202e}z\n");
    let problem =
        Diagnostic::error("bad", "bad \u{1b}[2J\nerror: fake").label(&source, Span::new(0, 3), "\u{1b}]0;");
    for format in [Format::Text, Format::Short] {
        assert!(!render(std::slice::from_ref(&problem), format, false).contains(['\u{1b}', '\u{202e}']));
    }
}

#[test]
fn a_problem_at_the_end_of_a_text_is_shown() {
    let source = Source::new("a.md", "one\r\ntwo");
    let problem = Diagnostic::error("end", "no end").at(&source, Span::at(8));
    assert_data_eq!(
        render(&[problem], Format::Text, false),
        str![[r#"
error[end]: no end
 --> a.md:2:4
  |
2 | two
  |    ^

"#]]
    );
}

#[test]
fn no_span_makes_a_renderer_panic() {
    let texts = ["", "\n", "a", "a\r\nb", "日本\n語", "\tx\n\n\n", "e\u{301}\r\r\n", "a\n\u{feff}b\0"];
    for text in texts {
        let source = Source::new("a.md", text);
        let ends = text.len() + 3;
        for start in 0..ends {
            for end in start..ends {
                let problem = Diagnostic::error("any", "any")
                    .label(&source, Span::new(start, end), "here")
                    .label(&source, Span::new(end, end), "and here");
                for format in [Format::Text, Format::Short, Format::Json, Format::Sarif] {
                    render(std::slice::from_ref(&problem), format, true);
                }
                html::render(&[problem]);
            }
        }
    }
}
