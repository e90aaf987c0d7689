//! The program's other commands, run as a person or a script runs them.

use std::ffi::OsStr;
use std::path::Path;

use tokio::process::Command;

use super::within;

/// Nothing in the environment.
pub(crate) const NO_ENV: &[(&str, &str)] = &[];

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    /// Goes on only if it went well.
    #[track_caller]
    pub(crate) fn well(self) -> Self {
        assert_eq!(self.code, Some(0), "{}\n{}", self.out, self.err);
        self
    }

    /// All that it said.
    pub(crate) fn said(&self) -> String {
        format!("{}{}", self.out, self.err)
    }
}

/// Runs `overprint` in `folder` with `args`, with nothing in its environment but `env` and a path.
pub(crate) async fn overprint<V: AsRef<OsStr>>(
    folder: &Path,
    args: &[&str],
    env: &[(&'static str, V)],
) -> Done {
    let run = Command::new(env!("CARGO_BIN_EXE_overprint"))
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs(env.iter().map(|(name, value)| (name, value)))
        .kill_on_drop(true)
        .output();
    let done = within(&format!("overprint {}", args.join(" ")), run).await.unwrap();
    Done {
        code: done.status.code(),
        out: String::from_utf8_lossy(&done.stdout).into_owned(),
        err: String::from_utf8_lossy(&done.stderr).into_owned(),
    }
}
