//! `overprint check`: every problem with the config and the content it names.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Outcome;
use super::output::{Failed, GOOD, count, out};
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
            let found =
                |problems: Vec<Problem>| problems.into_iter().map(|p| under(root, p)).collect();
            let snapshot =
                refresh::load(root).map_err(|problems| Failed::Problems(found(problems)))?;
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
                    problems.extend(locale_problem(&path, site, &snapshot));
                }
                Err(found) => {
                    problems.extend(found.into_iter().map(|problem| under(root, problem)))
                }
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

/// The problem with its file as it is found from here.
fn under(root: &Path, problem: Problem) -> Problem {
    let file = root.join(&problem.file);
    if problem.source.is_empty() {
        problem
    } else {
        Problem { file: file.display().to_string(), ..problem }
    }
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
