//! `overprint keys`: the pair of keys that releases are signed and verified with.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Outcome;
use super::output::{BOLD, DIM, Failed, out};
use crate::content::release::signature::SigningKey;

/// Make a pair of keys, to sign releases with.
#[derive(Debug, Args)]
pub(super) struct Keys {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(New),
}

/// Write a new secret key to a file, and print the public one.
#[derive(Debug, Args)]
struct New {
    /// The file for the secret key; only its owner can read it
    #[arg(value_name = "FILE", default_value = "overprint.key")]
    file: PathBuf,
}

impl Keys {
    pub(super) fn run(self) -> Outcome {
        let Command::New(New { file }) = self.command;
        let key = SigningKey::generate().map_err(Failed::because)?;
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file);
        let written = opened.and_then(|mut out| {
            writeln!(out, "{}", key.to_text())?;
            out.sync_all()
        });
        written.map_err(|error| {
            Failed::Because(format!("cannot write {}: {error}", file.display()))
        })?;
        let mut out = out();
        writeln!(out, "{}", key.public_key())?;
        let file = file.display();
        let mut err = anstream::AutoStream::auto(std::io::stderr());
        writeln!(
            err,
            "{DIM}The secret key is in {file}: give it to whoever publishes (`--sign {file}`)."
        )?;
        writeln!(
            err,
            "The line above is the public key: each proxy's [[site]] takes it as{DIM:#} {BOLD}public_key{BOLD:#}{DIM}.{DIM:#}"
        )?;
        Ok(())
    }
}
