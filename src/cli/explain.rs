//! `overprint explain`: what happened to each label of one page, and why.

use std::io::Write;

use clap::Args;

use super::Outcome;
use super::fetch::{Fetched, fetch};
use super::output::{BOLD, DIM, GOOD, WARN, count, line, out};
use super::serve::runtime;
use super::sites::{Choice, Chosen};
use crate::content::Voice;
use crate::weave::{self, Given, Page, Slot, Variables};

/// Fetch one page and say what happens to each label on it, and why.
///
/// Give the origin's own URL: the page as the developers deliver it.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The page, http(s):// or a file
    #[arg(value_name = "URL")]
    place: String,
    #[command(flatten)]
    choice: Choice,
}

impl Explain {
    pub(super) fn run(self) -> Outcome {
        let chosen = self.choice.load()?;
        let page = runtime()?.block_on(fetch(&self.place))?;
        let mut out = out();
        if let Some(status) = &page.status {
            writeln!(out, "{WARN}answered{WARN:#}  {status}")?;
        }
        let Some(voice) = chosen.voice()? else {
            writeln!(out, "{WARN}no content{WARN:#}: give --content DIR or --config FILE")?;
            return tell_plan(&mut out, &chosen, &page);
        };
        let release = chosen.snapshot.as_ref().map_or("", |snapshot| snapshot.release());
        writeln!(out, "{}  {DIM}release {release}, locale {}{DIM:#}", self.place, voice.locale())?;
        if let Some(reason) = page.passed {
            writeln!(out, "{WARN}passed on unread{WARN:#}: {reason}")?;
            return Ok(());
        }
        tell(&mut out, &chosen, &page, &voice)
    }
}

fn tell(out: &mut impl Write, chosen: &Chosen, page: &Fetched, voice: &Voice) -> Outcome {
    let mut woven = Page::new(chosen.rules.clone(), voice.clone(), page.charset).keeping_outcomes();
    let mut bytes = Vec::new();
    woven.push(page.body.clone(), &mut bytes);
    woven.finish(&mut bytes);
    let variables = Variables::default();
    let (mut printed, mut left) = (0, 0);
    for (slot, outcome) in woven.outcomes() {
        match outcome {
            weave::Outcome::Printed => {
                printed += 1;
                let found = voice.find_with_locale(slot.key());
                let given = Given::new(slot.arguments(), &variables);
                let words = found.and_then(|(_, entry)| entry.words(&given).ok());
                let text = line(&words.unwrap_or_default(), 60);
                let locale = found.map_or(String::new(), |(tag, _)| tag.to_string());
                writeln!(
                    out,
                    "{GOOD}printed{GOOD:#}   {}  {DIM}{locale}{DIM:#}  {text}",
                    name(slot)
                )?;
            }
            weave::Outcome::Gone => writeln!(
                out,
                "{DIM}gone{DIM:#}      {}  with the text of the slot around it",
                name(slot)
            )?,
            weave::Outcome::Left(reason) => {
                left += 1;
                let code = reason.name();
                writeln!(out, "{WARN}left{WARN:#}      {}  {code}: {reason}", name(slot))?;
            }
        }
    }
    if let Some(reason) = woven.stopped() {
        writeln!(out, "{WARN}stopped{WARN:#}   labels further down were not read: {reason}")?;
    }
    writeln!(out, "\n{} printed, {left} left alone", count(printed, "slot"))?;
    Ok(())
}

/// Without content there is still to say which labels could never be filled.
fn tell_plan(out: &mut impl Write, chosen: &Chosen, page: &Fetched) -> Outcome {
    let plan = weave::plan(&chosen.rules, page.charset, &page.body);
    for slot in plan.slots() {
        match slot.left() {
            Some(reason) => writeln!(out, "{WARN}left{WARN:#}      {}  {reason}", name(slot))?,
            None => writeln!(out, "{GOOD}ready{GOOD:#}     {}", name(slot))?,
        }
    }
    writeln!(out, "\n{}", count(plan.slots().count(), "label"))?;
    Ok(())
}

/// The key, and which attribute it is for.
pub(super) fn name(slot: &Slot) -> String {
    let key = line(slot.key(), 200);
    match slot.attribute() {
        Some(attribute) => format!("{BOLD}{key}{BOLD:#} {DIM}@{attribute}{DIM:#}"),
        None => format!("{BOLD}{key}{BOLD:#}"),
    }
}
