//! The process: parse, build, run, drain, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    overprint::cli::run()
}
