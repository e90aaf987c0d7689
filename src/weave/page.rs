//! One page, from its first byte to its last: what is certain goes out at once.

use std::sync::Arc;

use bytes::Bytes;
use encoding_rs::Encoding;

use super::audience::Audience;
use super::charset::{Charset, PRESCAN};
use super::plan::{Plan, Slot};
use super::prefix::Prefix;
use super::reason::Reason;
use super::rope::Rope;
use super::rules::Rules;
use super::scan::Scanner;
use super::tally::Tally;
use super::weaver::{Outcome, Weaver};
use crate::content::Voice;

/// A page that is being woven.
#[derive(Debug)]
pub struct Page {
    rules: Rules,
    voice: Voice,
    audience: Audience,
    header: Option<&'static Encoding>,
    stage: Stage,
    tally: Tally,
    keeps_outcomes: bool,
}

enum Stage {
    /// No label yet: nothing is parsed.
    Before(Box<Prefix>),
    Weaving(Box<(Scanner, Weaver)>),
    Passing(Option<Reason>),
}

impl std::fmt::Debug for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Before(_) => "Before",
            Self::Weaving(_) => "Weaving",
            Self::Passing(_) => "Passing",
        })
    }
}

impl Page {
    /// A page whose `Content-Type` names the charset `header`.
    pub fn new(rules: Rules, voice: Voice, header: Option<&'static Encoding>) -> Self {
        let mut prefix = Prefix::new(rules.label.clone(), Arc::clone(&rules.lookback));
        if !rules.selectors.is_empty() {
            prefix.require_parser();
        }
        let stage = Stage::Before(Box::new(prefix));
        Self {
            rules,
            voice,
            audience: Audience::default(),
            header,
            stage,
            tally: Tally::default(),
            keeps_outcomes: false,
        }
    }

    /// Prints it for this visitor.
    pub fn for_audience(mut self, audience: Audience) -> Self {
        if let Stage::Before(prefix) = &mut self.stage
            && audience.marks_document()
        {
            prefix.require_parser();
        }
        self.audience = audience;
        self
    }

    /// Keeps every slot and its outcome to the end, for [`Page::outcomes`]: memory grows with the
    /// page's labels.
    pub fn keeping_outcomes(mut self) -> Self {
        self.keeps_outcomes = true;
        self
    }

    /// Takes the next bytes of the decoded body; everything that is certain is appended to `out`.
    pub fn push(&mut self, piece: Bytes, out: &mut Vec<Bytes>) {
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
            Stage::Passing(_) => out.push(piece),
        }
        self.forget();
    }

    /// The body is over: appends the rest.
    pub fn finish(&mut self, out: &mut Vec<Bytes>) {
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
            Stage::Passing(_) => {}
        }
    }

    /// What became of the page's slots so far.
    pub fn tally(&self) -> Tally {
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
            Stage::Weaving(both) => Some((both.0.plan().marks(), both.1.done())),
            _ => None,
        };
        let done = weaving.into_iter().flat_map(|(marks, done)| marks.iter().zip(done));
        done.filter_map(|(mark, outcome)| Some((mark.slot()?, (*outcome)?)))
    }

    /// Why labels behind some point of the page were not looked at, if so.
    pub fn stopped(&self) -> Option<Reason> {
        match &self.stage {
            Stage::Before(_) => None,
            Stage::Weaving(both) => both.0.plan().stopped(),
            Stage::Passing(reason) => *reason,
        }
    }

    fn forget(&mut self) {
        if let Stage::Weaving(both) = &mut self.stage
            && !self.keeps_outcomes
        {
            let (scanner, weaver) = &mut **both;
            let done = weaver.forget();
            scanner.forget(done.len());
            done.flatten().for_each(|outcome| self.tally.count(outcome));
        }
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
    let start = &body[..body.len().min(PRESCAN)];
    let charset = Charset::of_whole(header, start, rules.default_charset);
    if !charset.is_readable() {
        let mut plan = Plan::new(charset);
        plan.stopped = Some(Reason::Charset);
        return plan;
    }
    let mut scanner = Scanner::new(rules, charset);
    scanner.feed(body);
    scanner.finish();
    scanner.into_plan()
}

/// Weaves a whole page from its plan.
pub fn weave(plan: &Plan, body: &Bytes, voice: &Voice, audience: &Audience, out: &mut Vec<Bytes>) {
    let mut rope = Rope::default();
    rope.push(body.clone());
    let mut weaver = Weaver::new(voice.clone(), audience.clone(), plan.charset, rope);
    weaver.advance(plan, body.len(), out);
}
