//! Kinds: what a piece of code is, in about thirty words.
//!
//! In: scope stacks of a TextMate grammar, or a parser's own knowledge. Out: a
//! [`Kind`] with the class it has in HTML and the scope that finds its colour
//! in a theme. Must not know colours and not how tokens are found.
//!
//! A grammar describes a place by a stack of scopes, the most specific on top.
//! A kind is found as the stack grows: each scope either names a kind, or ends
//! what is below it (code inside a string is plain again), or says nothing and
//! the kind below stays. So the kind of a place is the top of a stack of kinds,
//! and nothing has to be searched.

use std::collections::HashMap;
use std::sync::LazyLock;

use syntect::parsing::Scope;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $class:literal $scope:literal,)*) => {
        /// What a piece of code is. Plain text has no kind.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            /// All of them, in the order of their style rules.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The class of its tokens inside `pre.code`: one or two letters,
            /// unique.
            pub fn class(self) -> &'static str {
                match self { $(Self::$name => $class,)* }
            }

            /// The TextMate scope a theme is asked with for its colour.
            pub fn scope(self) -> &'static str {
                match self { $(Self::$name => $scope,)* }
            }
        }
    };
}

kinds! {
    /// A remark.
    Comment "c" "comment.line",
    /// A remark that documents what follows it.
    DocComment "cd" "comment.block.documentation",
    /// A word of the language.
    Keyword "k" "keyword.other",
    /// A word that branches, loops, returns or imports.
    Control "kc" "keyword.control",
    /// A word that declares or modifies: `const`, `def`, `static`, `int`.
    Storage "kd" "storage.type",
    /// `=`, `+`, `=>`.
    Operator "o" "keyword.operator",
    /// Signs around code in a string or template. Ordinary punctuation is plain.
    Punctuation "p" "punctuation.section.interpolation",
    /// A quoted text.
    String "s" "string.quoted",
    /// `\n` in a string, `%s` in a format.
    Escape "se" "constant.character.escape",
    /// A regular expression.
    Regexp "sr" "string.regexp",
    /// A number, also with a unit.
    Number "m" "constant.numeric",
    /// `true`, `null`, `NaN`, `MAX_SIZE`.
    Constant "mc" "constant.language",
    /// A function or object that comes with the language or its platform.
    Builtin "b" "support.function",
    /// The name in a call.
    Function "f" "variable.function",
    /// The name in a function's definition.
    FunctionDefinition "fd" "entity.name.function",
    /// A type that is used.
    Type "t" "support.type",
    /// The name in a class's or type's definition.
    TypeDefinition "td" "entity.name.class",
    /// A parameter of a function, the name of an argument.
    Parameter "a" "variable.parameter",
    /// A member of an object, a key.
    Property "y" "variable.other.member",
    /// A name with a sign of its own: `$x`. Ordinary names are plain.
    Variable "v" "variable.other.readwrite",
    /// `this`, `self`.
    Language "l" "variable.language",
    /// A module or namespace.
    Module "n" "entity.name.namespace",
    /// `@app.get`, `#[derive]`.
    Decorator "d" "variable.annotation",
    /// The name of an element.
    Tag "g" "entity.name.tag",
    /// The name of an attribute, a class or an id in CSS.
    Attribute "ga" "entity.other.attribute-name",
    /// A line that was added.
    Inserted "i" "markup.inserted",
    /// A line that was removed.
    Deleted "x" "markup.deleted",
    /// A heading.
    Heading "h" "markup.heading",
    /// Strong text.
    Bold "hb" "markup.bold",
    /// Emphasised text.
    Italic "hi" "markup.italic",
    /// An address.
    Link "u" "markup.underline.link",
    /// What the grammar knows to be wrong.
    Invalid "e" "invalid.illegal",
}

/// What one scope says about the text under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It is this.
    Is(Kind),
    /// It is this, unless what is below is a text of its own (a comment, a
    /// string, a tag), whose delimiter it then is.
    Mark(Option<Kind>),
    /// It is plain, whatever is below.
    Plain,
    /// Nothing.
    Silent,
}

/// Beginnings of scopes and what they mean; the longest that fits counts.
const RULES: &[(&str, Verdict)] = {
    use Kind as K;
    use Verdict::{Is, Mark, Plain, Silent};
    &[
        ("comment", Is(K::Comment)),
        ("comment.block.documentation", Is(K::DocComment)),
        ("comment.line.documentation", Is(K::DocComment)),
        ("constant", Is(K::Constant)),
        ("constant.character", Is(K::Constant)),
        ("constant.character.escape", Is(K::Escape)),
        ("constant.character.entity", Is(K::Escape)),
        ("constant.character.character-class", Is(K::Regexp)),
        ("constant.other.object.key", Is(K::Property)),
        ("constant.other.placeholder", Is(K::Escape)),
        ("constant.other.symbol", Is(K::Constant)),
        ("constant.other.color", Is(K::Number)),
        ("constant.numeric", Is(K::Number)),
        ("entity.name", Is(K::TypeDefinition)),
        ("entity.name.constant", Is(K::Constant)),
        ("entity.name.enum", Is(K::TypeDefinition)),
        ("entity.name.function", Is(K::FunctionDefinition)),
        ("entity.name.label", Is(K::Constant)),
        ("entity.name.module", Is(K::Module)),
        ("entity.name.import", Is(K::Module)),
        ("entity.name.namespace", Is(K::Module)),
        ("entity.name.section", Is(K::Heading)),
        ("entity.name.tag", Is(K::Tag)),
        ("entity.name.tag.yaml", Is(K::Property)),
        ("entity.name.tag.toml", Is(K::Property)),
        ("entity.other.attribute-name", Is(K::Attribute)),
        ("entity.other.pseudo-class", Is(K::Attribute)),
        ("entity.other.pseudo-element", Is(K::Attribute)),
        ("entity.other.inherited-class", Is(K::Type)),
        ("invalid", Is(K::Invalid)),
        // Old but working code is not wrong.
        ("invalid.deprecated", Silent),
        ("keyword", Is(K::Keyword)),
        ("keyword.control", Is(K::Control)),
        ("keyword.declaration", Is(K::Storage)),
        ("keyword.operator", Is(K::Operator)),
        // Punctuation, whatever a grammar calls it; and a span for every `=`
        // would be a fifth of the markup.
        ("keyword.operator.accessor", Mark(None)),
        ("keyword.operator.assignment", Mark(None)),
        ("keyword.operator.logical.continue", Mark(None)),
        ("keyword.operator.module", Is(K::Control)),
        ("keyword.operator.word", Is(K::Keyword)),
        ("keyword.operator.logical.python", Is(K::Keyword)),
        ("keyword.operator.new", Is(K::Keyword)),
        ("keyword.other.unit", Is(K::Number)),
        ("keyword.other.template.begin", Is(K::String)),
        ("keyword.other.template.end", Is(K::String)),
        ("keyword.other.substitution", Is(K::Punctuation)),
        ("markup.bold", Is(K::Bold)),
        ("markup.italic", Is(K::Italic)),
        ("markup.heading", Is(K::Heading)),
        ("markup.inserted", Is(K::Inserted)),
        ("markup.deleted", Is(K::Deleted)),
        ("markup.raw", Is(K::String)),
        ("markup.underline.link", Is(K::Link)),
        // The name of a decorator in all its parts, but not what it is given.
        ("meta.annotation", Is(K::Decorator)),
        ("meta.annotation.arguments", Plain),
        ("meta.annotation.parameters", Plain),
        ("meta.diff.header", Is(K::Heading)),
        ("meta.diff.range", Is(K::Keyword)),
        ("meta.interpolation", Plain),
        ("meta.embedded", Plain),
        ("meta.template.expression", Plain),
        ("meta.group.interpolation", Plain),
        ("meta.prompt", Is(K::Comment)),
        ("meta.object-literal.key", Is(K::Property)),
        ("meta.mapping.key", Is(K::Property)),
        ("meta.property-name", Is(K::Property)),
        ("punctuation", Mark(None)),
        ("punctuation.section", Plain),
        ("punctuation.definition.annotation", Mark(Some(K::Decorator))),
        ("punctuation.definition.string", Mark(Some(K::String))),
        ("punctuation.definition.comment", Mark(Some(K::Comment))),
        ("punctuation.definition.tag", Mark(Some(K::Tag))),
        ("punctuation.definition.heading", Mark(Some(K::Heading))),
        ("punctuation.definition.variable", Is(K::Variable)),
        ("punctuation.separator.key-value", Plain),
        ("punctuation.section.interpolation", Is(K::Punctuation)),
        ("punctuation.section.embedded", Is(K::Punctuation)),
        ("punctuation.definition.template-expression", Is(K::Punctuation)),
        ("source", Plain),
        ("source.regexp", Silent),
        ("storage", Is(K::Storage)),
        // The `f` of `f"…"`.
        ("storage.type.string", Is(K::String)),
        ("string", Is(K::String)),
        ("string.regexp", Is(K::Regexp)),
        ("string.unquoted", Is(K::String)),
        // A shell's unquoted words are most of its text.
        ("string.unquoted.argument", Plain),
        ("support", Is(K::Builtin)),
        ("support.class", Is(K::Type)),
        ("support.constant", Is(K::Constant)),
        ("support.function", Is(K::Builtin)),
        ("support.module", Is(K::Module)),
        ("support.other.namespace", Is(K::Module)),
        ("support.type", Is(K::Type)),
        ("support.type.property-name", Is(K::Property)),
        ("support.type.object.dom", Is(K::Builtin)),
        ("support.variable", Is(K::Builtin)),
        ("text", Plain),
        ("variable", Is(K::Variable)),
        ("variable.annotation", Is(K::Decorator)),
        ("variable.function", Is(K::Function)),
        ("variable.language", Is(K::Language)),
        ("variable.other", Mark(None)),
        ("variable.other.constant", Is(K::Constant)),
        // TypeScript's grammar calls everything declared with `const` so.
        ("variable.other.constant.ts", Mark(None)),
        ("variable.other.constant.tsx", Mark(None)),
        ("variable.other.constant.object.ts", Mark(None)),
        ("variable.other.constant.object.tsx", Mark(None)),
        ("variable.other.constant.property.ts", Mark(None)),
        ("variable.other.constant.property.tsx", Mark(None)),
        ("variable.other.member", Is(K::Property)),
        ("variable.other.readwrite.shell", Is(K::Variable)),
        ("variable.other.php", Is(K::Variable)),
        ("variable.other.readwrite.perl", Is(K::Variable)),
        ("variable.other.readwrite.scss", Is(K::Variable)),
        ("variable.parameter", Is(K::Parameter)),
        // `--flag` in a shell.
        ("variable.parameter.option", Is(K::Attribute)),
        ("variable.parameter.url", Is(K::String)),
        ("variable.type", Is(K::Type)),
    ]
};

/// [`RULES`] by scope, the longest first. Scopes are numbers given out while
/// the program runs, so this cannot be a constant.
static BY_SCOPE: LazyLock<Vec<(Scope, Verdict)>> = LazyLock::new(|| {
    let mut rules: Vec<_> =
        RULES.iter().filter_map(|&(name, verdict)| Some((Scope::new(name).ok()?, verdict))).collect();
    rules.sort_by_key(|(scope, _)| std::cmp::Reverse(scope.len()));
    rules
});

/// Finds the kind of each place while a grammar's scopes come and go.
#[derive(Debug, Default)]
pub(super) struct KindStack {
    kinds: Vec<Option<Kind>>,
    verdicts: HashMap<Scope, Verdict>,
}

impl KindStack {
    /// The kind of the text that follows.
    pub(super) fn top(&self) -> Option<Kind> {
        self.kinds.last().copied().flatten()
    }

    /// A scope begins.
    pub(super) fn push(&mut self, scope: Scope) {
        let below = self.top();
        let verdict = *self.verdicts.entry(scope).or_insert_with(|| {
            BY_SCOPE
                .iter()
                .find(|(rule, _)| rule.is_prefix_of(scope))
                .map_or(Verdict::Silent, |&(_, verdict)| verdict)
        });
        self.kinds.push(match (verdict, below) {
            (Verdict::Silent, _) => below,
            (Verdict::Plain, _) => None,
            (Verdict::Mark(_), Some(below)) if holds_its_marks(below) => Some(below),
            (Verdict::Mark(kind), _) => kind,
            // A quoted key is a key.
            (Verdict::Is(Kind::String), Some(below @ (Kind::Property | Kind::Tag))) => Some(below),
            // `@property`.
            (Verdict::Is(Kind::Builtin), Some(Kind::Decorator)) => Some(Kind::Decorator),
            // A link, an escape or a name inside a comment is still a comment.
            (Verdict::Is(Kind::Link | Kind::Escape), Some(below @ (Kind::Comment | Kind::DocComment))) => {
                Some(below)
            }
            (Verdict::Is(kind), _) => Some(kind),
        });
    }

    /// The newest scope ends.
    pub(super) fn pop(&mut self) {
        self.kinds.pop();
    }
}

/// Kinds whose delimiters have the colour of what they delimit.
fn holds_its_marks(kind: Kind) -> bool {
    use Kind as K;
    matches!(
        kind,
        K::Comment
            | K::DocComment
            | K::String
            | K::Regexp
            | K::Escape
            | K::Number
            | K::Decorator
            | K::Variable
            | K::Inserted
            | K::Deleted
            | K::Heading
            | K::Bold
            | K::Italic
            | K::Link
            | K::Constant
            | K::Attribute
            | K::Property
            | K::Tag
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_of(stack: &str) -> Option<Kind> {
        let mut kinds = KindStack::default();
        for scope in stack.split(' ') {
            kinds.push(Scope::new(scope).unwrap());
        }
        kinds.top()
    }

    #[test]
    fn classes_are_short_unique_and_no_class_of_a_line() {
        let mut classes: Vec<_> = Kind::ALL.iter().map(|kind| kind.class()).collect();
        classes.sort_unstable();
        classes.dedup();
        assert_eq!(classes.len(), Kind::ALL.len());
        for class in classes {
            assert!(class.len() <= 2 && class.bytes().all(|b| b.is_ascii_lowercase()), "{class}");
            assert!(!["ln", "hl"].contains(&class));
        }
    }

    #[test]
    fn every_kind_but_punctuation_is_found_by_its_own_scope() {
        for &kind in Kind::ALL {
            if !matches!(kind, Kind::Variable) {
                assert_eq!(kind_of(kind.scope()), Some(kind), "{}", kind.scope());
            }
        }
    }

    #[test]
    fn a_quoted_key_is_a_key() {
        let key = "source.json meta.mapping.key.json string.quoted.double.json";
        assert_eq!(kind_of(key), Some(Kind::Property));
        assert_eq!(kind_of(&format!("{key} punctuation.definition.string.begin.json")), Some(Kind::Property));
        assert_eq!(kind_of("source.json meta.mapping.value.json string.quoted.json"), Some(Kind::String));
    }

    #[test]
    fn the_most_specific_scope_decides() {
        assert_eq!(kind_of("source.js meta.function.js"), None);
        assert_eq!(kind_of("source.js string.quoted.double.js"), Some(Kind::String));
        assert_eq!(
            kind_of("source.js string.quoted.double.js punctuation.definition.string.begin.js"),
            Some(Kind::String)
        );
        assert_eq!(
            kind_of("source.js string.quoted.double.js constant.character.escape.js"),
            Some(Kind::Escape)
        );
        assert_eq!(kind_of("source.js string.template.js meta.interpolation.js source.js.embedded"), None);
        assert_eq!(kind_of("source.js keyword.operator.arithmetic.js"), Some(Kind::Operator));
        assert_eq!(kind_of("source.python comment.line punctuation.definition.comment"), Some(Kind::Comment));
    }
}
