//! What the origin answers: whole HTTP/1.1 messages, prepared before anything is measured.

use std::collections::HashMap;
use std::io::Write as _;
use std::os::fd::OwnedFd;
use std::rc::Rc;

use flate2::Compression;
use flate2::write::GzEncoder;
use rustix::fs::{MemfdFlags, memfd_create};

use super::page::{self, CSRF, GAP, Labels, NONCE, Size, TIME, template};
use super::prose::token;

/// Different answers of one path, at most; fewer of a large page, so that they stay in the cache.
const RING: usize = 64;
const RING_BYTES: usize = 10_000_000;

const GZIP_LEVEL: u32 = 6;

/// A message: in memory for small ones, in a file in memory for `sendfile`.
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) file: OwnedFd,
}

/// The answers of one path, one after the other.
pub(crate) struct Ring {
    answers: Vec<Rc<Answer>>,
    last: usize,
}

/// Paths and their answers.
#[derive(Default)]
pub(crate) struct Answers {
    rings: HashMap<String, Ring>,
}

impl Answers {
    /// A page that is the same every time, as `/<name>/plain`.
    pub(crate) fn plain(&mut self, name: &str, size: Size) {
        self.html(&format!("/{name}/plain"), &[steady(&template(size, Labels::Attributes))]);
    }

    /// All variants of a page under `/<name>/`.
    pub(crate) fn page(&mut self, name: &str, size: Size) {
        self.plain(name, size);
        let labelled = template(size, Labels::Attributes);
        self.html(&format!("/{name}/unlabelled"), &[steady(&template(size, Labels::None))]);
        self.html(&format!("/{name}/includes"), &[steady(&template(size, Labels::Includes))]);
        self.gzip(&format!("/{name}/gzip"), &[steady(&labelled)]);
        let mut random = fastrand::Rng::with_seed(1);
        let ring = RING.min(RING_BYTES / size.bytes).max(2);
        let fresh: Vec<_> = (0..ring).map(|nth| dynamic(&labelled, nth, &mut random)).collect();
        self.html(&format!("/{name}/dynamic"), &fresh);
        self.gzip(&format!("/{name}/dynamic-gzip"), &fresh);
        let other: Vec<_> = (0..ring).map(|_| diverging(&labelled, &mut random)).collect();
        self.html(&format!("/{name}/diverging"), &other);
    }

    /// What Varnish includes: cached for the whole run.
    pub(crate) fn fragments(&mut self, count: usize) {
        for nth in 0..count {
            let message = message(
                "content-type: text/html; charset=utf-8\r\ncache-control: max-age=86400\r\n",
                page::published_text(nth).as_bytes(),
            );
            self.put(&format!("/fragment/{nth}"), vec![message]);
        }
    }

    /// The next answer for a path.
    pub(crate) fn next(&mut self, path: &str) -> Rc<Answer> {
        let ring = self.rings.get_mut(path).unwrap_or_else(|| panic!("no answer for {path}"));
        ring.last = (ring.last + 1) % ring.answers.len();
        Rc::clone(&ring.answers[ring.last])
    }

    /// The body that was answered last for a path.
    pub(crate) fn last_body(&self, path: &str) -> &[u8] {
        let ring = &self.rings[path];
        let bytes = &ring.answers[ring.last].bytes;
        let head = memchr::memmem::find(bytes, b"\r\n\r\n").expect("a head");
        &bytes[head + 4..]
    }

    fn html(&mut self, path: &str, pages: &[String]) {
        let head = "content-type: text/html; charset=utf-8\r\n";
        let messages = pages.iter().map(|page| message(head, page.as_bytes())).collect();
        self.put(path, messages);
    }

    fn gzip(&mut self, path: &str, pages: &[String]) {
        let head = "content-type: text/html; charset=utf-8\r\ncontent-encoding: gzip\r\nvary: accept-encoding\r\n";
        let messages = pages.iter().map(|page| message(head, &compressed(page))).collect();
        self.put(path, messages);
    }

    fn put(&mut self, path: &str, messages: Vec<Vec<u8>>) {
        let answers = messages.into_iter().map(|bytes| Rc::new(Answer::new(bytes))).collect();
        self.rings.insert(path.to_owned(), Ring { answers, last: 0 });
    }
}

impl Answer {
    fn new(bytes: Vec<u8>) -> Self {
        let file = memfd_create("answer", MemfdFlags::CLOEXEC).expect("a file in memory");
        let mut file = std::fs::File::from(file);
        file.write_all(&bytes).expect("room in memory");
        Self { bytes, file: file.into() }
    }
}

fn message(headers: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!(
        "HTTP/1.1 200 OK\r\nserver: origin\r\ndate: Tue, 24 Nov 2026 12:00:00 GMT\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    message.extend_from_slice(body);
    message
}

fn compressed(page: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(GZIP_LEVEL));
    encoder.write_all(page.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

/// The page that is the same in every answer.
fn steady(template: &str) -> String {
    let mut random = fastrand::Rng::with_seed(0);
    filled(template, &token(&mut random), &token(&mut random), "2026-11-24T12:00:00.000Z")
        .replace(GAP, "")
}

/// A page whose nonces, CSRF token and time are its own.
fn dynamic(template: &str, nth: usize, random: &mut fastrand::Rng) -> String {
    let time = format!("2026-11-24T12:{:02}:{:02}.{:03}Z", nth % 60, nth * 7 % 60, nth * 37 % 1000);
    filled(template, &token(random), &token(random), &time).replace(GAP, "")
}

/// A page with elements that others have not, from its start to its end.
fn diverging(template: &str, random: &mut fastrand::Rng) -> String {
    let mut page = String::new();
    for piece in template.split_inclusive(GAP) {
        match piece.strip_suffix(GAP) {
            Some(piece) => page.extend([piece, &"<i></i>".repeat(random.usize(0..4))]),
            None => page.push_str(piece),
        }
    }
    let (nonce, csrf) = ("N".repeat(32), "C".repeat(32));
    filled(&page, &nonce, &csrf, "2026-11-24T12:00:00.000Z")
}

fn filled(template: &str, nonce: &str, csrf: &str, time: &str) -> String {
    template.replace(NONCE, nonce).replace(CSRF, csrf).replace(TIME, time)
}
