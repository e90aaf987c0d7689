//! `overprint releases`: what was published when, and which aliases stand for what.

use std::io::Write;

use clap::Args;

use super::Outcome;
use super::output::{BOLD, DIM, WARN, line, out};
use super::serve::runtime;
use super::target::Place;
use crate::locale::Tag;
use crate::publish::{self, History, Row};
use crate::releases::Limits;

/// List what was published when, by which note, and which aliases stand for what.
#[derive(Debug, Args)]
pub(super) struct Releases {
    #[command(flatten)]
    place: Place,
    /// How many, the latest first; those that an alias stands for are always shown
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    last: usize,
}

impl Releases {
    pub(super) fn run(self) -> Outcome {
        let (location, store) = self.place.open()?;
        let limits = Limits::default();
        let listed = publish::releases(&store, &limits, self.last);
        let History { rows, total, broken } = runtime()?.block_on(listed)?;
        let mut out = out();
        if rows.is_empty() && broken.is_empty() {
            writeln!(out, "nothing is published in {location}")?;
            return Ok(());
        }
        for failure in &broken {
            writeln!(out, "{WARN}cannot be read{WARN:#}: {failure}")?;
        }
        let width = rows.iter().map(|row| locales(row).len()).max().unwrap_or(0).clamp(7, 30);
        writeln!(
            out,
            "{BOLD}{:>6}  {:<20}  {:>8}  {:<width$}  {:<28}  note{BOLD:#}",
            "seq", "published", "entries", "locales", "aliases"
        )?;
        for row in &rows {
            tell(&mut out, row, width)?;
        }
        if rows.len() < total {
            let left = total - rows.len();
            writeln!(out, "{DIM}and {left} more; --last {total} shows all{DIM:#}")?;
        }
        Ok(())
    }
}

fn tell(out: &mut impl Write, row: &Row, width: usize) -> Outcome {
    let aliases = row.aliases.iter().map(|(alias, r#move, _)| format!("{alias} (move {move})"));
    let aliases = aliases.collect::<Vec<_>>().join(", ");
    let seq = row.seq;
    match &row.manifest {
        Ok(manifest) => writeln!(
            out,
            "{seq:>6}  {:<20}  {:>8}  {:<width$}  {aliases:<28}  {}",
            line(&manifest.created_at, 20),
            manifest.entries(),
            line(&locales(row), width),
            line(manifest.note.as_deref().unwrap_or_default(), 80),
        )?,
        Err(failure) => {
            writeln!(out, "{seq:>6}  {WARN}cannot be read{WARN:#}: {failure}  {aliases}")?;
        }
    }
    Ok(())
}

fn locales(row: &Row) -> String {
    let locales = row.manifest.iter().flat_map(|manifest| manifest.locales.keys());
    locales.map(Tag::as_str).collect::<Vec<_>>().join(" ")
}
