//! `overprint rollback` and `overprint promote`: an alias moves to a release that is there.

use clap::Args;

use super::Outcome;
use super::moved;
use super::output::out_regardless;
use super::serve::runtime;
use super::target::Mover;
use crate::publish;

const CODES: &str = "\
Exit codes: 0 done; 1 failed, nothing has changed; 3 somebody else has moved the alias meanwhile;
4 done, but a proxy could not be told.";

/// Point an alias at an older release; by default at the one it stood for before.
///
/// A rollback is a move like any other: proxies follow it as they follow a publish. A number leads
/// forward again.
#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(super) struct Rollback {
    #[command(flatten)]
    mover: Mover,
    /// The alias [default: production]
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,
    /// The release's number, as `releases` lists it
    #[arg(value_name = "SEQ")]
    seq: Option<u64>,
}

impl Rollback {
    pub(super) fn run(self) -> Outcome {
        let ready = self.mover.ready(self.alias.as_deref())?;
        runtime()?.block_on(async {
            let moved = publish::rollback(&ready.target, self.seq).await?;
            moved::report(&mut out_regardless(), &ready, &moved).await
        })
    }
}

/// Give one alias the release of another: staging → production.
#[derive(Debug, Args)]
#[command(after_help = CODES)]
pub(super) struct Promote {
    #[command(flatten)]
    mover: Mover,
    /// The alias whose release it is
    #[arg(value_name = "FROM")]
    from: String,
    /// The alias that is to stand for it too
    #[arg(value_name = "TO")]
    to: String,
}

impl Promote {
    pub(super) fn run(self) -> Outcome {
        let ready = self.mover.ready(Some(&self.to))?;
        runtime()?.block_on(async {
            let moved = publish::promote(&ready.target, &self.from).await?;
            moved::report(&mut out_regardless(), &ready, &moved).await
        })
    }
}
