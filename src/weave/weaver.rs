//! Interleaves slices of the page with content, copying neither.

use std::ops::{ControlFlow, Range};

use bytes::Bytes;

use super::arguments::Given;
use super::audience::Audience;
use super::charset::Charset;
use super::fit::{Print, attribute, print, refuses};
use super::plan::{Mark, Plan, Slot, State, Tongue};
use super::reason::Reason;
use super::rope::Rope;
use crate::content::{ForeignTongue, Voice};

/// What became of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Content was printed.
    Printed,
    /// It stood in a slot that was filled, and went with its default text.
    Gone,
    /// It keeps the origin's text.
    Left(Reason),
}

/// What a weaver gives a page to, in its order.
pub(super) trait Outlet {
    /// Some of the page's own bytes.
    fn text(&mut self, piece: Bytes);

    /// What goes out in place of the `replaced` bytes of the page, which are not given. It took the first
    /// `needed` bytes of the page to tell.
    fn print(&mut self, print: Print, replaced: Range<usize>, needed: usize);

    /// Nothing is printed `at` a place of the page, and it took the first `needed` bytes to tell.
    fn leave(&mut self, at: usize, needed: usize);
}

impl Outlet for Vec<Bytes> {
    fn text(&mut self, piece: Bytes) {
        self.push(piece);
    }

    fn print(&mut self, print: Print, _: Range<usize>, _: usize) {
        self.extend(print.pieces());
    }

    fn leave(&mut self, _: usize, _: usize) {}
}

/// A page on its way out.
#[derive(Debug)]
pub(super) struct Weaver {
    voice: Voice,
    /// Whether a text may be in another language than the page.
    mixed: bool,
    audience: Audience,
    charset: Charset,
    rope: Rope,
    /// A mark that starts before this stands in a slot that was filled.
    covered: usize,
    /// One for each mark of the plan that is done with and not forgotten, in the plan's order; none
    /// for what is no slot.
    done: Vec<Option<Outcome>>,
    /// How many were done with before these.
    forgotten: usize,
    /// How many bytes of the page it took to tell what becomes of the mark that is looked at.
    needed: usize,
}

/// What becomes of a slot, as far as it is known.
enum Verdict {
    /// It may be filled, once its end is known.
    Hold,
    Print(Print, usize),
    Leave(Reason),
}

impl Weaver {
    /// Goes on with `rope`, in whose bytes every mark of the plan is still to come.
    pub(super) fn new(voice: Voice, audience: Audience, charset: Charset, rope: Rope) -> Self {
        Self {
            mixed: voice.is_mixed(),
            voice,
            audience,
            charset,
            rope,
            covered: 0,
            done: Vec::new(),
            forgotten: 0,
            needed: 0,
        }
    }

    pub(super) fn push(&mut self, piece: Bytes) {
        self.rope.push(piece);
    }

    /// The slots that are done with and not forgotten: their numbers, and what became of them.
    pub(super) fn done(&self) -> impl Iterator<Item = (usize, Outcome)> + '_ {
        let numbered = (self.forgotten..).zip(&self.done);
        numbered.filter_map(|(number, outcome)| Some((number, (*outcome)?)))
    }

    /// The number of the first mark that is not done with.
    pub(super) fn next_number(&self) -> usize {
        self.forgotten + self.done.len()
    }

    /// Forgets what is done with, and gives it.
    pub(super) fn forget(&mut self) -> std::vec::Drain<'_, Option<Outcome>> {
        self.forgotten += self.done.len();
        self.done.drain(..)
    }

    /// Emits all that is certain: every mark that starts before `settled` is in the plan.
    pub(super) fn advance(&mut self, plan: &Plan, settled: usize, out: &mut impl Outlet) {
        loop {
            let number = self.next_number();
            let Some(mark) = plan.mark(number) else { break };
            // Half of all marks, and mostly there is nothing to say.
            if let Mark::Tongue(tongue) = mark
                && !self.may_say(tongue)
            {
                self.done.push(None);
                continue;
            }
            let outcome = if mark.start() < self.covered {
                ControlFlow::Continue(mark.slot().map(|_| Outcome::Gone))
            } else {
                self.mark(plan, number, mark, out)
            };
            match outcome {
                ControlFlow::Continue(outcome) => self.done.push(outcome),
                ControlFlow::Break(()) => {
                    return self.rope.emit(mark.start().min(settled), out);
                }
            }
        }
        self.rope.emit(settled, out);
    }

    fn mark(
        &mut self,
        plan: &Plan,
        number: usize,
        mark: &Mark,
        out: &mut impl Outlet,
    ) -> ControlFlow<(), Option<Outcome>> {
        // An element's start is told by where it is; all else by the tag that it is in, or behind.
        let inner = mark.slot().is_some_and(|slot| slot.attribute().is_none());
        self.needed = if inner { mark.start() } else { plan.certain(number) };
        let outcome = match mark {
            Mark::Slot(slot) => self.slot(plan, number, slot, out)?.into(),
            Mark::Tongue(tongue) => {
                self.tongue(plan, tongue, out)?;
                None
            }
            Mark::HeadEnd(at) => {
                self.head_end(*at, out);
                None
            }
        };
        if outcome != Some(Outcome::Printed) {
            out.leave(mark.start(), self.needed);
        }
        ControlFlow::Continue(outcome)
    }

    /// Prints a slot or leaves it alone; breaks off while that cannot be told.
    fn slot(
        &mut self,
        plan: &Plan,
        number: usize,
        slot: &Slot,
        out: &mut impl Outlet,
    ) -> ControlFlow<(), Outcome> {
        match self.judge(plan, number, slot) {
            Verdict::Hold => ControlFlow::Break(()),
            Verdict::Leave(reason) => ControlFlow::Continue(Outcome::Left(reason)),
            Verdict::Print(print, end) => {
                self.replace(slot.start()..end, print, out);
                // An empty slot at the very end of a filled one starts where that one ends,
                // which is in front of a tag: no other slot starts there.
                if slot.attribute().is_none() {
                    self.covered = end + 1;
                }
                ControlFlow::Continue(Outcome::Printed)
            }
        }
    }

    fn replace(&mut self, replaced: Range<usize>, print: Print, out: &mut impl Outlet) {
        self.rope.emit(replaced.start, out);
        self.rope.skip(replaced.end);
        out.print(print, replaced, self.needed);
    }

    /// What speaks against it from the start comes first, then what content there is, then how the
    /// element ended, then how the arguments fit: the order in which a stream finds out, so that no
    /// cut changes the reason.
    fn judge(&mut self, plan: &Plan, number: usize, slot: &Slot) -> Verdict {
        if let State::Left(reason) = slot.state
            && slot.never_opened()
        {
            return Verdict::Leave(reason);
        }
        let Some(entry) = self.voice.find(&slot.key) else {
            return Verdict::Leave(Reason::MissingKey);
        };
        if let Some(reason) = refuses(&slot.place, entry) {
            return Verdict::Leave(reason);
        }
        self.needed = self.needed.max(plan.certain(number));
        let end = match slot.state {
            State::Left(reason) => return Verdict::Leave(reason),
            State::Pending => return Verdict::Hold,
            State::Ready { end } => end,
        };
        let given = Given::new(slot.arguments(), &self.audience.variables);
        match print(&slot.place, entry, self.charset, &given) {
            Ok(print) => Verdict::Print(print, end),
            Err(reason) => Verdict::Leave(reason),
        }
    }

    /// Whether there may be anything to say: of the document if its locale was chosen, of an element if
    /// its text may be in another language than the page, or than the element says itself.
    fn may_say(&self, tongue: &Tongue) -> bool {
        match tongue.of {
            None => self.audience.chosen,
            Some(_) => self.mixed || self.audience.chosen && tongue.written,
        }
    }

    /// Says which language an element is in, where that is to be said.
    fn tongue(&mut self, plan: &Plan, tongue: &Tongue, out: &mut impl Outlet) -> ControlFlow<()> {
        let spoken = match &tongue.of {
            None => Some(Spoken::by_page(&self.voice)),
            Some(slots) => self.spoken(plan, tongue, slots.clone())?,
        };
        let Some(spoken) = spoken else { return ControlFlow::Continue(()) };
        let lang = tongue.lang.as_ref().map(|edit| (edit, "lang", &*spoken.lang));
        let dir = tongue.dir.as_ref().and_then(|edit| Some((edit, "dir", spoken.dir?)));
        for (edit, name, value) in [lang, dir].into_iter().flatten() {
            let print = attribute(edit, name, Bytes::copy_from_slice(value.as_bytes()));
            self.replace(edit.replaces(), print, out);
        }
        ControlFlow::Continue(())
    }

    /// In which language the slots are printed that speak: none if in several, or not at all, or in the
    /// page's and the element says no other.
    fn spoken(
        &mut self,
        plan: &Plan,
        tongue: &Tongue,
        numbers: Range<usize>,
    ) -> ControlFlow<(), Option<Spoken>> {
        let says_own = self.audience.chosen && tongue.written;
        let mut found: Option<Spoken> = None;
        let slots = numbers.filter_map(|number| Some((number, plan.slot(number)?)));
        for (number, slot) in slots.filter(|(_, slot)| slot.speaks()) {
            let foreign = self.voice.tongue(&slot.key).map(Spoken::by_entry);
            if foreign.is_none() && !says_own {
                let in_the_pages_own = self.voice.find(&slot.key).is_some();
                if in_the_pages_own { return ControlFlow::Continue(None) } else { continue }
            }
            match self.judge(plan, number, slot) {
                Verdict::Hold => return ControlFlow::Break(()),
                Verdict::Leave(_) => continue,
                Verdict::Print(..) => {}
            }
            let spoken = foreign.unwrap_or_else(|| Spoken::by_page(&self.voice));
            if found.as_ref().is_some_and(|found| *found != spoken) {
                return ControlFlow::Continue(None);
            }
            found = Some(spoken);
        }
        ControlFlow::Continue(found)
    }

    fn head_end(&mut self, at: usize, out: &mut impl Outlet) {
        if let Some(links) = self.audience.alternates.clone() {
            self.replace(at..at, Print::from(links), out);
        }
    }
}

/// What `lang` and `dir` say.
#[derive(Debug, PartialEq)]
struct Spoken {
    lang: String,
    /// None where it is no other than that of what is around it.
    dir: Option<&'static str>,
}

impl Spoken {
    fn by_page(voice: &Voice) -> Self {
        let locale = voice.locale();
        Self { lang: locale.to_string(), dir: Some(direction(locale.is_rtl())) }
    }

    fn by_entry(tongue: ForeignTongue<'_>) -> Self {
        let dir = tongue.turns.then(|| direction(tongue.locale.is_rtl()));
        Self { lang: tongue.locale.to_string(), dir }
    }
}

fn direction(rtl: bool) -> &'static str {
    if rtl { "rtl" } else { "ltr" }
}
