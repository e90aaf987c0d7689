//! Remembered pages against the slow way: whatever a page turns out to be beside the one that is
//! remembered, and however it is cut, what comes out is what comes out if none is.

mod corpus;
mod differing;
mod fuzz;
mod mutate;
mod pages;
mod policy;

use bytes::Bytes;
use encoding_rs::Encoding;
use overprint::content::Voice;
use overprint::weave::{Audience, Memory, Met, Page, Rules, Tally};

/// What pages are woven with.
#[derive(Clone)]
struct Setting {
    rules: Rules,
    voice: Voice,
    audience: Audience,
    charset: Option<&'static Encoding>,
}

/// What became of a page.
#[derive(Debug, PartialEq)]
struct Woven {
    out: Vec<u8>,
    tally: Tally,
}

impl Setting {
    fn page(&self) -> Page {
        Page::new(self.rules.clone(), self.voice.clone(), self.charset)
            .for_audience(self.audience.clone())
    }

    /// The slow way.
    fn weave(&self, pieces: &[&[u8]]) -> Woven {
        push(&mut self.page(), pieces)
    }

    /// One visit to a page which `memory` may remember.
    fn visit(&self, memory: &Memory, pieces: &[&[u8]]) -> (Woven, Option<Met>) {
        let Some(recollection) = memory.visit(&"page", self.charset) else {
            return (self.weave(pieces), None);
        };
        // Each memory is for one setting: nothing more tells what is printed.
        let key = recollection.output_key(&());
        let mut page = recollection.prepare(self.page(), key, pieces.len().is_multiple_of(2));
        // As the proxy does: at once, frame by frame, or not before something is asked of it.
        let woven = match pieces.len() % 3 {
            0 => push(&mut page, pieces),
            way => {
                page = page.idling();
                push_idling(&mut page, pieces, way == 1)
            }
        };
        let met = page.met();
        key.iter().for_each(|key| recollection.keep_printed(*key, &page));
        recollection.end(&mut page);
        (woven, Some(met))
    }
}

fn push(page: &mut Page, pieces: &[&[u8]]) -> Woven {
    let mut out = Vec::new();
    for piece in pieces {
        page.push(Bytes::copy_from_slice(piece), &mut out);
    }
    page.finish(&mut out);
    Woven { out: out.concat(), tally: page.tally() }
}

/// Every third piece something is asked of the page: once more each time, or everything from then on.
fn push_idling(page: &mut Page, pieces: &[&[u8]], by_frames: bool) -> Woven {
    let mut out = Vec::new();
    for (nth, piece) in pieces.iter().enumerate() {
        page.push(Bytes::copy_from_slice(piece), &mut out);
        if nth % 3 == 2 && by_frames {
            page.emit(&mut out);
        } else if nth % 3 == 2 {
            page.wake(&mut out);
        }
    }
    page.finish(&mut out);
    page.emit(&mut out);
    Woven { out: out.concat(), tally: page.tally() }
}
