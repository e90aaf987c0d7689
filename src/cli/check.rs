//! `overprint check`: every problem with the config and the content it names.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Outcome;
use super::output::{BOLD, Failed, GOOD, WARN, count, out};
use super::place::{self, Content};
use super::serve::environment;
use crate::config::{self, Config};
use crate::content::{Compiled, Snapshot};
use crate::problem::Problem;
use crate::proxy::Site;
use crate::refresh;

/// Read the config and the content it names, and print every problem.
///
/// Each with its file, its line and what to do. Content in a store is fetched and verified as the
/// proxy does it. Exits with 1 if there is a problem; markup that is never printed is a warning.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// The config to check [default: overprint.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Check this content only: a directory, or a store of releases
    #[arg(long, value_name = "PLACE", conflicts_with = "config")]
    content: Option<String>,
}

impl Check {
    pub(super) fn run(self) -> Outcome {
        let mut out = out();
        if let Some(place) = &self.content {
            let content = place::load(&place::site_at(place)?, &refresh::Limits::default(), None)?;
            writeln!(out, "{GOOD}ok{GOOD:#}  {place}: {}", summary(&content))?;
            super::output::warn(&content.notes);
            return Ok(());
        }
        let path = self.config.unwrap_or_else(|| PathBuf::from("overprint.toml"));
        let config = config::load(&path, &environment)?;
        let sites = config.proxy.sites.len();
        writeln!(out, "{GOOD}ok{GOOD:#}  {}: {}", path.display(), count(sites, "site"))?;
        let failed = check_sites(&mut out, &path, &config)?;
        if failed == 0 {
            Ok(())
        } else {
            Err(Failed::Because(format!("{} with a problem", count(failed, "site"))))
        }
    }
}

/// How many sites have a problem, each told.
fn check_sites(out: &mut impl Write, path: &Path, config: &Config) -> Result<usize, Failed> {
    let mut failed = 0;
    for ((site, content), hook) in
        config.proxy.sites.iter().zip(&config.content.sites).zip(&config.hooks)
    {
        let name = &site.name;
        let secrets = crate::app::read_secrets(hook);
        if let Err(fault) = &secrets {
            writeln!(out, "{WARN}bad{WARN:#} {name}: no secret for its webhook: {fault}")?;
        }
        let mut good = secrets.is_ok();
        if content.content.is_none() {
            writeln!(out, "{GOOD}ok{GOOD:#}  {name}: no content, pages pass unchanged")?;
        } else {
            good &= check_content(out, path, site, content, config)?;
        }
        failed += usize::from(!good);
    }
    Ok(failed)
}

/// Whether the content of a site is in order, which is told.
fn check_content(
    out: &mut impl Write,
    path: &Path,
    site: &Site,
    content: &refresh::Site,
    config: &Config,
) -> Result<bool, Failed> {
    let name = &site.name;
    let found =
        match place::load(content, &config.content.limits, config.content.state_dir.as_deref()) {
            Ok(content) => match locale_problem(path, site, &content.snapshot) {
                None => {
                    writeln!(out, "{GOOD}ok{GOOD:#}  {name}: {}", summary(&content))?;
                    super::output::warn(&content.notes);
                    return Ok(true);
                }
                Some(problem) => vec![problem].into(),
            },
            Err(found) => found,
        };
    writeln!(out, "{WARN}bad{WARN:#} {BOLD}{name}{BOLD:#}:")?;
    super::output::tell(&found);
    Ok(false)
}

/// A site whose pages nothing would be printed on.
fn locale_problem(config: &Path, site: &Site, snapshot: &Snapshot) -> Option<Problem> {
    let locale = site.locale.default.as_ref()?;
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

/// Loads a content directory; its problems and notes name files as they are found from here.
pub(super) fn load(root: &Path) -> Result<Compiled, Vec<Problem>> {
    let under = |problem: Problem| match problem.source.is_empty() {
        true => problem,
        false => Problem { file: root.join(&problem.file).display().to_string(), ..problem },
    };
    let all_under = |problems: Vec<Problem>| problems.into_iter().map(under).collect();
    let Compiled { snapshot, notes } = refresh::load_directory(root).map_err(all_under)?;
    Ok(Compiled { snapshot, notes: all_under(notes) })
}

fn summary(content: &Content) -> String {
    let snapshot = &content.snapshot;
    let locales: Vec<_> = snapshot.locales().map(ToString::to_string).collect();
    let entries = count(snapshot.len(), "entry");
    let said = format!("{entries} in {}, release {}", locales.join(", "), snapshot.release());
    match &content.published {
        None => said,
        Some((alias, seq, r#move)) => format!("{said}, number {seq} ({alias}, move {move})"),
    }
}
