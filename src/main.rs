//! The binary: hands the words of the command line to the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A walk makes a dozen small texts for every record; the system's allocator takes up to a fifth of its time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let mut out = std::io::stdout().lock();
    ExitCode::from(mapwright::cli::main(std::env::args_os(), &mut out).code())
}
