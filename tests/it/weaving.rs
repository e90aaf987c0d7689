//! The engine against a reference: for any page and any chunking, what a browser's parser makes of
//! the output is what it makes of the page, with the labelled nodes replaced.

pub(crate) mod dom;
mod labels;
mod languages;
mod property;
mod real_pages;
mod tables;

use std::sync::LazyLock;

use bytes::Bytes;
use encoding_rs::Encoding;
use overprint::content::{Landing, Snapshot, Voice};
use overprint::locale::Tag;
use overprint::weave::{Audience, Budget, LabelName, Outcome, Page, Rules, Selectors};

/// How many keys `k0`, `k1`, … there is content for.
pub(crate) const KEYS: usize = 700;

/// What the keys say, in turn.
const CONTENT: [&str; 7] = [
    r#""Plain words""#,
    r#""1 < 2 & 3 > 2 \"quoted\" 'so' </p><script>""#,
    r#"{"$html": "some <b>bold</b> and <a href='/x'>linked</a> words"}"#,
    r#""Grüße – 漢字 ☃""#,
    r#"{"$html": "<p>one</p><ul><li>two</li></ul>"}"#,
    r#""\nafter a newline""#,
    r#"{"$html": "<table><tbody><tr><td>cell</td></tr></tbody></table><h2>head</h2>"}"#,
];

static SNAPSHOT: LazyLock<Snapshot> = LazyLock::new(|| {
    let entries: Vec<String> =
        (0..KEYS).map(|n| format!("\"k{n}\": {}", CONTENT[n % CONTENT.len()])).collect();
    let json = format!("{{{}}}", entries.join(","));
    let german = r#"{"other": "Anderes"}"#.to_owned();
    let files = [("en.json", json), ("de.json", german)];
    let files = files.map(|(path, text)| (path.to_owned(), text.into_bytes()));
    overprint::content::compile(files).unwrap()
});

pub(crate) fn voice() -> Voice {
    SNAPSHOT.voice(SNAPSHOT.default_locale()).unwrap()
}

/// What is read in German: the same, each text a stand-in from English.
pub(crate) fn stand_ins() -> Voice {
    SNAPSHOT.voice(&Tag::parse("de").unwrap()).unwrap()
}

pub(crate) fn rules() -> Rules {
    Rules {
        label: LabelName::default(),
        selectors: Selectors::default(),
        max_slot: 256 << 10,
        default_charset: None,
        lookback: Budget::new(64 << 20),
    }
}

/// A slot that the engine was done with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    pub(crate) key: String,
    pub(crate) attribute: Option<String>,
    pub(crate) outcome: Outcome,
}

/// Weaves a page given in pieces.
pub(crate) fn weave(
    rules: Rules,
    charset: Option<&'static Encoding>,
    pieces: &[&[u8]],
) -> (Vec<u8>, Vec<Seen>) {
    weave_for(rules, (voice(), Audience::default()), charset, pieces)
}

/// Weaves a page given in pieces, for somebody.
pub(crate) fn weave_for(
    rules: Rules,
    (voice, audience): (Voice, Audience),
    charset: Option<&'static Encoding>,
    pieces: &[&[u8]],
) -> (Vec<u8>, Vec<Seen>) {
    let mut page = Page::new(rules, voice, charset).for_audience(audience).keeping_outcomes();
    let mut out = Vec::new();
    for piece in pieces {
        page.push(Bytes::copy_from_slice(piece), &mut out);
    }
    page.finish(&mut out);
    let seen = page.outcomes().map(|(slot, outcome)| Seen {
        key: slot.key().to_owned(),
        attribute: slot.attribute().map(str::to_owned),
        outcome,
    });
    let seen = seen.collect();
    (out.concat(), seen)
}

/// Cuts at random places; empty and one-byte pieces among them.
pub(crate) fn cut(bytes: &[u8], seed: u64) -> Vec<&[u8]> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mean = [1, 3, 17, 200, 5_000][rng.usize(..5)].max(bytes.len() / 2_000);
    let mut pieces = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(rng.usize(..=2 * mean).min(rest.len()));
        pieces.push(piece);
        rest = behind;
    }
    pieces
}

/// Checks one page at the given chunking; gives the number of slots printed.
pub(crate) fn check(
    page: &[u8],
    charset: Option<&'static Encoding>,
    decode_as: &'static Encoding,
    pieces: &[&[u8]],
) -> Result<usize, String> {
    let (output, seen) = weave(rules(), charset, pieces);
    let input = dom::parse(page, decode_as);
    dom::print(&input, &seen)?;
    let (expected, found) = (dom::dump(&input), dom::dump(&dom::parse(&output, decode_as)));
    if expected != found {
        return Err(format!(
            "the trees differ\n--- expected\n{}\n--- found\n{}\n--- slots {seen:?}\n--- output\n{}",
            dom::near_difference(&expected, &found),
            dom::near_difference(&found, &expected),
            excerpt(&output),
        ));
    }
    outside_is_untouched(page, charset, &output, &seen)?;
    Ok(seen.iter().filter(|slot| slot.outcome == Outcome::Printed).count())
}

/// Every byte outside a filled slot is the page's own: the output is spliced together again from the
/// page, by the plan's ranges, and compared.
fn outside_is_untouched(
    page: &[u8],
    charset: Option<&'static Encoding>,
    output: &[u8],
    seen: &[Seen],
) -> Result<(), String> {
    let plan = overprint::weave::plan(&rules(), charset, &Bytes::copy_from_slice(page));
    let (mut page_at, mut out_at) = (0, 0);
    for (slot, seen) in plan.slots().zip(seen) {
        if seen.outcome != Outcome::Printed {
            continue;
        }
        let replaced = slot.replaces().ok_or_else(|| format!("{} has no range", seen.key))?;
        let own = &page[page_at..replaced.start];
        if !output[out_at..].starts_with(own) {
            return Err(format!("bytes in front of {} changed", seen.key));
        }
        out_at += own.len();
        page_at = replaced.end;
        let printed = spellings(seen, plan.encoding());
        let printed = printed.iter().find(|printed| output[out_at..].starts_with(printed));
        out_at += printed.ok_or_else(|| format!("{} is not what was printed", seen.key))?.len();
    }
    if output[out_at..] != page[page_at..] {
        return Err("the bytes behind the last slot changed".to_owned());
    }
    Ok(())
}

/// What may stand in the place of a slot: its content as it is written there, in the page's charset.
fn spellings(seen: &Seen, encoding: &'static Encoding) -> Vec<Vec<u8>> {
    let voice = voice();
    let entry = voice.find(&seen.key).unwrap();
    let text = |landing| {
        let printed = entry.print(landing, &serde_json::Map::new()).unwrap();
        String::from_utf8(printed.to_vec()).unwrap()
    };
    let written: Vec<String> = match &seen.attribute {
        Some(name) => {
            let value = text(Landing::Attribute("title"));
            vec![format!("\"{value}\""), format!("=\"{value}\""), format!(" {name}=\"{value}\"")]
        }
        None => {
            let inner = [Landing::Markup, Landing::Text].map(text);
            inner.iter().flat_map(|text| [text.clone(), format!("\n{text}")]).collect()
        }
    };
    let ascii = |text: &str| -> String {
        let one = |c: char| if c.is_ascii() { c.to_string() } else { format!("&#{};", c as u32) };
        text.chars().map(one).collect()
    };
    let encoded = |text: String| {
        [
            text.clone().into_bytes(),
            encoding.encode(&text).0.into_owned(),
            ascii(&text).into_bytes(),
        ]
    };
    written.into_iter().flat_map(encoded).collect()
}

fn excerpt(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(3_000)]).into_owned()
}
