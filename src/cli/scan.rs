//! `overprint scan`: the labels on pages, held against the content.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};

use super::Outcome;
use super::fetch::{Fetched, fetch};
use super::output::{BOLD, DIM, Failed, GOOD, WARN, count, line, out};
use super::serve::runtime;
use super::sites::{Choice, Chosen};
use super::slots::{arguments, lacking, locale, name};
use crate::content::{Entry, Voice};
use crate::weave::{self, Given, Page, Plan, Reason, Rules, Slot, Variables};

/// List the labels on pages: which have content, which lack it, which content no page uses.
#[derive(Debug, Args)]
pub(super) struct Scan {
    /// Pages: http(s):// URLs, or HTML files
    #[arg(value_name = "URL|FILE", required = true)]
    places: Vec<String>,
    #[command(flatten)]
    choice: Choice,
    /// Write a starter content file from the pages' own default text
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
}

impl Scan {
    pub(super) fn run(self) -> Outcome {
        let chosen = self.choice.load()?;
        let voice = chosen.voice()?;
        let runtime = runtime()?;
        let mut out = out();
        let mut defaults = BTreeMap::new();
        let mut used = BTreeSet::new();
        for place in &self.places {
            let page = runtime.block_on(fetch(place))?;
            let plan = weave::plan(&chosen.rules, page.charset, &page.body);
            writeln!(out, "{BOLD}{place}{BOLD:#}  {}", count(plan.slots().count(), "label"))?;
            tell_page(&mut out, &chosen.rules, &page, &plan, voice.as_ref())?;
            for slot in plan.slots() {
                used.insert(slot.key().to_owned());
                if let Some(text) = default_text(slot, &plan, &page) {
                    defaults.entry(slot.key().to_owned()).or_insert(text);
                }
            }
        }
        tell_unused(&mut out, &chosen, &used)?;
        match &self.write {
            Some(directory) => write_starter(&mut out, directory, &chosen, &defaults),
            None => Ok(()),
        }
    }
}

fn tell_page(
    out: &mut impl Write,
    rules: &Rules,
    page: &Fetched,
    plan: &Plan,
    voice: Option<&Voice>,
) -> Result<(), Failed> {
    if let Some(reason) = page.passed {
        writeln!(out, "  {WARN}passed on unread{WARN:#}: {reason}")?;
    }
    let outcomes = voice.map_or(Vec::new(), |voice| outcomes(rules, page, voice));
    for (nth, slot) in plan.slots().enumerate() {
        let text =
            default_text(slot, plan, page).map_or(String::new(), |text| line(&plain(&text), 50));
        let (name, arguments) = (name(slot), arguments(slot));
        match (slot.left(), voice) {
            (Some(reason), _) => writeln!(out, "  {WARN}never{WARN:#}    {name}  {reason}")?,
            (None, None) => writeln!(out, "  label    {name}  {DIM}{text}{DIM:#}{arguments}")?,
            (None, Some(voice)) => match voice.find_with_locale(slot.key()) {
                Some((found, entry)) => match outcomes.get(nth).and_then(unfit) {
                    Some(reason) => {
                        writeln!(out, "  {WARN}left{WARN:#}     {name}  {reason}{arguments}")?;
                    }
                    None => tell_content(out, slot, &locale(found, voice), entry)?,
                },
                None => {
                    writeln!(
                        out,
                        "  {WARN}missing{WARN:#}  {name}  {DIM}{text}{DIM:#}{arguments}"
                    )?;
                }
            },
        }
    }
    if let Some(reason) = plan.stopped() {
        writeln!(out, "  {WARN}stopped{WARN:#}  labels further down were not read: {reason}")?;
    }
    Ok(())
}

/// What becomes of each slot when the page is printed as it is, without a request.
fn outcomes(rules: &Rules, page: &Fetched, voice: &Voice) -> Vec<weave::Outcome> {
    let mut woven = Page::new(rules.clone(), voice.clone(), page.charset).keeping_outcomes();
    let mut bytes = Vec::new();
    woven.push(page.body.clone(), &mut bytes);
    woven.finish(&mut bytes);
    woven.outcomes().map(|(_, outcome)| outcome).collect()
}

/// Why content is not printed although there is some; an argument may still come with a request.
fn unfit(outcome: &weave::Outcome) -> Option<Reason> {
    match outcome {
        weave::Outcome::Left(Reason::MissingKey | Reason::MissingArgument) => None,
        weave::Outcome::Left(reason) => Some(*reason),
        weave::Outcome::Printed | weave::Outcome::Gone => None,
    }
}

/// The content that there is for a slot, and what its message takes that the page does not supply.
fn tell_content(
    out: &mut impl Write,
    slot: &Slot,
    locale: &str,
    entry: &Entry,
) -> Result<(), Failed> {
    let variables = Variables::default();
    let lacking = lacking(entry, &Given::new(slot.arguments(), &variables));
    let lacks = match &lacking[..] {
        [] => String::new(),
        names => format!("  {WARN}lacks {}{WARN:#}", names.join(", ")),
    };
    let (name, arguments) = (name(slot), arguments(slot));
    writeln!(out, "  {GOOD}content{GOOD:#}  {name}  {DIM}{locale}{DIM:#}{arguments}{lacks}")?;
    Ok(())
}

fn tell_unused(
    out: &mut impl Write,
    chosen: &Chosen,
    used: &BTreeSet<String>,
) -> Result<(), Failed> {
    let Some(snapshot) = &chosen.snapshot else { return Ok(()) };
    let keys = snapshot.keys();
    let unused: Vec<_> = keys.iter().filter(|key| !used.contains(**key)).collect();
    if !unused.is_empty() {
        writeln!(out, "{BOLD}no page here uses{BOLD:#}  {}", count(unused.len(), "key"))?;
    }
    for key in unused {
        writeln!(out, "  {DIM}unused{DIM:#}   {key}")?;
    }
    Ok(())
}

/// A slot's own text as an entry: text, or HTML where it has markup.
fn default_text(slot: &Slot, plan: &Plan, page: &Fetched) -> Option<Value> {
    let bytes = page.body.get(slot.default_text()?)?;
    let source = plan.encoding().decode_without_bom_handling(bytes).0;
    if slot.attribute().is_some() {
        return Some(Value::String(htmlize::unescape_attribute(&*source).into_owned()));
    }
    if slot.keeps_whitespace() {
        return Some(Value::String(htmlize::unescape(&*source).into_owned()));
    }
    let trimmed = source.trim();
    if trimmed.contains('<') && !slot.is_text_only() {
        return Some(json!({ "$html": trimmed }));
    }
    let words = htmlize::unescape(trimmed).split_whitespace().collect::<Vec<_>>().join(" ");
    Some(Value::String(words))
}

fn plain(entry: &Value) -> String {
    entry.as_str().or_else(|| entry.get("$html")?.as_str()).unwrap_or_default().to_owned()
}

/// Writes what the pages say into the default locale's file, unless there is one.
fn write_starter(
    out: &mut impl Write,
    directory: &Path,
    chosen: &Chosen,
    defaults: &BTreeMap<String, Value>,
) -> Outcome {
    let locale = chosen.locale.as_ref().map_or("en", |locale| locale.as_str());
    let path = directory.join(format!("{locale}.json"));
    if path.exists() {
        return Err(Failed::Because(format!(
            "{} is there already; name another directory, or move it away",
            path.display()
        )));
    }
    let entries: Map<String, Value> =
        defaults.iter().map(|(key, entry)| (key.clone(), entry.clone())).collect();
    let text = serde_json::to_string_pretty(&entries).map_err(Failed::because)?;
    let written = fs::create_dir_all(directory).and_then(|()| fs::write(&path, text + "\n"));
    written
        .map_err(|error| Failed::Because(format!("cannot write {}: {error}", path.display())))?;
    let entries = count(entries.len(), "entry");
    writeln!(out, "{GOOD}wrote{GOOD:#} {} with {entries}", path.display())?;
    Ok(())
}
