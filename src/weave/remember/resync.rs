//! Where two pages go on alike behind a difference that means nothing to whoever reads their markup.
//!
//! ARCHITECTURE.md ("Why a difference may be passed over") has the argument why nothing that is passed
//! over here can change a tag, or what is planned for one.

use memchr::memchr;

use super::tags::{Tags, Within};
use crate::weave::markup::attributes;
use crate::weave::rules::Rules;

/// The longest run of a token that may differ, in bytes.
const MAX_RUN: usize = 512;

/// The longest value of an attribute that may differ, in bytes.
const MAX_VALUE: usize = 8 << 10;

/// Tags longer than this are not looked into.
const MAX_TAG: usize = 8 << 10;

/// What tokens are made of.
const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let bytes = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_.:,-";
    let mut at = 0;
    while at < bytes.len() {
        table[bytes[at] as usize] = true;
        at += 1;
    }
    table
};

/// How a remembered page and one that comes in go on behind a difference.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Resync {
    /// The same from this place of the remembered page on, and from this one of what came in.
    At { old: usize, new: usize },
    /// That cannot be told before there is more of it.
    Wait,
    /// Not in a way that is certain without reading the markup.
    Never,
}

/// Finds it for a difference `at` a place of `page`, where `new` comes in instead.
pub(super) fn resync(page: &[u8], tags: &Tags, rules: &Rules, at: usize, new: &[u8]) -> Resync {
    match tags.within(page, at) {
        Within::StartTag(start, end) => {
            let reads =
                |tag: &[u8], name: &[u8]| rules.reads(tag, name, tags.compares_formatting());
            let value = in_tag(&page[start..end], at - start, reads);
            value.map_or(Resync::Never, |(quote, end)| in_value(start + end, quote, new))
        }
        Within::Opaque => Resync::Never,
        Within::Text => in_text(page, at, new),
    }
}

/// The value in `tag` that the byte `at` a place of it is in, or is the closing quote of, if it may be
/// any other: its quote, and where that closes it.
fn in_tag(tag: &[u8], at: usize, reads: impl Fn(&[u8], &[u8]) -> bool) -> Option<(u8, usize)> {
    if tag.len() > MAX_TAG {
        return None;
    }
    let attribute = attributes(tag)
        .find(|a| a.value.as_ref().is_some_and(|value| value.start <= at && at <= value.end))?;
    let value = attribute.value?;
    let (quote, closing) = (tag[value.start - 1], *tag.get(value.end)?);
    let quoted = matches!(quote, b'"' | b'\'') && closing == quote;
    (quoted && !reads(tag, &tag[attribute.name])).then_some((quote, value.end))
}

fn in_value(closing: usize, quote: u8, new: &[u8]) -> Resync {
    match memchr(quote, &new[..new.len().min(MAX_VALUE)]) {
        Some(found) => Resync::At { old: closing, new: found },
        None if new.len() < MAX_VALUE => Resync::Wait,
        None => Resync::Never,
    }
}

/// Outside of tags a token may be another token: as long as there is one, and what stands on either
/// side neither makes markup of it nor ends any.
fn in_text(page: &[u8], at: usize, new: &[u8]) -> Resync {
    let shared = page[..at].iter().rev().take(MAX_RUN).take_while(|b| is_token(**b)).count();
    let (start, most) = (at - shared, MAX_RUN - shared);
    let run = |bytes: &[u8]| bytes.iter().take(most + 1).take_while(|b| is_token(**b)).count();
    let (old_len, new_len) = (run(&page[at..]), run(new));
    if old_len > most || new_len > most || !may_follow(&page[..start]) {
        return Resync::Never;
    }
    let Some(behind) = new.get(new_len) else { return Resync::Wait };
    let is_token_in_both = shared + old_len > 0 && shared + new_len > 0;
    let alike = page.get(at + old_len) == Some(behind);
    if is_token_in_both && alike && !matches!(behind, b'>' | b'!') {
        Resync::At { old: at + old_len, new: new_len }
    } else {
        Resync::Never
    }
}

fn is_token(byte: u8) -> bool {
    TOKEN[usize::from(byte)]
}

/// Whether a token behind `before` is neither a name of something nor the start of it.
fn may_follow(before: &[u8]) -> bool {
    let opens = |b: &u8| matches!(b, b'<' | b'!' | b'?' | b'&' | b'#');
    before.last().is_some_and(|last| !opens(last)) && !before.ends_with(b"<![")
}
