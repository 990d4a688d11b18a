//! Languages: from the word an author wrote to something that can be coloured.
//!
//! In: the first word of an info string. Out: a [`Language`], or the nearest
//! name. Must not know fences and not how colours are found.
//!
//! Languages with a parser of their own come first; the grammars know the rest.

use super::data::Format;
use super::javascript::Dialect;
use super::syntect::{self, Grammar};
use super::verdict::PythonVersion;
use crate::base::text::nearest;

/// How a text is to be read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Language {
    /// No language, or one that has nothing to colour.
    Plain,
    /// One that has a grammar.
    Grammar(Grammar),
    /// JavaScript or a relative.
    JavaScript(Dialect),
    /// Python; `session` for what stands after prompts.
    Python { session: bool },
    /// Data that is checked, and the grammar that colours it.
    Data(Format, Grammar),
    /// A script that is checked, and the grammar that colours it.
    Shell(Grammar),
}

impl Language {
    /// What readers call a language that is checked.
    pub(super) fn shown(self, python: PythonVersion) -> Option<String> {
        Some(match self {
            Self::Plain | Self::Grammar(_) => return None,
            Self::JavaScript(Dialect { typescript: true, .. }) => "TypeScript".to_owned(),
            Self::JavaScript(_) => "JavaScript".to_owned(),
            Self::Python { .. } => format!("Python {}.{}", python.major, python.minor),
            Self::Data(Format::Json { .. }, _) => "JSON".to_owned(),
            Self::Data(Format::Toml, _) => "TOML".to_owned(),
            Self::Data(Format::Yaml, _) => "YAML".to_owned(),
            Self::Shell(_) => "Bash".to_owned(),
        })
    }
}

/// Languages with a parser, by the names that authors write.
fn parsed(name: &str) -> Option<Language> {
    let javascript = |typescript, jsx| Some(Language::JavaScript(Dialect { typescript, jsx }));
    let data = |format, grammar| Some(Language::Data(format, syntect::by_token(grammar)?));
    match name {
        "js" | "javascript" | "javascript (babel)" | "mjs" | "cjs" | "node" | "nodejs" | "es6" | "babel"
        | "ecmascript" => javascript(false, false),
        "jsx" | "javascriptreact" | "react" => javascript(false, true),
        "ts" | "typescript" | "mts" | "cts" => javascript(true, false),
        "tsx" | "typescriptreact" => javascript(true, true),
        "py" | "python" | "python3" | "py3" | "pyi" | "pyw" => Some(Language::Python { session: false }),
        "pycon" | "python-repl" | "python-console" => Some(Language::Python { session: true }),
        "json" | "webmanifest" => data(Format::Json { relaxed: false }, "json"),
        "jsonc" | "json5" => data(Format::Json { relaxed: true }, "json"),
        "sh" | "bash" | "shell" | "shellscript" => {
            Some(Language::Shell(syntect::by_name("Bourne Again Shell (bash)")?))
        }
        "toml" => data(Format::Toml, "toml"),
        "yaml" | "yml" => data(Format::Yaml, "yaml"),
        _ => None,
    }
}

/// Names that authors write and the grammar set does not know by itself, or
/// knows as something else. An empty grammar name is plain text.
const ALIASES: &[(&str, &str)] = &[
    ("ansi", ""),
    ("ascii", ""),
    ("asm", "x86_64 Assembly"),
    ("bat", "Batch File"),
    ("c++", "C++"),
    ("c#", "C#"),
    ("cfg", "INI"),
    ("cmd", "Batch File"),
    ("conf", "INI"),
    ("console", "Bourne Again Shell (bash)"),
    ("containerfile", "Dockerfile"),
    ("csharp", "C#"),
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
    ("jinja", "HTML (Jinja2)"),
    ("jinja2", "HTML (Jinja2)"),
    ("jsonl", "JSON"),
    ("latex", "LaTeX"),
    ("make", "Makefile"),
    ("markdown", "Markdown"),
    ("matlab", "MATLAB"),
    ("mdx", "Markdown"),
    ("njk", "HTML (Jinja2)"),
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
    ("python2", "Python"),
    ("raw", ""),
    ("regex", "Regular Expression"),
    ("regexp", "Regular Expression"),
    ("rst", "reStructuredText"),
    ("sh-session", "Bourne Again Shell (bash)"),
    ("shell-session", "Bourne Again Shell (bash)"),
    ("shellsession", "Bourne Again Shell (bash)"),
    ("sqlite", "SQL"),
    ("mysql", "SQL"),
    ("svg", "XML"),
    ("tera", "HTML (Jinja2)"),
    ("terminal", "Bourne Again Shell (bash)"),
    ("terraform", "Terraform"),
    ("text", ""),
    ("typst", "Typst"),
    ("txt", ""),
    ("viml", "VimL"),
    ("wasm", "Lisp"),
    ("wat", "Lisp"),
    ("zsh", "Bourne Again Shell (bash)"),
];

/// The language of that name, upper or lower case; the empty name is plain.
pub(super) fn find(name: &str) -> Option<Language> {
    if name.is_empty() {
        return Some(Language::Plain);
    }
    let lower = name.to_lowercase();
    if let Some(parsed) = parsed(&lower) {
        return Some(parsed);
    }
    let grammar = match ALIASES.iter().find(|(alias, _)| *alias == lower) {
        Some((_, "")) => return Some(Language::Plain),
        Some((_, grammar)) => syntect::by_name(grammar),
        None => syntect::by_token(&lower),
    };
    grammar.map(Language::Grammar)
}

/// Whether two names lead to the same grammar.
pub(super) fn are_same(a: &str, b: &str) -> bool {
    let grammar = |name| match find(name)? {
        Language::Grammar(grammar) | Language::Shell(grammar) => Some(&grammar.name),
        _ => None,
    };
    grammar(a).is_some() && grammar(a) == grammar(b)
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
            Some(Language::Grammar(grammar) | Language::Data(_, grammar) | Language::Shell(grammar)) => {
                &grammar.name
            }
            Some(Language::Python { .. }) => "python",
            Some(Language::JavaScript(Dialect { typescript, jsx })) => match (typescript, jsx) {
                (false, false) => "javascript",
                (false, true) => "jsx",
                (true, false) => "typescript",
                (true, true) => "tsx",
            },
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
            ("js", "javascript"),
            ("JavaScript", "javascript"),
            ("ts", "typescript"),
            ("typescript", "typescript"),
            ("tsx", "tsx"),
            ("py", "python"),
            ("python", "python"),
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
