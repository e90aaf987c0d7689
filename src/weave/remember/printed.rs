//! A remembered page with content printed on it, and which of its bytes stand for which of the page's.

use std::ops::Range;

use bytes::Bytes;

use super::block;
use super::known::Remembered;
use crate::weave::fit::Print;
use crate::weave::plan::AT_END;
use crate::weave::rope::Rope;
use crate::weave::tally::Tally;
use crate::weave::weaver::{Outlet, Weaver};

/// What it takes beside its bytes, in bytes.
const FIXED: usize = 256;

/// A page on which more is printed than this is read each time: all of it is there at once. In bytes.
const MAX_TAKEN: usize = 1 << 20;

/// The whole page as it goes out.
#[derive(Debug)]
pub(in crate::weave) struct Printed {
    /// Slices of the page and of content, or one piece where other visits get it, too.
    pieces: Vec<Bytes>,
    cuts: Vec<Cut>,
    /// What is printed, and what it takes to say where, in bytes.
    taken: usize,
    tally: Tally,
}

/// A place where something else goes out than the page has, or where it took more than the page up to
/// there to tell that nothing does; and what is so of all places up to there.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    /// The first byte of the page that does not go out, and the next that does.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where else begins in the page: behind text that may become longer, at its very end, too.
    pub(super) behind: usize,
    /// How many of the page's bytes tell all this; what is behind may go out then.
    pub(super) needed: usize,
    /// By how much the page's bytes are further back from here on when they go out; less than nothing wraps
    /// around.
    pub(super) shift: usize,
}

impl Printed {
    /// The page as `weaver` prints it with the page's bytes; none if more is printed than pages are worth.
    pub(in crate::weave) fn new(
        page: &Remembered,
        weaver: impl FnOnce(Rope) -> Weaver,
    ) -> Option<Self> {
        let mut rope = Rope::default();
        rope.push(page.body.clone());
        let mut weaver = weaver(rope);
        let mut press = Press::default();
        weaver.advance(&page.plan, AT_END, &mut press);
        let mut tally = Tally::default();
        weaver.done().for_each(|(_, outcome)| tally.count(outcome));
        press.pieces.shrink_to_fit();
        press.cuts.shrink_to_fit();
        let Press { pieces, cuts, taken } = press;
        (taken <= MAX_TAKEN).then_some(Self { pieces, cuts, taken, tally })
    }

    /// What it takes beside the page's own bytes, at most.
    pub(in crate::weave) fn taken(&self) -> usize {
        FIXED + self.taken
    }

    /// Whether something goes out that the page has not.
    pub(super) fn is_printed(&self) -> bool {
        self.tally.printed() > 0
    }

    /// What became of the page's slots.
    pub(in crate::weave) fn tally(&self) -> &Tally {
        &self.tally
    }

    pub(super) fn cuts(&self) -> &[Cut] {
        &self.cuts
    }

    pub(super) fn pieces(&self) -> &[Bytes] {
        &self.pieces
    }

    /// The same in one piece, which holds on to nothing else.
    pub(super) fn in_one_piece(&self) -> Self {
        let whole = block::keep(&self.pieces);
        let (cuts, tally) = (self.cuts.as_slice().to_vec(), self.tally.clone());
        Self { pieces: vec![whole], cuts, taken: self.taken, tally }
    }

    /// About what it takes in memory, in bytes.
    pub(super) fn weight(&self) -> usize {
        let bytes: usize = self.pieces.iter().map(Bytes::len).sum();
        FIXED + block::weight(bytes) + block::in_heap(self.cuts.capacity() * size_of::<Cut>())
    }
}

/// Notes what a weaver does.
#[derive(Default)]
struct Press {
    pieces: Vec<Bytes>,
    cuts: Vec<Cut>,
    taken: usize,
}

impl Press {
    fn cut(&mut self, replaced: Range<usize>, printed: usize, needed: usize) {
        let (behind, known, shift) =
            self.cuts.last().map_or((0, 0, 0), |last| (last.behind, last.needed, last.shift));
        let behind = behind.max(replaced.end + usize::from(!replaced.is_empty()));
        let shift = shift.wrapping_add(printed).wrapping_sub(replaced.len());
        let (start, end, needed) = (replaced.start, replaced.end, needed.max(known));
        self.cuts.push(Cut { start, end, behind, needed, shift });
        self.taken += printed + size_of::<Cut>() + 4 * size_of::<Bytes>();
        if self.taken > MAX_TAKEN {
            self.pieces.clear();
        }
    }
}

impl Outlet for Press {
    fn text(&mut self, piece: Bytes) {
        self.pieces.push(piece);
    }

    fn print(&mut self, print: Print, replaced: Range<usize>, needed: usize) {
        let before = self.pieces.len();
        self.pieces.extend(print.pieces());
        let printed = self.pieces[before..].iter().map(Bytes::len).sum();
        self.cut(replaced, printed, needed);
    }

    fn leave(&mut self, at: usize, needed: usize) {
        if needed > at {
            let at = at.max(self.cuts.last().map_or(0, |last| last.end));
            self.cut(at..at, 0, needed);
        }
    }
}
