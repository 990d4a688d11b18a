//! The `juxta` program: a shell around the library.

use std::process::ExitCode;

/// Rendering allocates many small values from several threads at once, where
/// the system's allocator costs a tenth of a build.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // What a parser of others stumbles over is a verdict, and no crash.
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !juxta::code::contains_panics() {
            tell(panic);
        }
    }));
    ExitCode::from(juxta::cli::run(std::env::args_os()))
}
