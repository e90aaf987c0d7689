//! A page that is remembered.

use bytes::Bytes;
use encoding_rs::Encoding;

use super::block;
use super::tags::Tags;
use crate::weave::charset::PRESCAN;
use crate::weave::plan::Plan;
use crate::weave::reason::Reason;
use crate::weave::rules::Rules;
use crate::weave::scan::scan_whole;

/// The longest byte order mark, which wins over all else.
const BOM: usize = 3;

/// A page that has become this much longer is another one. In bytes; no token grows beyond all measure.
const MAX_GROWTH: usize = 256 << 10;

/// What a page takes beside its bytes, in bytes.
const FIXED: usize = 512;

/// The bytes of a page, and what a scan found in them.
#[derive(Debug)]
pub(in crate::weave) struct Remembered {
    /// Decoded.
    pub(in crate::weave) body: Bytes,
    pub(in crate::weave) plan: Plan,
    pub(in crate::weave) tags: Tags,
    /// The charset that its `Content-Type` named.
    pub(in crate::weave) header: Option<&'static Encoding>,
    /// With how many of its bytes it is certain in which charset the page is.
    pub(in crate::weave) charset_certain: usize,
    /// How much longer the page may become before a slot is too large; none if one already is.
    pub(in crate::weave) slack: Option<usize>,
}

impl Remembered {
    /// None if there is more to it than a plan says.
    pub(in crate::weave) fn new(
        body: Bytes,
        (mut plan, mut tags): (Plan, Tags),
        header: Option<&'static Encoding>,
        rules: &Rules,
    ) -> Option<Self> {
        if plan.stopped.is_some() {
            return None;
        }
        plan.shrink();
        tags.shrink();
        let certain = header.is_some() || Encoding::for_bom(&body).is_some();
        let charset_certain = if certain { BOM.min(body.len()) } else { PRESCAN };
        let slack = slack(&plan, body.len(), rules.max_slot);
        Some(Self { body, plan, tags, header, charset_certain, slack })
    }

    /// Reads a page of which nothing is known yet.
    pub(in crate::weave) fn read(
        body: Bytes,
        header: Option<&'static Encoding>,
        rules: &Rules,
    ) -> Option<Self> {
        let (plan, tags) = scan_whole(rules, header, &body, true);
        Self::new(body, (plan, tags?), header, rules)
    }

    /// Whether a page by this charset's name may be this one.
    pub(in crate::weave) fn is_in(&self, header: Option<&'static Encoding>) -> bool {
        self.header == header
    }

    /// How long the page is, decoded, in bytes.
    pub(in crate::weave) fn len(&self) -> usize {
        self.body.len()
    }

    /// About what it takes in memory, in bytes.
    pub(in crate::weave) fn weight(&self) -> usize {
        let found = block::in_heap(self.tags.weight() + self.plan.weight());
        FIXED + block::weight(self.body.len()) + found
    }
}

/// How much longer a page of `len` bytes may become before one of its slots is too large.
fn slack(plan: &Plan, len: usize, max_slot: usize) -> Option<usize> {
    let mut slack = max_slot.min(MAX_GROWTH);
    for (slot, certain) in plan.slots_with_certainty() {
        if slot.left() == Some(Reason::TooLarge) {
            return None;
        }
        // One that was left alone may have to be left for its size: it counts up to where that was told.
        let end = slot.replaces().map_or(certain.min(len), |range| range.end);
        slack = slack.min(max_slot.saturating_sub(end.saturating_sub(slot.start())));
    }
    Some(slack)
}
