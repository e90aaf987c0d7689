//! `overprint check`: every problem with the config and the content it names.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Outcome;
use super::output::{GOOD, count, out};
use super::serve::environment;
use crate::config;
use crate::content::Snapshot;
use crate::problem::Problem;
use crate::proxy::Site;
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
            let snapshot = load(root)?;
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
            match load(root).map(|snapshot| (locale_problem(&path, site, &snapshot), snapshot)) {
                Ok((None, snapshot)) => {
                    writeln!(out, "{GOOD}ok{GOOD:#}  {}: {}", site.name, summary(&snapshot))?;
                }
                Ok((Some(problem), _)) => problems.push(problem),
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems.into()) }
    }
}

/// A site whose pages nothing would be printed on.
fn locale_problem(config: &Path, site: &Site, snapshot: &Snapshot) -> Option<Problem> {
    let locale = site.default_locale.as_ref()?;
    if snapshot.voice(locale).is_some() {
        return None;
    }
    let known: Vec<_> = snapshot.locales().map(ToString::to_string).collect();
    Some(Problem {
        file: config.display().to_string(),
        source: "".into(),
        span: 0..0,
        message: format!("site {}: there is no content in `locale.default`, {locale}", site.name),
        help: Some(format!("there is content in {}", known.join(", "))),
    })
}

/// Loads a content directory; its problems name files as they are found from here.
fn load(root: &Path) -> Result<Snapshot, Vec<Problem>> {
    let under = |problem: Problem| match problem.source.is_empty() {
        true => problem,
        false => Problem { file: root.join(&problem.file).display().to_string(), ..problem },
    };
    refresh::load(root).map_err(|problems| problems.into_iter().map(under).collect())
}

fn summary(snapshot: &Snapshot) -> String {
    let locales: Vec<_> = snapshot.locales().map(ToString::to_string).collect();
    format!(
        "{} in {}, release {}",
        count(snapshot.len(), "entry"),
        locales.join(", "),
        snapshot.release()
    )
}
