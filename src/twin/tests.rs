use pulldown_cmark::{Event, Options, Parser};

use super::*;

fn check(html: &str, expected: &str) {
    let html = format!("<main><h1>T</h1>{html}</main>");
    let text = markdown(&html, "/a/b/").replace(PLACELESS, "@");
    let expected = format!("# T\n\n{expected}");
    assert_eq!(text.trim_end(), expected.trim_end(), "of {html}");
}

#[test]
fn lines_of_text() {
    check("<p>a <b>b </b><em>c</em>d\n e<br>f</p>", "a **b** *c*d e\\\nf");
    check(
        "<p>x_y __init__ 1 < 2 <code>a`b</code> &lt;b> R&amp;D &amp;amp; [x]</p>",
        "x_y \\_\\_init\\_\\_ 1 < 2 ``a`b`` \\<b> R&D \\&amp; \\[x\\]",
    );
    check(
        "<p>1. no list</p><p># no heading</p><p>- no item</p><p>* none</p><p>2 * 3</p><p>2024 was</p><p>--</p>",
        "1\\. no list\n\n\\# no heading\n\n\\- no item\n\n\\* none\n\n2 * 3\n\n2024 was\n\n\\--",
    );
    check("<p>H<sub>2</sub>O <del>x</del> <kbd>Ctrl</kbd></p>", "H<sub>2</sub>O ~~x~~ `Ctrl`");
    check("<p><img src='x.svg' alt='A [b]'></p>", "![A \\[b\\]](@/a/b/x.svg)");
}

#[test]
fn links_mean_the_same_elsewhere() {
    check(
        "<p><a href='../../c/#x'>c</a>, <a href='#y'>y</a>, <a href='../'>up</a></p>",
        "[c](@/c/#x), [y](@/a/b/#y), [up](@/a/)",
    );
    check(
        "<p><a href='https://x.org/?q=1&amp;r'>x</a> <a href='mailto:a@b.c'>m</a></p>",
        "[x](https://x.org/?q=1&r) [m](mailto:a@b.c)",
    );
    check("<p><a href='./f(1).html'>f</a><a href='#z'><span></span></a></p>", "[f](<@/a/b/f(1).html>)");
}

#[test]
fn blocks() {
    check(
        "<h2 id=x>A<a class=anchor href='#x'><span class=hash role=img></span></a></h2><hr>",
        "## A\n\n---",
    );
    check("<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul><ul><li>d</li></ul>", "- a\n  - b\n- c\n\n* d");
    check("<ol start=3><li><p>a</p><p>b</p></li><li>c</li></ol>", "3. a\n\n   b\n\n4. c");
    check("<ul><li><input type=checkbox disabled checked> done</li></ul>", "- [x] done");
    check(
        "<dl><dt>A</dt><dd>one</dd><dt>B</dt><dd><p>two</p><p>three</p></dd></dl>",
        "- **A**: one\n\n- **B**\n\n  two\n\n  three",
    );
    check(
        "<blockquote><p>a</p><pre><code>b\n\nc\n</code></pre></blockquote>",
        "> a\n>\n> ```\n> b\n>\n> c\n> ```",
    );
    check(
        "<aside class='aside tip'><p class=aside-title><span class=kind>Tip</span> <span>Do</span></p><p>a</p></aside>",
        "> **Tip:** Do\n>\n> a",
    );
    check("<details><summary>More</summary><p>a</p></details>", "**More**\n\na");
    check(
        "<p>a<sup class=footnote-reference><a href='#fn-n'>[1]</a></sup></p><section class=footnotes><ol><li id=fn-n><p>b <a href='#fr-n-1'>↩</a></p></li></ol></section>",
        "a[^n]\n\n[^n]: b",
    );
}

#[test]
fn code_is_what_readers_see() {
    check(
        "<pre class=code data-lang=js data-copy><code><span class=k>a</span> &lt; b\n</code></pre>",
        "```js\na < b\n```",
    );
    check("<pre><code class=language-md>```\nx\n```</code></pre>", "````md\n```\nx\n```\n````");
    let figure = "<figure class=code><figcaption><span class=file>a.js</span> <a class=source href='https://x.org/a'>Source</a></figcaption><pre data-lang=js><code>a\n</code></pre></figure>";
    check(figure, "`a.js` [Source](https://x.org/a)\n\n```js\na\n```");
    let hidden = "<pre data-lang=js><code><span class='ln hide' hidden>secret\n</span><span class=ln>b <a class=note href='#c-note-1'>1</a>\n</span></code></pre><ol class=notes><li id=c-note-1>why</li></ol>";
    check(hidden, "```js\nb\n```\n\n1. L1: why");
    let changed = "<pre data-lang=js><code><span class='ln del'>a\n</span><span class='ln ins'>b\n</span><span class=ln>c\n</span></code></pre>";
    check(changed, "```diff\n-a\n+b\n c\n```");
}

#[test]
fn sides_are_labelled() {
    let group = "<section class=cmp><h3>Hello</h3><div class=cmp-panes><section class=pane data-side=a><h4 class=pane-title><a href='#a'>Node.js</a></h4><pre data-lang=js><code>1\n</code></pre></section><section class=pane data-side=b><p class=pane-title>Django</p><p class=omit>Left out: no</p></section></div></section>";
    check(group, "### Hello\n\n**Node.js**\n\n```js\n1\n```\n\n**Django**\n\nLeft out: no");
}

#[test]
fn answers_are_tables() {
    let table = "<table><caption>A vs B</caption><thead><tr><th>Criterion</th><th><a href='../a/'>A</a> <small>1.0</small></th></tr></thead>\
        <tbody><tr><th scope=rowgroup colspan=2><span>Group <small>about</small></span></th></tr>\
        <tr><th scope=row><details><summary>Q</summary><p>Help</p></details><small>A</small></th>\
        <td>x | y <b>best</b><div class=ev><p>Note</p><p class=from><a href='https://s.org/'>s.org</a> <time>2026-01-01</time></p></div></td></tr></tbody></table>";
    check(
        table,
        "**A vs B**\n\n| Criterion | [A](@/a/a/) 1.0 |\n| --- | --- |\n| **Group** about | |\n| Q<br>Help<br>A | x \\| y **best**<br>Note<br>[s.org](https://s.org/) 2026-01-01 |",
    );
    check("<table><tr><td>a</td></tr></table>", "| |\n| --- |\n| a |");
}

#[test]
fn what_only_a_browser_uses_is_left_out() {
    check(
        "<nav>n</nav><p>a<button>b</button></p><form>c</form><p hidden>d</p><p data-markdown=off>e</p><svg><text>f</text></svg>",
        "a",
    );
    assert_eq!(markdown("<title>A &amp; *b*</title><body><p>c</p></body>", "/"), "# A & \\*b\\*\n\nc\n");
}

#[test]
fn formulas_are_latex_again() {
    let math = "<p><math><semantics><mrow><mi>x</mi></mrow><annotation encoding='application/x-tex'>x^2</annotation></semantics></math></p>";
    check(math, "$x^2$");
}

#[test]
fn nothing_hostile_stops_it() {
    let deep = format!("<main>{}x{}", "<div>".repeat(50_000), "</div>".repeat(50_000));
    assert_eq!(markdown(&deep, "/"), "x\n");
    for html in [
        "",
        "<",
        "</p>",
        "<p",
        "<table><tr>",
        "<li>a",
        "<ol><p>a</p></ol>",
        "<main><h1></main>",
        "<pre>",
        "<a href>x</a>",
    ] {
        assert!(markdown(html, "/").ends_with('\n'), "{html}");
    }
}

/// The words of a Markdown text.
fn words(markdown: &str) -> Vec<String> {
    let mut text = String::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::End(_) | Event::SoftBreak | Event::HardBreak | Event::InlineHtml(_) => text.push(' '),
            _ => {}
        }
    }
    text.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn text_comes_back_as_it_was() {
    let alphabet = [
        "*", "_", "`", "[", "]", "(", ")", "#", "-", "+", ">", "1.", "~", "|", "\\", "&amp;", "&lt;", "!",
        "a", " ", "=", "$", ":",
    ];
    let mut seed = 7_u64;
    for _ in 0..4000 {
        let mut html = String::new();
        for _ in 0..10 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            html.push_str(alphabet[(seed >> 33) as usize % alphabet.len()]);
        }
        let mut text = String::new();
        push_text(&mut text, &html);
        let expected: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        let twin = markdown(&format!("<main><h1>x</h1><p>{html}</p></main>"), "/");
        let found = words(twin.strip_prefix("# x").unwrap_or(&twin));
        assert_eq!(found.concat(), expected.concat(), "{text:?} became {twin:?}");
    }
}
