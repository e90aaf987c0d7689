//! One page, from its first byte to its last: what is certain goes out at once.

use std::sync::Arc;

use bytes::Bytes;
use encoding_rs::Encoding;

use super::audience::Audience;
use super::charset::{Charset, PRESCAN};
use super::plan::{AT_END, Plan, Slot};
use super::prefix::Prefix;
use super::reason::Reason;
use super::remember::{Diverged, Printed, Recording, Remembered, Reprint, Shelf, Verifier, Wire};
use super::rope::Rope;
use super::rules::Rules;
use super::scan::{Scanner, scan_whole};
use super::tally::Tally;
use super::weaver::{Outcome, Weaver};
use crate::content::Voice;

/// A page that is being woven.
#[derive(Debug)]
pub struct Page {
    rules: Arc<Rules>,
    voice: Voice,
    audience: Audience,
    header: Option<&'static Encoding>,
    stage: Stage,
    tally: Tally,
    keeps_outcomes: bool,
    /// Kept to be remembered, if it is.
    recording: Option<Recording>,
    /// Whether it is compared, and not woven before that is asked for.
    idle: bool,
    /// Whether the page was the one that is expected, to its end.
    ended: bool,
    /// What went out by a remembered page, in bytes.
    emitted: usize,
    /// How much of that the page, read from its start again, has still to pass over.
    repeated: usize,
    met: Met,
}

enum Stage {
    /// Not a byte has come.
    Ahead,
    /// The remembered page, so far.
    Known(Box<Known>),
    /// No label yet: nothing is parsed.
    Before(Box<Prefix>),
    Weaving(Box<(Scanner, Weaver)>),
    Passing(Option<Reason>),
}

/// A remembered page, as far as the one that comes in is it.
struct Known {
    verifier: Verifier,
    shelf: Option<Shelf>,
    /// What goes out; none where nothing is asked of it yet.
    reprint: Option<Reprint>,
    /// Whether it was printed for this visit.
    anew: bool,
}

impl Known {
    /// As what the page goes out; none if that is more than may be kept for one visit, or all of them.
    fn print(
        &mut self,
        voice: &Voice,
        audience: &Audience,
        recording: &mut Option<Recording>,
    ) -> Option<Arc<Printed>> {
        if let Some(found) = self.shelf.as_ref().and_then(Shelf::find) {
            return Some(found);
        }
        self.anew = true;
        let page = self.verifier.page();
        let weaver = |rope| Weaver::new(voice.clone(), audience.clone(), page.plan.charset, rope);
        let printed = Printed::new(page, weaver)?;
        if let Some(kept) = self.shelf.as_ref().and_then(|shelf| shelf.keep(&printed)) {
            return Some(kept);
        }
        recording.as_mut()?.reserve(printed.taken()).then(|| Arc::new(printed))
    }
}

/// What a page turned out to be, beside one that is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// None was remembered.
    Unknown,
    /// The same, so far.
    Same,
    /// The same but for tokens that mean nothing.
    Close,
    /// Another one.
    Diverged,
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Ahead => "Ahead",
            Self::Known(_) => "Known",
            Self::Before(_) => "Before",
            Self::Weaving(_) => "Weaving",
            Self::Passing(_) => "Passing",
        })
    }
}

impl Page {
    /// A page whose `Content-Type` names the charset `header`.
    pub fn new(
        rules: impl Into<Arc<Rules>>,
        voice: Voice,
        header: Option<&'static Encoding>,
    ) -> Self {
        Self {
            rules: rules.into(),
            voice,
            audience: Audience::default(),
            header,
            stage: Stage::Ahead,
            tally: Tally::default(),
            keeps_outcomes: false,
            recording: None,
            idle: false,
            ended: false,
            emitted: 0,
            repeated: 0,
            met: Met::Unknown,
        }
    }

    /// Prints it for this visitor.
    pub fn for_audience(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    /// Keeps every slot and its outcome to the end, for [`Page::outcomes`]: memory grows with the
    /// page's labels.
    pub fn keeping_outcomes(mut self) -> Self {
        self.keeps_outcomes = true;
        self
    }

    /// Keeps what it takes to remember the page.
    pub(super) fn recording(mut self, recording: Recording) -> Self {
        self.recording = Some(recording);
        self
    }

    /// Expects it to be `page`, which was in the same charset by its head and read by the same rules; what
    /// is printed on it is on the `shelf`, where others get the same.
    pub(super) fn expecting(mut self, page: Arc<Remembered>, shelf: Option<Shelf>) -> Self {
        let known = Known { verifier: Verifier::new(page), shelf, reprint: None, anew: false };
        self.stage = Stage::Known(Box::new(known));
        self.met = Met::Same;
        self
    }

    /// Compares the page with the one that is expected, and gives nothing but for [`emit`](Self::emit) until
    /// [`wake`](Self::wake), or until it turns out to be another: then everything that was not given yet.
    pub fn idling(mut self) -> Self {
        self.idle = matches!(self.stage, Stage::Known(_));
        self
    }

    /// Appends to `out` everything that is certain and was not given yet.
    pub fn emit(&mut self, out: &mut Vec<Bytes>) {
        let idle = std::mem::take(&mut self.idle);
        self.advance_known(out);
        self.idle = idle;
    }

    /// As [`emit`](Self::emit), and nothing is kept back from now on.
    pub fn wake(&mut self, out: &mut Vec<Bytes>) {
        self.idle = false;
        self.advance_known(out);
    }

    /// How many bytes of the page that is expected have come, as long as not one was different; more than
    /// any page has when it is over. What its end alone tells is known only then.
    pub fn verified(&self) -> Option<usize> {
        match &self.stage {
            Stage::Known(known) if known.verifier.differs() => None,
            Stage::Known(_) if self.ended => Some(AT_END),
            Stage::Known(known) => Some(known.verifier.verified_len()),
            _ => None,
        }
    }

    /// Takes the next bytes of the decoded body; everything that is certain is appended to `out`.
    pub fn push(&mut self, piece: Bytes, out: &mut Vec<Bytes>) {
        if let Stage::Known(known) = &mut self.stage {
            match known.verifier.push(piece, &self.rules) {
                Ok(()) => self.advance_known(out),
                Err(Diverged) => self.diverge(out),
            }
        } else {
            self.scan(piece, out);
        }
    }

    /// The next bytes of the decoded body are those of the page that is expected, up to `end`. Does
    /// nothing if it has turned out to be another.
    pub fn push_known(&mut self, end: usize, out: &mut Vec<Bytes>) {
        if let Stage::Known(known) = &mut self.stage {
            known.verifier.skip_to(end);
            self.advance_known(out);
        }
    }

    /// The bytes that came in last came as these; `decoded` is all that has come in.
    pub fn note_wire(&mut self, bytes: &Bytes, decoded: usize) {
        if let Some(recording) = &mut self.recording
            && !recording.take_wire(bytes, decoded)
        {
            self.recording = None;
        }
    }

    /// Whether what it comes as is to be noted.
    pub fn is_recorded(&self) -> bool {
        self.recording.is_some()
    }

    /// The body is over: appends the rest.
    pub fn finish(&mut self, out: &mut Vec<Bytes>) {
        if let Stage::Known(known) = &self.stage {
            match known.verifier.finish() {
                Ok(()) => {
                    self.ended = true;
                    return self.advance_known(out);
                }
                Err(Diverged) => self.diverge(out),
            }
        }
        self.finish_anew(out);
    }

    /// What became of the page's slots so far.
    pub fn tally(&self) -> Tally {
        if let Some(printed) = self.printed().filter(|_| self.ended) {
            return printed.tally().clone();
        }
        let mut tally = self.tally.clone();
        self.outcomes().for_each(|(_, outcome)| tally.count(outcome));
        if let Some(reason) = self.stopped() {
            tally.leave(reason);
        }
        tally
    }

    /// The slots that are done with and what became of each, in the order of the page: all of them
    /// on a page that keeps them, the last few on any other.
    pub fn outcomes(&self) -> impl Iterator<Item = (&Slot, Outcome)> {
        let weaving = match &self.stage {
            Stage::Weaving(both) => Some((both.0.plan(), &both.1)),
            Stage::Ahead | Stage::Before(_) | Stage::Known(_) | Stage::Passing(_) => None,
        };
        weaving.into_iter().flat_map(|(plan, weaver)| {
            weaver.done().filter_map(|(number, outcome)| Some((plan.slot(number)?, outcome)))
        })
    }

    /// Why labels behind some point of the page were not looked at, if so.
    pub fn stopped(&self) -> Option<Reason> {
        match &self.stage {
            Stage::Ahead | Stage::Before(_) | Stage::Known(_) => None,
            Stage::Weaving(both) => both.0.plan().stopped(),
            Stage::Passing(reason) => *reason,
        }
    }

    /// What it turned out to be, beside the page that was expected.
    pub fn met(&self) -> Met {
        match &self.stage {
            Stage::Known(known) if known.verifier.differs() => Met::Close,
            _ => self.met,
        }
    }

    /// Whether it goes out as another visit's page did.
    pub fn is_reprinted(&self) -> bool {
        matches!(&self.stage, Stage::Known(known) if !known.anew && known.reprint.is_some())
    }

    /// What it was printed as, if that was not known before.
    pub(super) fn printed_anew(&self) -> Option<&Printed> {
        match &self.stage {
            Stage::Known(known) if known.anew && self.ended => self.printed(),
            _ => None,
        }
    }

    fn printed(&self) -> Option<&Printed> {
        match &self.stage {
            Stage::Known(known) => Some(&**known.reprint.as_ref()?.printed()),
            _ => None,
        }
    }

    /// What there is to remember of a page that was recorded and is over. Nothing is left of it then but
    /// its tally.
    pub(super) fn take_remembered(&mut self) -> Option<(Remembered, Option<Wire>)> {
        let recording = self.recording.take()?;
        self.tally = self.tally();
        let (header, rules) = (self.header, &self.rules);
        match std::mem::replace(&mut self.stage, Stage::Passing(None)) {
            Stage::Weaving(both) => {
                let (plan, tags) = both.0.into_parts();
                let (body, wire) = recording.into_parts();
                Some((Remembered::new(body, (plan, tags?), header, rules)?, wire))
            }
            Stage::Before(_) if recording.keeps_unlabelled() => {
                let (body, wire) = recording.into_parts();
                Some((Remembered::read(body, header, rules)?, wire))
            }
            Stage::Ahead | Stage::Before(_) | Stage::Known(_) | Stage::Passing(_) => None,
        }
    }

    /// Begins at the page's first byte.
    fn begin(&mut self) {
        let mut prefix = Prefix::new(&self.rules);
        if self.audience.marks_document() || !self.rules.selectors.is_empty() {
            prefix.require_parser();
        }
        self.stage = Stage::Before(Box::new(prefix));
    }

    fn advance_known(&mut self, out: &mut Vec<Bytes>) {
        let Stage::Known(known) = &mut self.stage else { return };
        if self.idle {
            return;
        }
        if known.reprint.is_none() {
            let printed = known.print(&self.voice, &self.audience, &mut self.recording);
            known.reprint = printed.map(Reprint::new);
        }
        let Known { verifier, reprint: Some(reprint), .. } = &mut **known else {
            // Too much is printed on it to have all of it at once, here or on too many pages.
            self.recording = None;
            self.read_anew(Met::Unknown, out);
            return;
        };
        let start = out.len();
        reprint.advance(verifier, self.ended, out);
        self.emitted += out[start..].iter().map(Bytes::len).sum::<usize>();
    }

    /// The page is another one than was expected: it is read from its start, as if none had been, and
    /// what has gone out is passed over. It is the same to the byte, being printed by the same rules
    /// from the same bytes.
    fn diverge(&mut self, out: &mut Vec<Bytes>) {
        self.read_anew(Met::Diverged, out);
    }

    fn read_anew(&mut self, met: Met, out: &mut Vec<Bytes>) {
        let Stage::Known(known) = std::mem::replace(&mut self.stage, Stage::Ahead) else { return };
        self.idle = false;
        self.met = met;
        self.repeated = self.emitted;
        for piece in known.verifier.into_pieces() {
            self.scan(piece, out);
        }
        if self.ended {
            self.finish_anew(out);
        }
    }

    fn finish_anew(&mut self, out: &mut Vec<Bytes>) {
        let start = out.len();
        self.finish_scan(out);
        self.pass_over(out, start);
        debug_assert_eq!(self.repeated, 0, "less came out than had gone out");
    }

    /// Takes the next bytes of a page that is none which is known.
    fn scan(&mut self, piece: Bytes, out: &mut Vec<Bytes>) {
        if let Stage::Ahead = self.stage {
            self.begin();
        }
        let start = out.len();
        if let Some(recording) = &mut self.recording
            && !recording.take(&piece)
        {
            self.recording = None;
        }
        match &mut self.stage {
            Stage::Before(prefix) => {
                prefix.push(piece, out);
                if prefix.needs_parser() {
                    self.start(false, out);
                }
            }
            Stage::Weaving(both) => {
                let (scanner, weaver) = &mut **both;
                weaver.push(piece.clone());
                scanner.feed(&piece);
                weaver.advance(scanner.plan(), scanner.settled(), out);
            }
            Stage::Ahead | Stage::Passing(_) | Stage::Known(_) => out.push(piece),
        }
        self.forget();
        self.pass_over(out, start);
    }

    fn finish_scan(&mut self, out: &mut Vec<Bytes>) {
        if let Stage::Ahead = self.stage {
            self.begin();
        }
        if matches!(&self.stage, Stage::Before(prefix) if prefix.needs_parser()) {
            self.start(true, out);
        }
        match &mut self.stage {
            Stage::Before(prefix) => prefix.pass(out),
            Stage::Weaving(both) => {
                let (scanner, weaver) = &mut **both;
                scanner.finish();
                weaver.advance(scanner.plan(), scanner.settled(), out);
            }
            Stage::Ahead | Stage::Passing(_) | Stage::Known(_) => {}
        }
    }

    /// Drops what is behind `start` in `out` and went out before.
    fn pass_over(&mut self, out: &mut Vec<Bytes>, start: usize) {
        if self.repeated == 0 {
            return;
        }
        let fresh = out.split_off(start).into_iter().filter_map(|mut piece| {
            let known = piece.len().min(self.repeated);
            self.repeated -= known;
            Some(piece.split_off(known)).filter(|piece| !piece.is_empty())
        });
        out.extend(fresh);
    }

    fn forget(&mut self) {
        if self.keeps_outcomes {
            return;
        }
        let done = match &mut self.stage {
            Stage::Weaving(both) => {
                let (scanner, weaver) = &mut **both;
                if self.recording.is_none() {
                    scanner.forget_to(weaver.next_number());
                }
                weaver.forget()
            }
            Stage::Ahead | Stage::Before(_) | Stage::Known(_) | Stage::Passing(_) => return,
        };
        done.flatten().for_each(|outcome| self.tally.count(outcome));
    }

    /// Starts the parser, unless the charset cannot be told yet.
    fn start(&mut self, complete: bool, out: &mut Vec<Bytes>) {
        let Stage::Before(prefix) = &mut self.stage else { return };
        let start = prefix.start(PRESCAN);
        let default = self.rules.default_charset;
        let Some(charset) = Charset::decide(self.header, &start, complete, default) else { return };
        if !charset.is_readable() {
            prefix.pass(out);
            self.stage = Stage::Passing(Some(Reason::Charset));
            return;
        }
        let mut scanner = Scanner::new(&self.rules, charset);
        if self.recording.is_some() {
            scanner = scanner.noting_tags();
        }
        let Stage::Before(prefix) = std::mem::replace(&mut self.stage, Stage::Passing(None)) else {
            return;
        };
        let (pieces, rope) = prefix.into_parts();
        for piece in &pieces {
            scanner.feed(piece);
        }
        let mut weaver = Weaver::new(self.voice.clone(), self.audience.clone(), charset, rope);
        weaver.advance(scanner.plan(), scanner.settled(), out);
        self.stage = Stage::Weaving(Box::new((scanner, weaver)));
    }
}

/// The plan of a whole page whose `Content-Type` names the charset `header`.
pub fn plan(rules: &Rules, header: Option<&'static Encoding>, body: &Bytes) -> Plan {
    scan_whole(rules, header, body, false).0
}

/// Weaves a whole page from its plan.
pub fn weave(plan: &Plan, body: &Bytes, voice: &Voice, audience: &Audience, out: &mut Vec<Bytes>) {
    let mut rope = Rope::default();
    rope.push(body.clone());
    let mut weaver = Weaver::new(voice.clone(), audience.clone(), plan.charset, rope);
    weaver.advance(plan, body.len(), out);
}
