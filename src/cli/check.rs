//! `overprint check`: every problem with the config and the content it names.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::Outcome;
use super::output::{Failed, GOOD, count, out};
use super::serve::environment;
use crate::config;
use crate::content::Snapshot;
use crate::refresh;

/// Read the config and the content it names, and print every problem.
///
/// Each with its file, its line and what to do. Exits with 1 if there is one.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The config to check [default: overprint.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Check this content directory only
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    content: Option<PathBuf>,
}

impl Check {
    pub(super) fn run(self) -> Outcome {
        let mut out = out();
        if let Some(root) = &self.content {
            let snapshot = refresh::load(root)?;
            writeln!(out, "{GOOD}ok{GOOD:#}  {}: {}", root.display(), summary(&snapshot))?;
            return Ok(());
        }
        let path = self.config.unwrap_or_else(|| PathBuf::from("overprint.toml"));
        let config = config::load(&path, &environment)?;
        let sites = config.proxy.sites.len();
        writeln!(out, "{GOOD}ok{GOOD:#}  {}: {}", path.display(), count(sites, "site"))?;
        let mut problems = Vec::new();
        for site in &config.proxy.sites {
            let Some(root) = &site.content else {
                writeln!(out, "{GOOD}ok{GOOD:#}  {}: no content, pages pass unchanged", site.name)?;
                continue;
            };
            match refresh::load(root) {
                Ok(snapshot) => {
                    writeln!(out, "{GOOD}ok{GOOD:#}  {}: {}", site.name, summary(&snapshot))?;
                    if let Some(locale) = &site.default_locale
                        && snapshot.voice(locale).is_none()
                    {
                        return Err(Failed::Because(format!(
                            "site {}: `locale.default` is {locale}, and there is no content in it",
                            site.name
                        )));
                    }
                }
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems.into()) }
    }
}

fn summary(snapshot: &Snapshot) -> String {
    let locales: Vec<_> = snapshot.locales().map(ToString::to_string).collect();
    format!(
        "{} in {}, release {}",
        count(snapshot.len(), "entry").replace("entrys", "entries"),
        locales.join(", "),
        snapshot.release()
    )
}
