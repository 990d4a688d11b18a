//! The `juxta` program: a shell around the library.

fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
