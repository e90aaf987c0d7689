//! `overprint explain`: what happened to each label of one page, and why.

use std::io::{self, Write};

use clap::Args;

use super::Outcome;
use super::fetch::{Fetched, fetch};
use super::output::{DIM, GOOD, WARN, count, line, out};
use super::serve::runtime;
use super::sites::{Choice, Chosen};
use super::slots::{arguments, lacking, locale, name};
use crate::content::Voice;
use crate::locale::Tag;
use crate::weave::{self, Audience, Given, Page, Reason, Slot, Variables};

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
    /// A value that the request would supply for messages ([site.variables]). May be given several
    /// times
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    variables: Vec<(Box<str>, Box<str>)>,
}

fn variable(text: &str) -> Result<(Box<str>, Box<str>), String> {
    let pair = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((pair.0.into(), pair.1.into()))
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
        let locales: Vec<_> = voice.chain().map(Tag::as_str).collect();
        let locales = locales.join(", then ");
        writeln!(out, "{}  {DIM}release {release}, locale {locales}{DIM:#}", self.place)?;
        if chosen.one_of_several {
            writeln!(out, "{DIM}visitors choose theirs; --locale TAG shows another{DIM:#}")?;
        }
        if let Some(reason) = page.passed {
            writeln!(out, "{WARN}passed on unread{WARN:#}: {reason}")?;
            return Ok(());
        }
        let variables = Variables::new(self.variables);
        tell(&mut out, &chosen, &page, &voice, variables)
    }
}

fn tell(
    out: &mut impl Write,
    chosen: &Chosen,
    page: &Fetched,
    voice: &Voice,
    variables: Variables,
) -> Outcome {
    let audience = Audience { variables: variables.clone(), ..Audience::default() };
    let woven = Page::new(chosen.rules.clone(), voice.clone(), page.charset);
    let mut woven = woven.for_audience(audience).keeping_outcomes();
    let mut bytes = Vec::new();
    woven.push(page.body.clone(), &mut bytes);
    woven.finish(&mut bytes);
    let (mut printed, mut left) = (0, 0);
    for (slot, outcome) in woven.outcomes() {
        let given = Given::new(slot.arguments(), &variables);
        match outcome {
            weave::Outcome::Printed => {
                printed += 1;
                tell_printed(out, slot, voice, &given)?;
            }
            weave::Outcome::Gone => writeln!(
                out,
                "{DIM}gone{DIM:#}      {}  with the text of the slot around it",
                name(slot)
            )?,
            weave::Outcome::Left(reason) => {
                left += 1;
                tell_left(out, slot, reason, voice, &given)?;
            }
        }
    }
    if let Some(reason) = woven.stopped() {
        writeln!(out, "{WARN}stopped{WARN:#}   labels further down were not read: {reason}")?;
    }
    writeln!(out, "\n{} printed, {left} left alone", count(printed, "slot"))?;
    Ok(())
}

fn tell_printed(
    out: &mut impl Write,
    slot: &Slot,
    voice: &Voice,
    given: &Given<'_>,
) -> io::Result<()> {
    let Some((found, entry)) = voice.find_with_locale(slot.key()) else { return Ok(()) };
    let words = line(&entry.words(given).unwrap_or_default(), 60);
    let (name, locale, arguments) = (name(slot), locale(found, voice), arguments(slot));
    writeln!(out, "{GOOD}printed{GOOD:#}   {name}  {DIM}{locale}{DIM:#}  {words}{arguments}")
}

fn tell_left(
    out: &mut impl Write,
    slot: &Slot,
    reason: Reason,
    voice: &Voice,
    given: &Given<'_>,
) -> io::Result<()> {
    let lacking = voice.find(slot.key()).map_or(Vec::new(), |entry| lacking(entry, given));
    let which = match reason {
        Reason::MissingArgument => format!(" ({})", lacking.join(", ")),
        _ => String::new(),
    };
    let (name, code, arguments) = (name(slot), reason.name(), arguments(slot));
    writeln!(out, "{WARN}left{WARN:#}      {name}  {code}: {reason}{which}{arguments}")
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
