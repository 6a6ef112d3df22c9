//! The binary: hands the words of the command line to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut out = std::io::stdout().lock();
    ExitCode::from(mapwright::cli::main(std::env::args_os(), &mut out).code())
}
