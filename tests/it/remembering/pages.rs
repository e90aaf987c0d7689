//! Pages to begin with: hostile snippets, soups of them, and pieces of real pages.

use std::path::{Path, PathBuf};

use fastrand::Rng;

/// The corpus of hostile snippets.
fn corpus() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/resync");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// Pages of Debian's packages, where they are unpacked.
fn real() -> Vec<Vec<u8>> {
    let Some(root) = std::env::var_os("OVERPRINT_PAGES") else { return Vec::new() };
    let paths = [
        "fricas-doc/usr/share/doc/fricas/fricas_tutorialu/index.html",
        "rasmol-doc/usr/share/doc/rasmol-doc/html/rasmol.html",
        "sqlite3-doc/usr/share/doc/sqlite3/capi3ref.html",
    ];
    paths.iter().filter_map(|path| std::fs::read(Path::new(&root).join(path)).ok()).collect()
}

/// Where pages to begin with come from.
pub(super) struct Pages {
    corpus: Vec<Vec<u8>>,
    real: Vec<Vec<u8>>,
}

impl Pages {
    pub(super) fn load() -> Self {
        Self { corpus: corpus(), real: real() }
    }

    pub(super) fn choose(&self, rng: &mut Rng) -> Vec<u8> {
        match rng.usize(..8) {
            0..4 => rng.choice(&self.corpus).unwrap().clone(),
            4..7 => self.soup(rng),
            _ => self.piece(rng),
        }
    }

    /// A few snippets in a row, in a document or not.
    fn soup(&self, rng: &mut Rng) -> Vec<u8> {
        let mut page = Vec::new();
        if rng.bool() {
            page.extend_from_slice(b"<!doctype html><html><head><title>t</title></head><body>");
        }
        for _ in 0..rng.usize(1..5) {
            page.extend_from_slice(rng.choice(&self.corpus).unwrap());
        }
        page
    }

    /// A piece of a real page, with labels on some of its tags.
    fn piece(&self, rng: &mut Rng) -> Vec<u8> {
        let Some(page) = rng.choice(&self.real) else { return self.soup(rng) };
        let start = rng.usize(..page.len());
        let piece = &page[start..(start + rng.usize(..3_000)).min(page.len())];
        let mut labelled = Vec::with_capacity(piece.len() + 200);
        for (at, &byte) in piece.iter().enumerate() {
            labelled.push(byte);
            let opens = piece[..=at].ends_with(b"<p")
                || piece[..=at].ends_with(b"<a")
                || piece[..=at].ends_with(b"<td");
            if opens && rng.u8(..4) == 0 {
                let label = format!(" data-overprint=\"k{}\"", rng.usize(..9));
                labelled.extend_from_slice(label.as_bytes());
            }
        }
        labelled
    }
}
