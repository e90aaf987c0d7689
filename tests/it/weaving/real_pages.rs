//! Real, messy pages, labelled all over. They come from Debian's documentation packages, which
//! `tests/run` unpacks; nothing of them is kept here.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, WINDOWS_1252};
use overprint::weave::Outcome;

use super::{KEYS, check, cut, rules, weave};

/// Start tags that get a label.
const LABELLED: &[&str] = &[
    "p", "li", "td", "th", "h1", "h2", "h3", "h4", "a", "dt", "dd", "span", "b", "font", "div",
    "option", "title", "em", "code", "center", "caption", "text", "strong", "i", "tt", "pre",
];

/// Different cuts tried on each page.
const CUTS: u64 = 12;

#[test]
fn real_pages_keep_their_tree_and_every_byte_outside() {
    let Some(root) = std::env::var_os("OVERPRINT_PAGES").map(PathBuf::from) else {
        eprintln!("skipped: OVERPRINT_PAGES is not set; tests/run unpacks the pages and sets it");
        return;
    };
    let rows = include_str!("../../pages.tsv").lines().filter(|line| !line.starts_with('#'));
    let (mut pages, mut total) = (0, 0);
    for row in rows {
        let columns: Vec<&str> = row.split('\t').collect();
        let path = root.join(columns[0]).join(columns[1]);
        let page = read(&path, columns[2] == "gz");
        total += try_page(&page, &path);
        pages += 1;
    }
    assert!(pages >= 20, "{pages} pages");
    assert!(total >= 20 * pages, "only {total} slots were printed on {pages} pages");
}

/// Labels a page in a few ways and checks each; gives how many slots were printed.
fn try_page(page: &[u8], path: &Path) -> usize {
    let mut printed = 0;
    for every in [1, 7] {
        let labelled = label(page, every);
        let decode_as = declared(&labelled);
        if !decode_as.is_ascii_compatible() {
            let (out, _) = weave(rules(), None, &cut(&labelled, 1));
            assert!(out == labelled, "{}: not ours to change", path.display());
            continue;
        }
        match check(&labelled, None, decode_as, &[&labelled]) {
            Ok(count) => printed += count,
            Err(error) => panic!("{} (a label on every {every}): {error}", path.display()),
        }
        let (whole, seen) = weave(rules(), None, &[&labelled]);
        for seed in 0..CUTS {
            let (out, seen_cut) = weave(rules(), None, &cut(&labelled, seed));
            let other = seen.iter().zip(&seen_cut).find(|(whole, cut)| whole != cut);
            let same = out == whole && seen == seen_cut;
            assert!(
                same,
                "{}: another result when cut with seed {seed}: {other:?}",
                path.display()
            );
        }
        let left = seen.iter().filter(|s| matches!(s.outcome, Outcome::Left(_))).count();
        eprintln!("{}: {} labels, {left} left", path.display(), seen.len());
    }
    printed
}

fn read(path: &Path, gzip: bool) -> Vec<u8> {
    let bytes = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}: run tests/run", path.display()));
    if !gzip {
        return bytes;
    }
    let mut page = Vec::new();
    flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut page).unwrap();
    page
}

/// Labels every `every`th start tag of the kinds above, as long as there are keys.
fn label(page: &[u8], every: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(page.len() * 2);
    let (mut at, mut seen, mut key) = (0, 0, 0);
    while let Some(found) = memchr::memchr(b'<', &page[at..]) {
        let start = at + found + 1;
        out.extend_from_slice(&page[at..start]);
        at = start;
        let len = page[start..].iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        let name = String::from_utf8_lossy(&page[start..start + len]).to_ascii_lowercase();
        let ends = page.get(start + len).is_some_and(|b| b" >\n\r\t".contains(b));
        if ends && LABELLED.contains(&&*name) && key < KEYS {
            out.extend_from_slice(&page[start..start + len]);
            at = start + len;
            seen += 1;
            if seen % every == 0 {
                out.extend_from_slice(format!(" data-overprint=k{key}").as_bytes());
                key += 1;
            }
        }
    }
    out.extend_from_slice(&page[at..]);
    out
}

/// The charset a browser reads it in, by mark or `<meta>`.
fn declared(page: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(page) {
        return encoding;
    }
    let start = String::from_utf8_lossy(&page[..page.len().min(1024)]).to_ascii_lowercase();
    let label = start.split_once("charset=").map(|(_, rest)| rest.trim_start_matches(['"', '\'']));
    let label = label.and_then(|l| l.split(['"', '\'', ' ', '>', ';', '/']).next());
    let found = label.and_then(|label| Encoding::for_label(label.as_bytes()));
    found.unwrap_or(WINDOWS_1252)
}
