//! Arguments, as typed. The documentation of the command line is made from
//! these, so the words here are what users read.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::report::Format;

/// A static site generator for comparison documentation.
#[derive(Debug, Parser)]
#[command(name = "juxta", version, about, propagate_version = true, arg_required_else_help = true)]
pub struct Arguments {
    /// The project's folder [default: the nearest folder with a configuration or a `content` folder]
    #[arg(short, long, global = true, help_heading = "For every command", value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// The configuration [default: juxta.toml, zola.toml or config.toml]
    #[arg(short, long, global = true, help_heading = "For every command", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Say nothing but problems
    #[arg(short, long, global = true, help_heading = "For every command")]
    pub quiet: bool,
    /// Say more
    #[arg(short, long, global = true, help_heading = "For every command", conflicts_with = "quiet")]
    pub verbose: bool,
    /// Colours
    #[arg(long, global = true, help_heading = "For every command", value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build the site into its output folder
    Build(BuildArguments),
    /// Build and check everything, publish nothing
    Check(CheckArguments),
    /// Build the site and serve it on this machine
    Serve(ServeArguments),
    /// Start a new site
    Init(InitArguments),
    /// Show what a page is made of: what templates see, where it is written, what it reads
    Explain(ExplainArguments),
    /// Print the JSON Schema of the configuration, or of front matter
    Schema {
        /// `config` or `front-matter`
        #[arg(value_parser = ["config", "front-matter"])]
        of: Option<String>,
    },
    /// Print a completion script
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

/// Arguments of everything that builds.
#[derive(Debug, Clone, Default, Args)]
pub struct BuildArguments {
    /// Publish drafts too
    #[arg(long)]
    pub drafts: bool,
    /// Leave out pages dated after the day of the build (`--today`)
    #[arg(long)]
    pub no_future: bool,
    /// Scheme, host and path the site is published at, instead of the configuration's
    #[arg(short = 'u', long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Where the site is written, instead of the configuration's
    #[arg(short, long, value_name = "DIR")]
    pub output_dir: Option<PathBuf>,
    /// Warnings are errors
    #[arg(long)]
    pub strict: bool,
    /// How problems are printed
    #[arg(long, value_name = "FORMAT", value_parser = ["text", "short", "json", "sarif", "github"], default_value = "text")]
    pub message_format: String,
    /// Print the time of each stage
    #[arg(long)]
    pub timings: bool,
    /// The day of the build, `YYYY-MM-DD` [default: `SOURCE_DATE_EPOCH`, else the newest date in the content]
    #[arg(long, value_name = "DATE")]
    pub today: Option<String>,
}

impl BuildArguments {
    /// How problems are printed.
    pub fn format(&self) -> Format {
        Format::from_name(&self.message_format).unwrap_or_default()
    }
}

/// Arguments of `check`.
#[derive(Debug, Clone, Args)]
pub struct CheckArguments {
    /// Of the build.
    #[command(flatten)]
    pub build: BuildArguments,
    /// Run the code blocks marked `run`, with the interpreters of this machine
    #[arg(long)]
    pub run: bool,
    /// Rewrite output blocks that do not show what was printed
    #[arg(long, requires = "run")]
    pub update: bool,
    /// Print what is known about each field, and what is missing or old, instead of the problems
    #[arg(long, value_name = "REPORT", value_parser = ["coverage"])]
    pub report: Option<String>,
    /// Note in `code-runs.toml` what ran well, with what, and on which day
    #[arg(long, requires = "run")]
    pub record: bool,
    /// A file of known problems, which are neither shown nor counted
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write the present warnings and errors into the file of `--baseline`
    #[arg(long, requires = "baseline")]
    pub write_baseline: bool,
}

/// Arguments of `serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArguments {
    /// Of the build.
    #[command(flatten)]
    pub build: BuildArguments,
    /// Build again whenever a file changes, and show it in the browser at once
    #[arg(short, long)]
    pub watch: bool,
    /// Look at all files now and then, where the system does not tell of changes
    #[arg(long, requires = "watch")]
    pub poll: bool,
    /// Where places in messages lead, such as `vscode://file/{root}/{path}:{line}:{column}`
    #[arg(long, requires = "watch", value_name = "ADDRESS")]
    pub editor: Option<String>,
    /// Go to the page whose file was edited
    #[arg(long, requires = "watch")]
    pub follow: bool,
    /// Print why each output was rendered again
    #[arg(long, requires = "watch")]
    pub explain: bool,
    /// Port; 0 for any that is free
    #[arg(short, long, default_value_t = 1111)]
    pub port: u16,
    /// Address to listen on; anything but a loopback address lets others read the site
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    pub host: String,
    /// Another host name that requests may ask for
    #[arg(long, value_name = "NAME")]
    pub allow_host: Vec<String>,
    /// Open the site in a browser
    #[arg(long)]
    pub open: bool,
}

/// Arguments of `init`.
#[derive(Debug, Clone, Args)]
pub struct InitArguments {
    /// The new site's folder
    #[arg(default_value = ".", value_name = "DIR")]
    pub dir: PathBuf,
    /// What it starts from
    #[arg(long, value_name = "TEMPLATE", value_parser = ["comparison", "docs", "blank"], default_value = "comparison")]
    pub template: String,
}

/// Arguments of `explain`.
#[derive(Debug, Clone, Args)]
pub struct ExplainArguments {
    /// A content file (`docs/start.md`), an address (`/docs/start/`) or an output (`docs/start/index.html`)
    #[arg(value_name = "PAGE")]
    pub page: String,
    /// Drafts too
    #[arg(long)]
    pub drafts: bool,
    /// The context as JSON
    #[arg(long)]
    pub json: bool,
}
