//! Which charset a page is in, and content in that charset.
//!
//! A byte order mark wins over the `Content-Type`, which wins over `<meta>`: the order in which
//! browsers decide (WHATWG Encoding §6 "decode", HTML §13.2.3.2).

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use encoding_rs::{EUC_JP, Encoding, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use lol_html::html_content::Element;
use lol_html::{HtmlRewriter, Settings, element};

/// How far into a page browsers look for its `<meta>`.
pub(super) const PRESCAN: usize = 1024;

/// A page's charset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Charset {
    encoding: &'static Encoding,
    /// Browsers may guess otherwise; only ASCII is safe to print.
    guessed: bool,
}

impl Charset {
    /// Decides by the first bytes of a page that is there as a whole.
    pub(super) fn of_whole(
        header: Option<&'static Encoding>,
        start: &[u8],
        default: Option<&'static Encoding>,
    ) -> Self {
        let guessed = Self { encoding: WINDOWS_1252, guessed: true };
        Self::decide(header, start, true, default).unwrap_or(guessed)
    }

    /// Decides by a page's first bytes; `None` while more of them may change the answer.
    pub(super) fn decide(
        header: Option<&'static Encoding>,
        start: &[u8],
        complete: bool,
        default: Option<&'static Encoding>,
    ) -> Option<Self> {
        if let Some((encoding, _)) = Encoding::for_bom(start) {
            return Some(Self::known(encoding));
        }
        // A byte or two of what may be a mark.
        let marks: [&[u8]; 3] = [b"\xEF\xBB\xBF", b"\xFE\xFF", b"\xFF\xFE"];
        if !complete && marks.iter().any(|mark| mark.starts_with(start)) {
            return None;
        }
        if let Some(encoding) = header {
            return Some(Self::known(encoding));
        }
        if let Some(encoding) = by_meta(&start[..start.len().min(PRESCAN)]) {
            return Some(Self::known(encoding));
        }
        if start.len() < PRESCAN && !complete {
            return None;
        }
        Some(default.map_or(Self { encoding: WINDOWS_1252, guessed: true }, Self::known))
    }

    fn known(encoding: &'static Encoding) -> Self {
        Self { encoding, guessed: false }
    }

    pub(super) fn encoding(self) -> &'static Encoding {
        self.encoding
    }

    /// Whether markup in it can be read byte by byte.
    pub(super) fn is_readable(self) -> bool {
        self.encoding.is_ascii_compatible()
    }

    fn is_japanese(self) -> bool {
        self.encoding == SHIFT_JIS || self.encoding == EUC_JP
    }

    /// UTF-8 content in this charset; characters that it lacks as numeric references.
    pub(super) fn encode(self, content: &Bytes) -> Bytes {
        if (self.encoding == UTF_8 && !self.guessed) || content.is_ascii() {
            return content.clone();
        }
        let text = String::from_utf8_lossy(content);
        if self.guessed {
            return ascii(&text);
        }
        let text = if self.is_japanese() { spelled_out(&text) } else { text };
        Bytes::from(self.encoding.encode(&text).0.into_owned())
    }
}

/// What Shift_JIS and EUC-JP are encoded to in ASCII, and not read back as (Encoding §12.3.2, §13.3.2,
/// "encoder"): a backslash, a tilde and another dash.
fn spelled_out(text: &str) -> Cow<'_, str> {
    if !text.contains(['\u{a5}', '\u{203e}', '\u{2212}']) {
        return text.into();
    }
    let text = text.replace('\u{a5}', "&#165;").replace('\u{203e}', "&#8254;");
    text.replace('\u{2212}', "&#8722;").into()
}

fn ascii(text: &str) -> Bytes {
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            out.push_str(&format!("&#{};", u32::from(c)));
        }
    }
    out.into()
}

/// The first charset that a `<meta>` names (WHATWG HTML "prescan a byte stream").
fn by_meta(start: &[u8]) -> Option<&'static Encoding> {
    let found = Arc::new(Mutex::new(None));
    let writer = Arc::clone(&found);
    let note = move |meta: &mut Element<'_, '_>| {
        let mut found = writer.lock().unwrap_or_else(PoisonError::into_inner);
        *found = found.or_else(|| charset_of(meta));
        Ok(())
    };
    let settings =
        Settings::new().with_strict(false).append_element_content_handler(element!("meta", note));
    let mut reader = HtmlRewriter::new(settings, |_: &[u8]| {});
    // What stands behind an error would not be found by a browser either.
    let _ = reader.write(start);
    let found = *found.lock().unwrap_or_else(PoisonError::into_inner);
    // Declared in ASCII, it cannot be UTF-16; browsers read UTF-8 then.
    found.map(|encoding: &'static Encoding| match encoding {
        utf16 if utf16 == UTF_16LE || utf16 == UTF_16BE => UTF_8,
        other => other,
    })
}

fn charset_of(meta: &Element<'_, '_>) -> Option<&'static Encoding> {
    if let Some(label) = meta.get_attribute("charset") {
        return Encoding::for_label(label.as_bytes());
    }
    let equiv = meta.get_attribute("http-equiv")?;
    if !equiv.trim().eq_ignore_ascii_case("content-type") {
        return None;
    }
    let content = meta.get_attribute("content")?.to_ascii_lowercase();
    let (_, label) = content.split_once("charset")?;
    let label = label.trim_start().strip_prefix('=')?.trim_start();
    let label = label.trim_start_matches(['"', '\'']);
    let end = label.find([';', ' ', '"', '\'', '\t', '\n']).unwrap_or(label.len());
    Encoding::for_label(&label.as_bytes()[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{ISO_2022_JP, ISO_8859_2};

    fn decide(header: Option<&'static Encoding>, start: &[u8]) -> Option<&'static Encoding> {
        Charset::decide(header, start, true, None).map(Charset::encoding)
    }

    #[test]
    fn the_mark_wins_over_the_header_and_that_over_meta() {
        let page = b"\xEF\xBB\xBF<meta charset=shift_jis>";
        assert_eq!(decide(Some(ISO_8859_2), page), Some(UTF_8));
        assert_eq!(decide(Some(ISO_8859_2), &page[3..]), Some(ISO_8859_2));
        assert_eq!(decide(None, &page[3..]), Some(SHIFT_JIS));
        assert_eq!(decide(None, b"\xFF\xFE<\0"), Some(UTF_16LE));
    }

    #[test]
    fn meta_is_read_in_both_spellings() {
        for (page, expected) in [
            (
                "<META http-equiv='Content-Type' content='text/html; charset=iso-8859-2'>",
                ISO_8859_2,
            ),
            (
                "<meta content='text/html; charset = \"shift_jis\"' http-equiv=content-type>",
                SHIFT_JIS,
            ),
            ("<!-- <meta charset=shift_jis> --><meta charset='iso-8859-2'>", ISO_8859_2),
            ("<meta charset=utf-16>", UTF_8),
            ("<meta charset=iso-2022-jp>", ISO_2022_JP),
            ("<meta charset=nonsense><meta charset=utf-8>", UTF_8),
            ("<title><meta charset=shift_jis></title>", WINDOWS_1252),
        ] {
            assert_eq!(decide(None, page.as_bytes()), Some(expected), "{page}");
        }
    }

    #[test]
    fn an_undeclared_charset_waits_for_a_kilobyte_and_prints_ascii() {
        assert_eq!(Charset::decide(None, b"<p>", false, None), None);
        let guessed = Charset::decide(None, &[b' '; PRESCAN], false, None).unwrap();
        assert_eq!(guessed.encode(&Bytes::from("Bücher")), "B&#252;cher");
        let default = Charset::decide(None, b"", true, Some(UTF_8)).unwrap();
        assert_eq!(default.encode(&Bytes::from("Bücher")), "Bücher");
    }

    #[test]
    fn characters_that_a_charset_lacks_become_references() {
        let latin = Charset::known(ISO_8859_2);
        assert_eq!(latin.encode(&Bytes::from("ř 漢")), &b"\xF8 &#28450;"[..]);
    }
}
