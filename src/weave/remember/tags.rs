//! Where the tags of a page are: what is not passed on in part, and what a difference in it may mean.

use std::ops::Range;

use memchr::{memchr, memrchr};

/// An end tag longer than this is listed; where a shorter one starts is found from its end. In bytes.
const SHORT: usize = 64;

/// The start tags of a page, its document types, and those end tags that have more to them than a name.
#[derive(Debug, Default)]
pub(in crate::weave) struct Tags {
    /// In their order; a page that is remembered has less than 4 GiB.
    ranges: Vec<(u32, u32)>,
    /// Where a token starts that the page's end cuts off.
    unfinished: Option<u32>,
    /// Whether it mattered which attributes formatting elements have.
    compares_formatting: bool,
}

/// What is at a place in a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    /// A start tag, from its `<` at the one place to behind its `>` at the other.
    StartTag(usize, usize),
    /// Something else whose every byte may count.
    Opaque,
    /// Text, a comment, or the inside of a script.
    Text,
}

impl Tags {
    /// Adds what comes behind all that is there.
    pub(in crate::weave) fn add(&mut self, range: Range<usize>) {
        if let (Ok(start), Ok(end)) = (u32::try_from(range.start), u32::try_from(range.end)) {
            self.ranges.push((start, end));
        }
    }

    /// Adds an end tag, if it is one to be listed.
    pub(in crate::weave) fn end_tag(&mut self, raw: &[u8], at: usize) {
        let is_plain = |b: &u8| b.is_ascii_alphanumeric() || b"-._:".contains(b);
        let name = raw.strip_prefix(b"</").and_then(|raw| raw.strip_suffix(b">"));
        if raw.len() > SHORT || !name.is_some_and(|name| name.iter().all(is_plain)) {
            self.add(at..at + raw.len());
        }
    }

    /// Adds what the page's end cuts off.
    pub(in crate::weave) fn unfinished(&mut self, range: Range<usize>) {
        self.unfinished = u32::try_from(range.start).ok();
        self.add(range);
    }

    pub(in crate::weave) fn compare_formatting(&mut self, compares: bool) {
        self.compares_formatting = compares;
    }

    /// Whether it mattered which attributes formatting elements have.
    pub(super) fn compares_formatting(&self) -> bool {
        self.compares_formatting
    }

    /// About what it takes in memory, in bytes.
    pub(super) fn weight(&self) -> usize {
        self.ranges.capacity() * size_of::<(u32, u32)>()
    }

    pub(super) fn shrink(&mut self) {
        self.ranges.shrink_to_fit();
    }

    /// What the byte `at` a place of `page` belongs to. A tag begins behind its `<`: what is in front of
    /// that byte may have become longer.
    pub(super) fn within(&self, page: &[u8], at: usize) -> Within {
        let Some((start, end)) = self.around(at) else { return Within::Text };
        let starts = page.get(start + 1).is_some_and(u8::is_ascii_alphabetic);
        let finished = self.unfinished.is_none_or(|unfinished| unfinished as usize != start);
        if starts && finished { Within::StartTag(start, end) } else { Within::Opaque }
    }

    /// How much of the first `len` bytes of `page` may go out: all but a tag that is cut there. Such a
    /// one may go on otherwise in another page.
    pub(super) fn whole(&self, page: &[u8], len: usize) -> usize {
        if let Some((start, _)) = self.around(len) {
            return start;
        }
        let from = len.saturating_sub(SHORT);
        let Some(found) = memrchr(b'<', &page[from..len]) else { return len };
        let (start, rest) = (from + found, &page[from + found..len]);
        let is_tag = rest.get(1).is_none_or(|&b| b == b'/' || b.is_ascii_alphabetic());
        if is_tag && memchr(b'>', rest).is_none() { start } else { len }
    }

    fn around(&self, at: usize) -> Option<(usize, usize)> {
        let behind = self.ranges.partition_point(|&(start, _)| (start as usize) < at);
        let (start, end) = *self.ranges.get(behind.checked_sub(1)?)?;
        (at < end as usize).then_some((start as usize, end as usize))
    }
}
