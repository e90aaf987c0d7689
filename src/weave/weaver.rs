//! Interleaves slices of the page with content, copying neither.

use std::ops::{ControlFlow, Range};

use bytes::Bytes;

use super::arguments::Given;
use super::audience::Audience;
use super::charset::Charset;
use super::fit::{Print, attribute, print, refuses};
use super::plan::{AT_END, Mark, Plan, Slot, State, Tongue};
use super::reason::Reason;
use super::remember::Shifts;
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

/// A plan, and how far it is known to be that of the page which goes out.
#[derive(Clone, Copy)]
pub(super) struct Guide<'a> {
    plan: &'a Plan,
    /// How much of the planned page has been met.
    verified: usize,
    /// Where the bytes of the planned page are in this one.
    shifts: Option<&'a Shifts>,
    /// Every mark that starts before this place of this page is in the plan.
    settled: usize,
}

impl<'a> Guide<'a> {
    /// A plan of this very page, which is scanned as far as `settled`.
    pub(super) fn own(plan: &'a Plan, settled: usize) -> Self {
        Self { plan, verified: AT_END, shifts: None, settled }
    }

    /// A plan of a page that has been the same for `verified` bytes, but for `shifts`.
    pub(super) fn remembered(
        plan: &'a Plan,
        verified: usize,
        shifts: &'a Shifts,
        settled: usize,
    ) -> Self {
        Self { plan, verified, shifts: Some(shifts), settled }
    }

    fn place(&self, planned: usize) -> usize {
        self.shifts.map_or(planned, |shifts| shifts.place(planned))
    }

    /// Whether the mark of that number is in this page as well: the tag that it is in, or behind, is.
    fn has(&self, number: usize, mark: &Mark) -> bool {
        let shown_by = match mark {
            Mark::Slot(slot) if slot.attribute().is_none() => slot.start(),
            _ => self.plan.certain(number),
        };
        shown_by <= self.verified
    }

    /// What is known of a slot's end.
    fn state(&self, number: usize, slot: &Slot) -> State {
        if self.plan.certain(number) > self.verified { State::Pending } else { slot.state }
    }
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
        let (mixed, covered, done, forgotten) = (voice.is_mixed(), 0, Vec::new(), 0);
        Self { voice, mixed, audience, charset, rope, covered, done, forgotten }
    }

    pub(super) fn push(&mut self, piece: Bytes) {
        self.rope.push(piece);
    }

    /// The rope that bytes are put on which are verified already.
    pub(super) fn rope(&mut self) -> &mut Rope {
        &mut self.rope
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

    /// Emits all that is certain.
    pub(super) fn advance(&mut self, guide: Guide<'_>, out: &mut Vec<Bytes>) {
        loop {
            let number = self.next_number();
            let Some(mark) = guide.plan.mark(number) else { break };
            // Half of all marks, and mostly there is nothing to say.
            if let Mark::Tongue(tongue) = mark
                && !self.may_say(tongue)
            {
                self.done.push(None);
                continue;
            }
            let outcome = if guide.place(mark.start()) < self.covered {
                ControlFlow::Continue(mark.slot().map(|_| Outcome::Gone))
            } else if guide.has(number, mark) {
                self.mark(guide, number, mark, out)
            } else {
                ControlFlow::Break(())
            };
            match outcome {
                ControlFlow::Continue(outcome) => self.done.push(outcome),
                ControlFlow::Break(()) => {
                    return self.rope.emit(guide.place(mark.start()).min(guide.settled), out);
                }
            }
        }
        self.rope.emit(guide.settled, out);
    }

    fn mark(
        &mut self,
        guide: Guide<'_>,
        number: usize,
        mark: &Mark,
        out: &mut Vec<Bytes>,
    ) -> ControlFlow<(), Option<Outcome>> {
        match mark {
            Mark::Slot(slot) => self.slot(guide, number, slot, out).map_continue(Some),
            Mark::Tongue(tongue) => self.tongue(guide, tongue, out).map_continue(|()| None),
            Mark::HeadEnd(at) => {
                self.head_end(guide.place(*at), out);
                ControlFlow::Continue(None)
            }
        }
    }

    /// Prints a slot or leaves it alone; breaks off while that cannot be told.
    fn slot(
        &mut self,
        guide: Guide<'_>,
        number: usize,
        slot: &Slot,
        out: &mut Vec<Bytes>,
    ) -> ControlFlow<(), Outcome> {
        match self.judge(guide, number, slot) {
            Verdict::Hold => ControlFlow::Break(()),
            Verdict::Leave(reason) => ControlFlow::Continue(Outcome::Left(reason)),
            Verdict::Print(print, end) => {
                let end = guide.place(end);
                self.rope.emit(guide.place(slot.start()), out);
                print.emit(out);
                self.rope.skip(end);
                // An empty slot at the very end of a filled one starts where that one ends,
                // which is in front of a tag: no other slot starts there.
                if slot.attribute().is_none() {
                    self.covered = end + 1;
                }
                ControlFlow::Continue(Outcome::Printed)
            }
        }
    }

    /// What speaks against it from the start comes first, then what content there is, then how the
    /// element ended, then how the arguments fit: the order in which a stream finds out, so that no
    /// cut changes the reason.
    fn judge(&self, guide: Guide<'_>, number: usize, slot: &Slot) -> Verdict {
        if let State::Left(reason) = slot.state
            && slot.never_opened()
        {
            return Verdict::Leave(reason);
        }
        let Some(entry) = self.voice.find(&slot.key) else {
            return Verdict::Leave(Reason::MissingKey);
        };
        let end = match (refuses(&slot.place, entry), guide.state(number, slot)) {
            (Some(reason), _) | (None, State::Left(reason)) => return Verdict::Leave(reason),
            (None, State::Pending) => return Verdict::Hold,
            (None, State::Ready { end }) => end,
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
    fn tongue(
        &mut self,
        guide: Guide<'_>,
        tongue: &Tongue,
        out: &mut Vec<Bytes>,
    ) -> ControlFlow<()> {
        let spoken = match &tongue.of {
            None => Some(Spoken::by_page(&self.voice)),
            Some(slots) => self.spoken(guide, tongue, slots.clone())?,
        };
        let Some(spoken) = spoken else { return ControlFlow::Continue(()) };
        let lang = tongue.lang.as_ref().map(|edit| (edit, "lang", &*spoken.lang));
        let dir = tongue.dir.as_ref().and_then(|edit| Some((edit, "dir", spoken.dir?)));
        for (edit, name, value) in [lang, dir].into_iter().flatten() {
            let replaces = edit.replaces();
            self.rope.emit(guide.place(replaces.start), out);
            attribute(edit, name, Bytes::copy_from_slice(value.as_bytes())).emit(out);
            self.rope.skip(guide.place(replaces.end));
        }
        ControlFlow::Continue(())
    }

    /// In which language the slots are printed that speak: none if in several, or not at all, or in the
    /// page's and the element says no other.
    fn spoken(
        &self,
        guide: Guide<'_>,
        tongue: &Tongue,
        numbers: Range<usize>,
    ) -> ControlFlow<(), Option<Spoken>> {
        let says_own = self.audience.chosen && tongue.written;
        let mut found: Option<Spoken> = None;
        let slots = numbers.filter_map(|number| Some((number, guide.plan.slot(number)?)));
        for (number, slot) in slots.filter(|(_, slot)| slot.speaks()) {
            let foreign = self.voice.tongue(&slot.key);
            if foreign.is_none() && !says_own {
                let in_the_pages_own = self.voice.find(&slot.key).is_some();
                if in_the_pages_own { return ControlFlow::Continue(None) } else { continue }
            }
            match self.judge(guide, number, slot) {
                Verdict::Hold => return ControlFlow::Break(()),
                Verdict::Leave(_) => continue,
                Verdict::Print(..) => {}
            }
            let spoken = foreign.map_or_else(|| Spoken::by_page(&self.voice), Spoken::by_entry);
            if found.as_ref().is_some_and(|found| *found != spoken) {
                return ControlFlow::Continue(None);
            }
            found = Some(spoken);
        }
        ControlFlow::Continue(found)
    }

    fn head_end(&mut self, at: usize, out: &mut Vec<Bytes>) {
        if let Some(links) = &self.audience.alternates {
            self.rope.emit(at, out);
            out.push(links.clone());
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
