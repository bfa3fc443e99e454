//! The `colofair` program: parse, call, print, exit code.

mod cli;

use std::process::ExitCode;

/// Freed memory is reused across threads instead of growing the heap chunk by chunk.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
