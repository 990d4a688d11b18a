//! Languages: from the word an author wrote to something that can be coloured.
//!
//! In: the first word of an info string. Out: a [`Language`], or the nearest
//! name. Must not know fences and not how colours are found.

use super::syntect::{self, Grammar};
use crate::base::text::nearest;

/// How a text is to be read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Language {
    /// No language, or one that has nothing to colour.
    Plain,
    /// One that has a grammar.
    Grammar(Grammar),
}

/// Names that authors write and the grammar set does not know by itself, or
/// knows as something else. An empty grammar name is plain text.
const ALIASES: &[(&str, &str)] = &[
    ("ansi", ""),
    ("ascii", ""),
    ("asm", "x86_64 Assembly"),
    ("babel", "JavaScript (Babel)"),
    ("bat", "Batch File"),
    ("c++", "C++"),
    ("c#", "C#"),
    ("cfg", "INI"),
    ("cjs", "JavaScript (Babel)"),
    ("cmd", "Batch File"),
    ("conf", "INI"),
    ("console", "Bourne Again Shell (bash)"),
    ("containerfile", "Dockerfile"),
    ("csharp", "C#"),
    ("cts", "TypeScript"),
    ("django", "HTML (Jinja2)"),
    ("docker", "Dockerfile"),
    ("dotenv", "DotENV"),
    ("ejs", "HTML (Rails)"),
    ("elisp", "Lisp"),
    ("env", "DotENV"),
    ("erlang", "Erlang"),
    ("fortran", "Fortran (Modern)"),
    ("fsharp", "F#"),
    ("gitignore", "Git Ignore"),
    ("golang", "Go"),
    ("gql", "GraphQL"),
    ("handlebars", "HTML"),
    ("hbs", "HTML"),
    ("http", "HTTP Request and Response"),
    ("javascript", "JavaScript (Babel)"),
    ("javascriptreact", "JavaScript (Babel)"),
    ("jinja", "HTML (Jinja2)"),
    ("jinja2", "HTML (Jinja2)"),
    ("js", "JavaScript (Babel)"),
    ("json5", "JSON"),
    ("jsonc", "JSON"),
    ("jsonl", "JSON"),
    ("jsx", "JavaScript (Babel)"),
    ("latex", "LaTeX"),
    ("make", "Makefile"),
    ("markdown", "Markdown"),
    ("matlab", "MATLAB"),
    ("mdx", "Markdown"),
    ("mjs", "JavaScript (Babel)"),
    ("mts", "TypeScript"),
    ("njk", "HTML (Jinja2)"),
    ("node", "JavaScript (Babel)"),
    ("nodejs", "JavaScript (Babel)"),
    ("none", ""),
    ("nu", "Bourne Again Shell (bash)"),
    ("objc", "Objective-C"),
    ("objective-c", "Objective-C"),
    ("output", ""),
    ("pgsql", "SQL"),
    ("plain", ""),
    ("plaintext", ""),
    ("postgres", "SQL"),
    ("postgresql", "SQL"),
    ("powershell", "PowerShell"),
    ("protobuf", "Protocol Buffer"),
    ("ps", "PowerShell"),
    ("pwsh", "PowerShell"),
    ("pycon", "Python"),
    ("python2", "Python"),
    ("python3", "Python"),
    ("raw", ""),
    ("regex", "Regular Expression"),
    ("regexp", "Regular Expression"),
    ("rst", "reStructuredText"),
    ("sh-session", "Bourne Again Shell (bash)"),
    ("shell", "Bourne Again Shell (bash)"),
    ("shell-session", "Bourne Again Shell (bash)"),
    ("shellscript", "Bourne Again Shell (bash)"),
    ("shellsession", "Bourne Again Shell (bash)"),
    ("sqlite", "SQL"),
    ("mysql", "SQL"),
    ("svg", "XML"),
    ("tera", "HTML (Jinja2)"),
    ("terminal", "Bourne Again Shell (bash)"),
    ("terraform", "Terraform"),
    ("text", ""),
    ("typescriptreact", "TypeScriptReact"),
    ("typst", "Typst"),
    ("txt", ""),
    ("viml", "VimL"),
    ("wasm", "Lisp"),
    ("wat", "Lisp"),
    ("webmanifest", "JSON"),
    ("zsh", "Bourne Again Shell (bash)"),
];

/// The language of that name, upper or lower case; the empty name is plain.
pub(super) fn find(name: &str) -> Option<Language> {
    if name.is_empty() {
        return Some(Language::Plain);
    }
    let lower = name.to_lowercase();
    let grammar = match ALIASES.iter().find(|(alias, _)| *alias == lower) {
        Some((_, "")) => return Some(Language::Plain),
        Some((_, grammar)) => syntect::by_name(grammar),
        None => syntect::by_token(&lower),
    };
    grammar.map(Language::Grammar)
}

/// Whether two names lead to the same grammar.
pub(super) fn are_same(a: &str, b: &str) -> bool {
    match (find(a), find(b)) {
        (Some(Language::Grammar(a)), Some(Language::Grammar(b))) => a.name == b.name,
        _ => false,
    }
}

/// Names that are meant more often than others as near.
const COMMON: &[&str] = &[
    "bash",
    "c",
    "cpp",
    "csharp",
    "css",
    "diff",
    "docker",
    "dockerfile",
    "go",
    "html",
    "java",
    "javascript",
    "json",
    "jsx",
    "kotlin",
    "markdown",
    "php",
    "powershell",
    "python",
    "ruby",
    "rust",
    "scss",
    "shell",
    "sql",
    "svelte",
    "swift",
    "text",
    "toml",
    "tsx",
    "typescript",
    "vue",
    "xml",
    "yaml",
];

/// The known name nearest to one that [`find`] does not know.
pub(super) fn nearest_name(name: &str) -> Option<String> {
    if let Some(near) = nearest(name, COMMON.iter().copied()) {
        return Some(near.to_owned());
    }
    let grammars = syntect::grammars();
    let names: Vec<String> = grammars.iter().map(|grammar| grammar.name.to_lowercase()).collect();
    let extensions = grammars
        .iter()
        .flat_map(|grammar| grammar.file_extensions.iter().map(String::as_str))
        // A file called `.profile` or `Makefile.in` is no language's name.
        .filter(|extension| !extension.contains(['.', ' ']) && extension.len() > 1);
    let known = ALIASES
        .iter()
        .map(|(alias, _)| *alias)
        .chain(names.iter().map(String::as_str).filter(|name| !name.contains(' ')))
        .chain(extensions);
    nearest(name, known).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grammar(name: &str) -> &'static str {
        match find(name) {
            Some(Language::Grammar(grammar)) => &grammar.name,
            Some(Language::Plain) => "plain",
            None => "unknown",
        }
    }

    #[test]
    fn every_alias_leads_to_a_grammar() {
        for (alias, _) in ALIASES {
            assert_ne!(grammar(alias), "unknown", "{alias}");
        }
    }

    #[test]
    fn the_names_authors_write_are_known() {
        for (name, expected) in [
            ("js", "JavaScript (Babel)"),
            ("JavaScript", "JavaScript (Babel)"),
            ("ts", "TypeScript"),
            ("typescript", "TypeScript"),
            ("tsx", "TypeScriptReact"),
            ("py", "Python"),
            ("python", "Python"),
            ("sh", "Bourne Again Shell (bash)"),
            ("bash", "Bourne Again Shell (bash)"),
            ("ps1", "PowerShell"),
            ("yml", "YAML"),
            ("yaml", "YAML"),
            ("Dockerfile", "Dockerfile"),
            ("html", "HTML"),
            ("css", "CSS"),
            ("scss", "SCSS"),
            ("json", "JSON"),
            ("toml", "TOML"),
            ("sql", "SQL"),
            ("diff", "Diff"),
            ("rust", "Rust"),
            ("go", "Go"),
            ("vue", "Vue Component"),
            ("makefile", "Makefile"),
            ("c", "C"),
            ("ruby", "Ruby"),
            ("kotlin", "Kotlin"),
            ("nginx", "nginx"),
            ("", "plain"),
            ("text", "plain"),
            ("klingon", "unknown"),
        ] {
            assert_eq!(grammar(name), expected, "{name}");
        }
    }

    #[test]
    fn a_misspelt_name_has_a_near_one() {
        assert_eq!(nearest_name("pyton").as_deref(), Some("python"));
        assert_eq!(nearest_name("javscript").as_deref(), Some("javascript"));
        assert_eq!(nearest_name("qqqqqqqq"), None);
    }
}
