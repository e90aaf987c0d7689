//! The command line: one file per subcommand, and what they share.

mod check;
mod demo;
mod explain;
mod fetch;
mod keys;
mod moved;
mod output;
mod place;
mod publish;
mod releases;
pub(crate) mod report;
mod rollback;
mod scan;
mod serve;
mod sites;
mod slots;
mod target;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use output::Failed;

/// Prints published copy onto the pages of any site as they stream through.
///
/// Put it in front of a site, label elements once (<h1 data-overprint="home.title">), and change
/// the words whenever you want: visitors get finished HTML.
#[derive(Debug, Parser)]
#[command(name = "overprint", version, max_term_width = 100)]
#[command(after_help = "\
Start here:
  overprint demo                                                 a sample site, nothing to configure
  overprint serve --origin http://127.0.0.1:3000 --content ./content    in front of your own site

Exit codes: 0 all is well, 1 something failed or a problem was found, 2 the command was mistyped;
`publish`, `rollback` and `promote` have more.
Logs go to standard error; OVERPRINT_LOG=debug shows more.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Demo(demo::Demo),
    Check(check::Check),
    Scan(scan::Scan),
    Explain(explain::Explain),
    Publish(publish::Publish),
    Releases(releases::Releases),
    Rollback(rollback::Rollback),
    Promote(rollback::Promote),
    Keys(keys::Keys),
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    // The one place where the TLS provider is chosen; it can only be set once.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let outcome = match Arguments::parse().command {
        Command::Serve(serve) => serve.run(),
        Command::Demo(demo) => demo.run(),
        Command::Check(check) => check.run(),
        Command::Scan(scan) => scan.run(),
        Command::Explain(explain) => explain.run(),
        Command::Publish(publish) => publish.run(),
        Command::Releases(releases) => releases.run(),
        Command::Rollback(rollback) => rollback.run(),
        Command::Promote(promote) => promote.run(),
        Command::Keys(keys) => keys.run(),
    };
    match outcome {
        // A reader that has read enough, as `head` does, is no failure.
        Ok(()) | Err(Failed::Unread) => ExitCode::SUCCESS,
        Err(failed) => {
            output::tell(&failed);
            failed.code()
        }
    }
}

/// Why a command failed, in words for whoever typed it.
type Outcome = Result<(), Failed>;
