//! The `juxta` program: a shell around the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(juxta::cli::run(std::env::args_os()))
}
