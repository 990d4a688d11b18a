//! Tests of the module as a whole: what goes in is an info string and a text,
//! what comes out is HTML.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use snapbox::{IntoData as _, assert_data_eq, str};

use super::*;

const ON: CodeOptions = CodeOptions {
    highlight: true,
    error_on_missing_language: false,
    line_numbers: false,
    check: Level::Off,
    python: PythonVersion { major: 3, minor: 13 },
    run: false,
    badge: false,
};
const OFF: CodeOptions = CodeOptions { highlight: false, ..ON };

fn html(text: &str, info: &str, options: &CodeOptions) -> String {
    let mut out = String::new();
    fence_html(&mut out, &Given { text, info, name: "_c1", ..Given::default() }, options);
    out
}

fn problems(text: &str, info: &str, options: &CodeOptions) -> String {
    let mut list = String::new();
    for problem in fence_html(&mut String::new(), &Given { text, info, ..Given::default() }, options).problems
    {
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
    assert_data_eq!(html(JAVASCRIPT, "js", &ON), str![[r#"
<pre class="code" tabindex="0" data-lang="js" data-copy><code><span class="c">// Say hello.</span>
<span class="kc">import</span> http <span class="kc">from</span> <span class="s">"node:http"</span>;

<span class="kd">const</span> <span class="mc">PORT</span> = <span class="m">3000</span>;

<span class="kc">export</span> <span class="kd">class</span> <span class="td">Greeter</span> <span class="kd">extends</span> <span class="t">Base</span> {
  <span class="kd">async</span> <span class="fd">greet</span>(<span class="a">name</span>, { <span class="a">loud</span> = <span class="mc">true</span> } = {}) {
    <span class="kc">return</span> <span class="s">`Hi</span> <span class="p">${</span>name<span class="p">}</span><span class="s">!</span><span class="se">\n</span><span class="s">`</span> <span class="o">+</span> (loud <span class="o">?</span> <span class="l">this</span>.mark : <span class="mc">null</span>);
  }
}

http.<span class="f">createServer</span>((<span class="a">req</span>, <span class="a">res</span>) <span class="kd">=&gt;</span> res.<span class="f">end</span>(<span class="s">"ok"</span>)).<span class="f">listen</span>(<span class="mc">PORT</span>);
</code></pre>

"#]].raw());
}

#[test]
fn python_is_coloured() {
    assert_data_eq!(html(PYTHON, "python", &ON), str![[r#"
<pre class="code" tabindex="0" data-lang="python" data-copy><code><span class="kc">from</span> <span class="n">django.http</span> <span class="kc">import</span> HttpResponse

<span class="d">@app.get</span>(<span class="s">"/items"</span>)
<span class="kd">async def</span> <span class="fd">read</span>(<span class="a">item</span>: <span class="t">int</span>, <span class="a">q</span>: <span class="t">str</span> = <span class="mc">None</span>) -&gt; <span class="t">dict</span>:
    <span class="cd">"""Read one."""</span>
    <span class="c"># A remark</span>
    <span class="kc">return</span> {<span class="y">"n"</span>: <span class="b">len</span>(q) <span class="o">+</span> <span class="m">0x1F</span>, <span class="y">"s"</span>: <span class="s">f"</span><span class="p">{</span>item<span class="p">}</span><span class="se">\n</span><span class="s">"</span>}


<span class="kd">class</span> <span class="td">Item</span>(<span class="t">models.Model</span>):
    name = models.<span class="f">CharField</span>(<span class="a">max_length</span>=<span class="m">20</span>)
</code></pre>

"#]].raw());
}

const TYPESCRIPT: &str = r#"/** An item. */
export interface Item<T> extends Base {
  readonly id: string;
  price?: number | null;
  total(count: number): Promise<T>;
}

type Get = (from: string) => Item<unknown>;

@Component({ selector: 'app' })
class Shop<T> extends lib.Store implements Get {
  #open = /^a+$/g;
  static async of(this: Shop<any>, as = 1) { return new Map<string, T>(); }
}
"#;

const TSX: &str = r#"const List = ({ items }: Props) => (
  <ul className="list" {...rest}>
    {items.map(item => <Item.Row key={item.id} on />)}
    <>text</>
  </ul>
);
"#;

#[test]
fn typescript_is_coloured() {
    assert_data_eq!(body(&html(TYPESCRIPT, "ts", &ON)), str![[r#"
<span class="cd">/** An item. */</span>
<span class="kc">export</span> <span class="kd">interface</span> <span class="td">Item</span>&lt;<span class="t">T</span>&gt; <span class="kd">extends</span> <span class="t">Base</span> {
  <span class="kd">readonly</span> <span class="y">id</span>: <span class="t">string</span>;
  <span class="y">price</span>?: <span class="t">number</span> <span class="o">|</span> <span class="mc">null</span>;
  <span class="fd">total</span>(<span class="a">count</span>: <span class="t">number</span>): <span class="t">Promise</span>&lt;<span class="t">T</span>&gt;;
}

<span class="kd">type</span> <span class="td">Get</span> = (<span class="a">from</span>: <span class="t">string</span>) <span class="kd">=&gt;</span> <span class="t">Item</span>&lt;<span class="t">unknown</span>&gt;;

<span class="d">@Component</span>({ <span class="y">selector</span>: <span class="s">'app'</span> })
<span class="kd">class</span> <span class="td">Shop</span>&lt;<span class="t">T</span>&gt; <span class="kd">extends</span> lib.<span class="t">Store</span> <span class="kd">implements</span> <span class="t">Get</span> {
  <span class="y">#open</span> = <span class="sr">/^a+$/g</span>;
  <span class="kd">static async</span> <span class="fd">of</span>(<span class="l">this</span>: <span class="t">Shop</span>&lt;<span class="t">any</span>&gt;, <span class="a">as</span> = <span class="m">1</span>) { <span class="kc">return</span> <span class="k">new</span> <span class="t">Map</span>&lt;<span class="t">string</span>, <span class="t">T</span>&gt;(); }
}

"#]].raw());
    assert_data_eq!(body(&html(TSX, "tsx", &ON)), str![[r#"
<span class="kd">const</span> <span class="fd">List</span> = ({ <span class="a">items</span> }: <span class="t">Props</span>) <span class="kd">=&gt;</span> (
  <span class="g">&lt;ul</span> <span class="ga">className</span>=<span class="s">"list"</span> <span class="p">{</span><span class="o">...</span>rest<span class="p">}</span><span class="g">&gt;</span>
    <span class="p">{</span>items.<span class="f">map</span>(<span class="a">item</span> <span class="kd">=&gt;</span> <span class="g">&lt;Item.Row</span> <span class="ga">key</span>=<span class="p">{</span>item.id<span class="p">}</span> <span class="ga">on</span> <span class="g">/&gt;</span>)<span class="p">}</span>
    <span class="g">&lt;&gt;</span>text<span class="g">&lt;/&gt;
  &lt;/ul&gt;</span>
);

"#]].raw());
}

#[test]
fn a_session_is_coloured_without_its_output() {
    let text = ">>> def f(a):\n...     return a\n...\n>>> f('''x\n... y''')\n'return x'\n";
    assert_data_eq!(body(&html(text, "pycon", &ON)), str![[r#"
<span class="prompt">&gt;&gt;&gt; </span><span class="kd">def</span> <span class="fd">f</span>(<span class="a">a</span>):
<span class="prompt">... </span>    <span class="kc">return</span> a
<span class="prompt">...</span>
<span class="prompt">&gt;&gt;&gt; </span><span class="f">f</span>(<span class="s">'''x</span>
<span class="prompt">... </span><span class="s">y'''</span>)
<span class="out">'return x'
</span>
"#]].raw());
}

#[test]
fn broken_code_is_coloured_all_the_same() {
    assert_data_eq!(
        body(&html("app.get('/', () => {\n  const a = 1;\n", "js", &ON)),
        str![[r#"
app.<span class="f">get</span>(<span class="s">'/'</span>, () <span class="kd">=&gt;</span> {
  <span class="kd">const</span> a = <span class="m">1</span>;

"#]]
        .raw()
    );
    assert_data_eq!(
        body(&html("def f(a:\n    return [a, len(a)\n", "py", &ON)),
        str![[r#"
<span class="kd">def</span> <span class="fd">f</span>(<span class="a">a</span>:
    <span class="kc">return</span> [a, <span class="b">len</span>(a)

"#]]
        .raw()
    );
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
    assert_data_eq!(
        html("x\n", "text [Node.js] title=\"server.js\" nocopy wrap", &ON),
        str![[r#"
<figure class="code" data-label="Node.js">
<figcaption><span class="label">Node.js</span> <span class="file">server.js</span></figcaption>
<pre class="code wrap" tabindex="0" data-lang="text"><code><span class="ln">x
</span></code></pre>
</figure>

"#]]
        .raw()
    );
}

#[test]
fn marked_lines_are_wrapped() {
    assert_data_eq!(
        html("a\n\nb\nc\nd\n", "text {\"Step A\":1-2} ins={3} del={4} hide_lines=5", &ON),
        str![[r#"
<pre class="code diff" tabindex="0" data-lang="text" data-copy><code><span class="ln hl" data-label="Step A">a
</span><span class="ln hl">
</span><span class="ln ins">b
</span><span class="ln del">c
</span><span class="ln hide" hidden>d
</span></code></pre>

"#]]
    );
}

#[test]
fn numbers_go_on_over_hidden_lines() {
    assert_data_eq!(
        html("a\nb\nc", "text,linenos,linenostart=9,hide_lines=2", &ON),
        str![[r##"
<pre class="code numbers links" tabindex="0" data-lang="text" data-copy><code><span class="ln" id="_c1-9"><a href="#_c1-9" data-n="9" aria-label="9"></a>a
</span><span class="ln hide" id="_c1-10" hidden><a href="#_c1-10" data-n="10" aria-label="10"></a>b
</span><span class="ln" id="_c1-11"><a href="#_c1-11" data-n="11" aria-label="11"></a>c</span></code></pre>

"##]]
        .raw()
    );
    let numbers = CodeOptions { line_numbers: true, ..ON };
    assert_eq!(
        body(&html("a\n", "text", &numbers)),
        "<span class=\"ln\" data-n=\"1\">a\n</span>",
        "links are for those who ask"
    );
    assert_eq!(html("a\n", "text nolines", &numbers), html("a\n", "text", &ON));
}

#[test]
fn a_token_over_several_lines_is_cut_at_each() {
    assert_data_eq!(
        body(&html("/* a\n   b */\nf()\n", "js {2}", &ON)),
        str![[r#"
<span class="ln"><span class="c">/* a</span>
</span><span class="ln hl">   <span class="c">b */</span>
</span><span class="ln"><span class="f">f</span>()
</span>
"#]]
        .raw()
    );
}

#[test]
fn marked_words_cut_tokens() {
    assert_data_eq!(
        body(&html("say(\"hello world\") // hello\n", "js \"hello\" ins=/wo(rl)d/", &ON)),
        str![[r#"
<span class="f">say</span>(<span class="s">"</span><mark><span class="s">hello</span></mark> <span class="s">wo</span><ins><span class="s">rl</span></ins><span class="s">d"</span>) <span class="c">//</span> <mark><span class="c">hello</span></mark>

"#]]
    );
}

#[test]
fn folds_are_lines_handed_to_scripts() {
    assert_data_eq!(
        html("a\nb\nc\n", "text collapse={1-2,3}", &ON),
        str![[r#"
<pre class="code" tabindex="0" data-lang="text" data-collapse="1-2,3" data-copy><code><span class="ln">a
</span><span class="ln">b
</span><span class="ln">c
</span></code></pre>

"#]]
        .raw()
    );
}

#[test]
fn problems_are_told() {
    assert_data_eq!(
        problems("a\nb\n", "pyton {2-3} {9} titel=x \"zzz\" /(/", &ON),
        str![[r#"
warning[unknown-fence-attribute] info `titel=x`: unknown attribute `titel` of a code block
  did you mean `title`?
warning[bad-fence-range] info `2-3`: a mark leads past the end of the code, which has 2 lines
warning[bad-fence-range] info `9`: a mark leads past the end of the code, which has 2 lines
warning[bad-fence-range] info `"zzz"`: a mark for words finds none in the code
warning[bad-fence-attribute] info `/(/`: `/(/` is no regular expression: unclosed group
warning[unknown-language] info `pyton`: unknown language `pyton` of a code block
  did you mean `python`?

"#]]
        .raw()
    );
    let strict = CodeOptions { error_on_missing_language: true, ..ON };
    assert_data_eq!(
        problems("a\n", "zzzzzzzz", &strict),
        str![[r#"
error[unknown-language] info `zzzzzzzz`: unknown language `zzzzzzzz` of a code block
  write `text` for code without colours

"#]]
        .raw()
    );
    assert_eq!(problems("a\n", "pyton", &OFF), "");
}

#[test]
fn large_code_is_plain_and_told() {
    let long_line = format!("x = 1\n{}\n", "a ".repeat(2501));
    assert_data_eq!(
        problems(&long_line, "js", &ON),
        str![[r#"
warning[code-too-large] text 6..5007: line 2 has more than 5000 characters: the code block is not highlighted

"#]]
        .raw()
    );
    assert_eq!(shown(body(&html(&long_line, "js", &ON))), long_line);
    let long_text = "let a;\n".repeat(40_000);
    assert_data_eq!(
        problems(&long_text, "js", &ON),
        str![[r#"
warning[code-too-large] text 0..280000: a code block of more than 256 KiB is not highlighted

"#]]
        .raw()
    );
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
fn javascript_inside_other_languages_ends_in_time() {
    let loop_maker = "x\n  /*\n";
    for (language, before, after) in [
        ("svelte", "{", "}"),
        ("svelte", "<script>\n", "</script>\n"),
        ("vue", "<template>{{", "}}</template>"),
        ("html", "<a onclick=\"", "\">"),
        ("php", "<script>\n", "</script><?php\n"),
        ("md", "```js\n", "```\n"),
        ("erb", "<%\n", "%>"),
    ] {
        let text = format!("{before}{loop_maker}{after}");
        assert_eq!(shown(body(&html(&text, language, &ON))), text);
    }
}

#[test]
fn a_diff_has_added_and_removed_lines() {
    assert_data_eq!(
        body(&html("@@ -1 +1 @@\n-a\n+b\n c\n", "diff", &ON)),
        str![[r#"
@@ <span class="k">-1 +1</span> @@
<span class="x">-a</span>
<span class="i">+b</span>
 c

"#]]
        .raw()
    );
}

#[test]
fn colours_cost_less_than_four_times_the_source() {
    // Samples made of one token after the other cost more.
    for (text, language, most) in [
        (include_str!("fence.rs"), "rust", 3.0),
        (include_str!("../../Cargo.toml"), "toml", 4.0),
        (PYTHON, "python", 4.5),
        (JAVASCRIPT, "js", 4.5),
    ] {
        let html = html(text, language, &ON);
        let ratio = html.len() as f64 / text.len() as f64;
        assert!(ratio < most, "{language}: {ratio:.2}");
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

#[test]
fn a_notebook_command_the_parser_panics_at_is_a_broken_snippet() {
    for text in ["{\"\")\n/*", "(1]\n;x"] {
        let checked = check(text, "py", &CodeOptions { check: Level::Syntax, ..ON });
        assert!(matches!(checked.verdict, Verdict::Broken), "{text:?}: {:?}", checked.verdict);
        assert!(checked.problem.is_some());
    }
    assert!(!contains_panics());
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
    fn every_verdict_has_its_reason(
        text in code(),
        language in prop::sample::select(vec!["js", "jsx", "ts", "tsx", "py", "pycon", "json", "jsonc", "toml", "yaml"]),
        level in prop::sample::select(vec![Level::Syntax, Level::Strict]),
    ) {
        let checked = check(&text, language, &CodeOptions { check: level, ..ON });
        prop_assert!(!matches!(checked.verdict, Verdict::Unchecked(Reason::ParserFailed | Reason::Off)));
        let has_reason = matches!(checked.verdict, Verdict::Broken | Verdict::WrongLanguage(_));
        prop_assert_eq!(checked.problem.is_some(), has_reason);
        if let Some(problem) = checked.problem {
            let Place::Text(place) = problem.place else { panic!("a place in the info string") };
            prop_assert!(text.get(place).is_some());
            for (place, _) in problem.labels {
                prop_assert!(text.get(place).is_some());
            }
            prop_assert!(!problem.message.is_empty());
        }
    }

    #[test]
    fn html_shows_the_text(text in code(), info in info(), colours in any::<bool>()) {
        let options = CodeOptions { highlight: colours, ..ON };
        let html = html(&text, &info, &options);
        let problems = fence::parse(&info).1;
        let expected: String = text
            .chars()
            .filter(|&c| c >= ' ' || "\t\n\r".contains(c))
            .collect();
        prop_assert_eq!(shown(body(&html)), expected);
        for problem in problems {
            let Place::Info(place) = problem.place else { panic!("a place in the text") };
            prop_assert!(info.get(place).is_some());
        }
    }
}
