//! Where an HTTP/1.1 answer ends. Reads no more of it than that takes.

use std::ops::Range;

/// The state of one answer.
#[derive(Default)]
pub(crate) struct Framing {
    head: Vec<u8>,
    body: Body,
}

#[derive(Default)]
enum Body {
    #[default]
    Head,
    /// So many bytes are still to come.
    Length(usize),
    /// In the line that says how long the chunk is, with what its digits say so far.
    ChunkSize(usize),
    /// In a chunk, with its line end.
    Chunk(usize),
    /// After the last chunk: its line end.
    Last(usize),
    Done,
}

impl Framing {
    /// Takes bytes off the wire and tells `body` which of them are the body's.
    /// How many of them belong to this answer.
    pub(crate) fn take(&mut self, bytes: &[u8], mut body: impl FnMut(Range<usize>)) -> usize {
        let mut at = 0;
        while at < bytes.len() && !self.done() {
            let rest = &bytes[at..];
            at += match self.body {
                Body::Head => self.take_head(rest),
                Body::Length(left) => {
                    let taken = left.min(rest.len());
                    body(at..at + taken);
                    self.body = length(left - taken);
                    taken
                }
                Body::ChunkSize(size) => self.take_size(rest[0], size),
                Body::Chunk(left) => {
                    let taken = left.min(rest.len());
                    // The last two are the line end.
                    let data = left.saturating_sub(2).min(taken);
                    body(at..at + data);
                    self.body = match left - taken {
                        0 => Body::ChunkSize(0),
                        left => Body::Chunk(left),
                    };
                    taken
                }
                Body::Last(left) => {
                    self.body = if left == 1 { Body::Done } else { Body::Last(left - 1) };
                    1
                }
                Body::Done => 0,
            };
        }
        at
    }

    pub(crate) fn done(&self) -> bool {
        matches!(self.body, Body::Done)
    }

    pub(crate) fn head(&self) -> &str {
        std::str::from_utf8(&self.head).expect("a head in ASCII")
    }

    /// How much can be thrown away unread.
    pub(crate) fn discardable(&self) -> Option<usize> {
        match self.body {
            Body::Length(left) => Some(left),
            _ => None,
        }
    }

    /// That so much of it was thrown away.
    pub(crate) fn discarded(&mut self, count: usize) {
        if let Body::Length(left) = self.body {
            self.body = length(left - count);
        }
    }

    fn take_head(&mut self, rest: &[u8]) -> usize {
        let before = self.head.len();
        self.head.extend_from_slice(&rest[..rest.len().min(8192)]);
        let Some(end) = memchr::memmem::find(&self.head, b"\r\n\r\n") else {
            assert!(self.head.len() < 65536, "an endless head");
            return self.head.len() - before;
        };
        self.head.truncate(end + 4);
        self.body = self.judge();
        end + 4 - before
    }

    /// How the body is framed.
    fn judge(&self) -> Body {
        let head = self.head();
        assert!(head.starts_with("HTTP/1.1 200 "), "not a page: {head}");
        let value = |name: &str| {
            head.lines()
                .filter_map(|line| line.split_once(':'))
                .find_map(|(field, value)| field.eq_ignore_ascii_case(name).then_some(value.trim()))
        };
        if let Some(count) = value("content-length") {
            return length(count.parse().expect("a length"));
        }
        assert_eq!(value("transfer-encoding"), Some("chunked"), "no framing: {head}");
        Body::ChunkSize(0)
    }

    fn take_size(&mut self, byte: u8, size: usize) -> usize {
        self.body = match (byte, char::from(byte).to_digit(16)) {
            (_, Some(digit)) => Body::ChunkSize(size * 16 + digit as usize),
            (b'\n', None) if size == 0 => Body::Last(2),
            (b'\n', None) => Body::Chunk(size + 2),
            _ => Body::ChunkSize(size),
        };
        1
    }
}

fn length(left: usize) -> Body {
    if left == 0 { Body::Done } else { Body::Length(left) }
}
