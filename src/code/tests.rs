//! Tests of the module as a whole: what goes in is an info string and a text,
//! what comes out is HTML.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use snapbox::{assert_data_eq, str};

use super::*;

const ON: CodeOptions =
    CodeOptions { highlight: true, error_on_missing_language: false, line_numbers: false };
const OFF: CodeOptions = CodeOptions { highlight: false, ..ON };

fn html(text: &str, info: &str, options: &CodeOptions) -> String {
    let mut out = String::new();
    fence_html(&mut out, text, info, options);
    out
}

fn problems(text: &str, info: &str, options: &CodeOptions) -> String {
    let mut list = String::new();
    for problem in fence_html(&mut String::new(), text, info, options).problems {
        let place = match problem.place {
            Place::Info(range) => format!("info `{}`", &info[range]),
            Place::Text(range) => format!("text {range:?}"),
        };
        let severity = problem.severity.word();
        let _ = writeln!(list, "{severity}[{}] {place}: {}", problem.code, problem.message);
        for hint in problem.hints {
            let _ = writeln!(list, "  {hint}");
        }
    }
    list
}

/// What a reader sees: tags away, entities undone.
fn shown(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = &rest[rest.find('>').expect("tags are closed") + 1..];
    }
    text.push_str(rest);
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// What stands between `<code>` and `</code>`.
fn body(html: &str) -> &str {
    let start = html.find("<code").unwrap();
    let start = start + html[start..].find('>').unwrap() + 1;
    &html[start..html.rfind("</code>").unwrap()]
}

const JAVASCRIPT: &str = r#"// Say hello.
import http from "node:http";

const PORT = 3000;

export class Greeter extends Base {
  async greet(name, { loud = true } = {}) {
    return `Hi ${name}!\n` + (loud ? this.mark : null);
  }
}

http.createServer((req, res) => res.end("ok")).listen(PORT);
"#;

const PYTHON: &str = r#"from django.http import HttpResponse

@app.get("/items")
async def read(item: int, q: str = None) -> dict:
    """Read one."""
    # A remark
    return {"n": len(q) + 0x1F, "s": f"{item}\n"}


class Item(models.Model):
    name = models.CharField(max_length=20)
"#;

#[test]
fn javascript_is_coloured() {
    assert_data_eq!(html(JAVASCRIPT, "js", &ON), str![]);
}

#[test]
fn python_is_coloured() {
    assert_data_eq!(html(PYTHON, "python", &ON), str![]);
}

#[test]
fn without_colours_and_attributes_a_block_is_commonmarks() {
    assert_eq!(html("<\n >\n", "", &OFF), "<pre><code>&lt;\n &gt;\n</code></pre>\n");
    assert_eq!(
        html("def\n", "ruby startline=3 $%@#$", &OFF),
        "<pre><code class=\"language-ruby\">def\n</code></pre>\n"
    );
    assert_eq!(html("", ";", &OFF), "<pre><code class=\"language-;\"></code></pre>\n");
    assert_eq!(html("", "f\"<&", &OFF), "<pre><code class=\"language-f&quot;&lt;&amp;\"></code></pre>\n");
}

#[test]
fn a_block_without_language_is_plain() {
    assert_data_eq!(
        html("a < b\n", "", &ON),
        str![[r#"
<pre class="code" tabindex="0" data-copy><code>a &lt; b
</code></pre>

"#]]
    );
    assert_eq!(problems("a\n", "", &ON), "");
}

#[test]
fn title_and_label_make_a_figure() {
    assert_data_eq!(html("x\n", "text [Node.js] title=\"server.js\" nocopy wrap", &ON), str![]);
}

#[test]
fn marked_lines_are_wrapped() {
    assert_data_eq!(
        html("a\n\nb\nc\nd\n", "text {\"Step A\":1-2} ins={3} del={4} hide_lines=5", &ON),
        str![]
    );
}

#[test]
fn numbers_go_on_over_hidden_lines() {
    assert_data_eq!(html("a\nb\nc", "text,linenos,linenostart=9,hide_lines=2", &ON), str![]);
    let numbers = CodeOptions { line_numbers: true, ..ON };
    assert_eq!(html("a\n", "text", &numbers), html("a\n", "text lines", &ON));
    assert_eq!(html("a\n", "text nolines", &numbers), html("a\n", "text", &ON));
}

#[test]
fn a_token_over_several_lines_is_cut_at_each() {
    assert_data_eq!(body(&html("/* a\n   b */\nf()\n", "js {2}", &ON)), str![]);
}

#[test]
fn marked_words_cut_tokens() {
    assert_data_eq!(
        body(&html("say(\"hello world\") // hello\n", "js \"hello\" ins=/wo(rl)d/", &ON)),
        str![]
    );
}

#[test]
fn folds_are_handed_to_scripts() {
    assert_data_eq!(html("a\nb\nc\n", "text collapse={1-2,3}", &ON), str![]);
}

#[test]
fn problems_are_told() {
    assert_data_eq!(problems("a\nb\n", "pyton {2-3} {9} titel=x \"zzz\" /(/", &ON), str![]);
    let strict = CodeOptions { error_on_missing_language: true, ..ON };
    assert_data_eq!(problems("a\n", "zzzzzzzz", &strict), str![]);
    assert_eq!(problems("a\n", "pyton", &OFF), "");
}

#[test]
fn large_code_is_plain_and_told() {
    let long_line = format!("x = 1\n{}\n", "a ".repeat(2501));
    assert_data_eq!(problems(&long_line, "js", &ON), str![]);
    assert_eq!(shown(body(&html(&long_line, "js", &ON))), long_line);
    let long_text = "let a;\n".repeat(40_000);
    assert_data_eq!(problems(&long_text, "js", &ON), str![]);
    assert!(!html(&long_text, "js", &ON).contains("<span"));
}

#[test]
fn the_result_is_the_same_twice_and_from_any_thread() {
    let first = html(JAVASCRIPT, "js {2}", &ON);
    let other = std::thread::spawn(|| html(JAVASCRIPT, "js {2}", &ON)).join().unwrap();
    assert_eq!(first, other);
}

#[test]
fn an_info_string_cannot_leave_its_attribute() {
    for info in [
        "js\"><script>alert(1)</script>",
        "js onload=\"alert(1)\"",
        "js title=\"a\"><img src=x onerror=1>\"",
        "js title='\"><img src=x onerror=1>'",
        "js label=\"'\\\"><svg onload=1>\"",
        "py'><svg onload=1>",
        "</code><script>1</script>",
        "js {\"\\\"><script>\":1}",
        "js [\"><script>x</script>]",
        "js\u{0}\u{b}\" onload=1",
        "js collapse={1} side=\"\\\" onload=1\"",
    ] {
        for options in [&ON, &OFF, &CodeOptions { line_numbers: true, ..ON }] {
            let html = html("x</code></pre><script>1</script>\n", info, options);
            for bad in ["<script", "<img", "<svg", "\" onload", "\" onerror", "' onload"] {
                assert!(!html.contains(bad), "{info}: {html}");
            }
            assert_eq!(html.matches("<pre").count(), 1, "{info}: {html}");
            assert_eq!(html.matches("</code>").count(), 1, "{info}: {html}");
        }
    }
}

#[test]
fn inputs_that_make_highlighters_hang_end_in_time() {
    let cases: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../tests/data/spec/highlight-hangs.json")).unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let repeat = case.get("repeat").and_then(serde_json::Value::as_u64).unwrap_or(1);
        let text = case["code"].as_str().unwrap().repeat(usize::try_from(repeat).unwrap());
        let language = case["language"].as_str().unwrap();
        // Grammars are compiled when first used; that is not what is measured.
        html("", language, &ON);
        let start = Instant::now();
        let html = html(&text, language, &ON);
        let limit = Duration::from_secs(case["max_seconds"].as_u64().unwrap());
        assert!(start.elapsed() < limit, "{} took {:?}", case["id"], start.elapsed());
        assert_eq!(shown(body(&html)), text);
    }
}

#[test]
fn colours_cost_less_than_four_times_the_source() {
    for (text, language) in [(JAVASCRIPT, "js"), (PYTHON, "python")] {
        let html = html(text, language, &ON);
        assert!(html.len() < text.len() * 4, "{language}: {} of {}", html.len(), text.len());
    }
}

/// Text that looks like code often enough to reach the grammars' corners.
fn code() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "\n", "\r\n", " ", "\t", "  ", "\"", "'", "`", "${", "}", "{", "(", ")", "/*", "*/", "//", "#",
            "<", ">", "</", "&", ";", "=", "=>", "class ", "def ", "return", "f\"", "\"\"\"", "async ", "@a",
            "0x1", "é", "🦀", "\\", "\\n", "import ", "x", "foo(", "if", ":", "<script>", "<!--", "-->",
            "\u{2028}",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,8}",
        "\\PC{0,4}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn info() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            " ",
            ",",
            "js",
            "py",
            "html",
            "{1}",
            "{2-3}",
            "{1,",
            "}",
            "[L]",
            "[",
            "]",
            "title=",
            "\"",
            "'",
            "\\",
            "/",
            "lines",
            "linenos",
            "start=",
            "5",
            "hide_lines=1 2",
            "ins={1}",
            "del=",
            "\"x\"",
            "/x/",
            "/(a)|b/",
            "collapse={1-9}",
            ":line-numbers=3",
            "hl_lines=\"1 3\"",
            "=",
            "é",
            "wrap",
            "{.a b=c}",
            "{{",
            "-",
            "\u{0}",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,6}",
        "\\PC{0,4}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tokens_are_ordered_and_on_character_borders(
        text in code(),
        language in prop::sample::select(vec!["js", "ts", "tsx", "py", "html", "css", "sh", "rust", "json", "yaml", "md"]),
    ) {
        let highlighted = highlight(&text, language, &ON);
        prop_assert!(highlighted.problem.is_none());
        let mut end = 0;
        for token in &highlighted.tokens {
            prop_assert!(token.range.start >= end && token.range.start < token.range.end);
            prop_assert!(text.get(token.range.clone()).is_some());
            end = token.range.end;
        }
    }

    #[test]
    fn html_shows_the_text_without_hidden_lines(text in code(), info in info(), colours in any::<bool>()) {
        let options = CodeOptions { highlight: colours, ..ON };
        let html = html(&text, &info, &options);
        let (fence, problems) = fence::parse(&info);
        let is_hidden = |number: usize| {
            fence.lines.iter().any(|mark| {
                mark.mark == fence::Mark::Hide && (mark.first as usize..=mark.last as usize).contains(&number)
            })
        };
        let expected: String = text
            .split_inclusive('\n')
            .enumerate()
            .filter(|(i, _)| !is_hidden(i + 1))
            .flat_map(|(_, line)| line.chars())
            .filter(|&c| c >= ' ' || "\t\n\r".contains(c))
            .collect();
        prop_assert_eq!(shown(body(&html)), expected);
        for problem in problems {
            let Place::Info(place) = problem.place else { panic!("a place in the text") };
            prop_assert!(info.get(place).is_some());
        }
    }
}
