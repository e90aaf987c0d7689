//! Undoes one coding of a body: finds out what its bytes are, decodes member after member, and
//! ignores what browsers ignore behind the last one.

use std::mem;

use bytes::{Bytes, BytesMut};

use super::Coding;
use super::decode::{DecodeError, Progress};
use super::member::Member;

const GZIP_MAGIC: [u8; 3] = [0x1f, 0x8b, 0x08];
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The decoder of one coding.
pub(super) struct Stage {
    coding: Coding,
    state: State,
    /// The first bytes of something too short to recognise yet.
    held: Bytes,
}

enum State {
    /// Nothing was decoded yet.
    Start,
    Inside(Member),
    /// A member is complete; another may follow.
    Between,
    /// Whatever follows is none of ours.
    Ignoring,
}

/// What the bytes outside of a member are.
enum Opening {
    /// Too few bytes to tell.
    Unclear,
    Member(Member),
    /// Padding or garbage.
    Noise,
}

impl Stage {
    pub(super) fn new(coding: Coding) -> Self {
        Self { coding, state: State::Start, held: Bytes::new() }
    }

    /// Like [`Decoder::decode`](super::Decoder::decode), for one coding.
    pub(super) fn decode(
        &mut self,
        input: &mut Bytes,
        out: &mut BytesMut,
        limit: usize,
    ) -> Result<Progress, DecodeError> {
        let end = out.len().saturating_add(limit);
        loop {
            match &mut self.state {
                State::Inside(member) if !member.can_step(input) => return Ok(Progress::NeedInput),
                State::Inside(_) if out.len() == end => return Ok(Progress::MoreOutput),
                State::Inside(member) => {
                    if member.step(input, out, end - out.len())? {
                        self.state = self.after_member();
                    }
                }
                State::Ignoring => {
                    input.clear();
                    return Ok(Progress::Finished);
                }
                State::Start | State::Between if input.is_empty() => return Ok(self.waiting()),
                State::Start | State::Between => self.open(input)?,
            }
        }
    }

    /// The end of the body. A body without a byte is complete: servers send those with a coding.
    pub(super) fn finish(&mut self) -> Result<(), DecodeError> {
        let complete = match &mut self.state {
            State::Start | State::Between => self.held.is_empty(),
            State::Inside(member) => member.is_complete(),
            State::Ignoring => true,
        };
        if complete { Ok(()) } else { Err(DecodeError::Truncated(self.coding)) }
    }

    fn after_member(&self) -> State {
        match self.coding {
            Coding::Gzip | Coding::Zstd => State::Between,
            Coding::Deflate | Coding::Brotli => State::Ignoring,
        }
    }

    fn waiting(&self) -> Progress {
        match self.state {
            State::Between if self.held.is_empty() => Progress::Finished,
            _ => Progress::NeedInput,
        }
    }

    fn open(&mut self, input: &mut Bytes) -> Result<(), DecodeError> {
        if !self.held.is_empty() {
            *input = [mem::take(&mut self.held), mem::take(input)].concat().into();
        }
        if self.coding == Coding::Brotli && wants_large_window(input) {
            return Err(DecodeError::WindowTooLarge(self.coding));
        }
        match self.recognise(input) {
            Opening::Unclear => self.held = mem::take(input),
            Opening::Member(member) => self.state = State::Inside(member),
            Opening::Noise => self.state = State::Ignoring,
        }
        Ok(())
    }

    fn recognise(&self, bytes: &[u8]) -> Opening {
        match (&self.state, self.coding) {
            (State::Between, coding) => recognise_next(coding, bytes),
            (_, Coding::Deflate) => recognise_deflate(bytes),
            (_, coding) => Opening::Member(Member::new(coding)),
        }
    }
}

/// The mark of "Large Window Brotli", whose windows go up to 1 GiB. The codec cannot be told to
/// refuse it.
fn wants_large_window(bytes: &[u8]) -> bool {
    bytes[0] & 0x7f == 0x11
}

/// Another gzip member or zstd frame, skippable ones included (RFC 8878 §3.1.2), or noise.
fn recognise_next(coding: Coding, bytes: &[u8]) -> Opening {
    let skippable = [0x50 | (bytes[0] & 0x0f), 0x2a, 0x4d, 0x18];
    let magics: &[&[u8]] = match coding {
        Coding::Gzip => &[&GZIP_MAGIC],
        Coding::Zstd => &[&ZSTD_MAGIC, &skippable],
        Coding::Deflate | Coding::Brotli => &[],
    };
    if magics.iter().any(|magic| bytes.starts_with(magic)) {
        Opening::Member(Member::new(coding))
    } else if magics.iter().any(|magic| magic.starts_with(bytes)) {
        Opening::Unclear
    } else {
        Opening::Noise
    }
}

/// The zlib header (RFC 1950 §2.2): method 8, a window of at most 32 KiB, a multiple of 31. Bare
/// deflate data begins so only if its encoder put ones where all encoders put padding zeros.
fn recognise_deflate(bytes: &[u8]) -> Opening {
    match *bytes {
        [first, ..] if first & 0x8f != 0x08 => Opening::Member(Member::raw_deflate()),
        [first, second, ..] if u16::from_be_bytes([first, second]).is_multiple_of(31) => {
            Opening::Member(Member::new(Coding::Deflate))
        }
        [_, _, ..] => Opening::Member(Member::raw_deflate()),
        _ => Opening::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Compress, Compression, FlushCompress};

    use super::super::testing::{self, encode};
    use super::*;

    /// Decodes chunks with one stage, then ends the body.
    fn decode(coding: Coding, chunks: &[&[u8]]) -> Result<Vec<u8>, DecodeError> {
        let (mut stage, mut out) = (Stage::new(coding), BytesMut::new());
        for chunk in chunks {
            let mut input = Bytes::copy_from_slice(chunk);
            while stage.decode(&mut input, &mut out, 7)? == Progress::MoreOutput {}
        }
        stage.finish()?;
        Ok(out.to_vec())
    }

    /// The same however the body is cut in two.
    fn assert_decodes(coding: Coding, wire: &[u8], expected: Result<&[u8], DecodeError>) {
        for cut in 0..=wire.len() {
            let (head, tail) = wire.split_at(cut);
            let decoded = decode(coding, &[head, tail]);
            assert_eq!(decoded.as_deref(), expected.as_ref().copied(), "{coding}, cut at {cut}");
        }
    }

    fn raw_deflate(body: &[u8]) -> Vec<u8> {
        let mut wire = Vec::with_capacity(1024);
        let mut deflate = Compress::new(Compression::default(), false);
        deflate.compress_vec(body, &mut wire, FlushCompress::Finish).unwrap();
        wire
    }

    #[test]
    fn an_empty_body_is_complete() {
        for coding in testing::ALL {
            assert_eq!(decode(coding, &[]), Ok(Vec::new()), "{coding}");
            assert_eq!(decode(coding, &[b"", b""]), Ok(Vec::new()), "{coding}");
        }
    }

    #[test]
    fn decodes_member_after_member() {
        for coding in [Coding::Gzip, Coding::Zstd] {
            let wire =
                [&encode(coding, b"one, ")[..], &encode(coding, b""), &encode(coding, b"two")];
            assert_decodes(coding, &wire.concat(), Ok(b"one, two"));
        }
    }

    #[test]
    fn skips_skippable_frames() {
        let skippable = b"\x5a\x2a\x4d\x18\x03\x00\x00\x00any";
        let frame = encode(Coding::Zstd, b"page");
        assert_decodes(Coding::Zstd, &[skippable, &frame[..], skippable].concat(), Ok(b"page"));
    }

    #[test]
    fn ignores_what_follows_the_last_member() {
        for coding in testing::ALL {
            for noise in
                [&b"\0\0\0\0\0\0"[..], b"<!-- cached -->", b"\x1f\x8c", b"\x28\xb5\x2f\xfe"]
            {
                let wire = [&encode(coding, b"page"), noise].concat();
                assert_decodes(coding, &wire, Ok(b"page"));
            }
        }
    }

    #[test]
    fn a_member_that_only_begins_is_truncated() {
        for (coding, magic) in [(Coding::Gzip, &GZIP_MAGIC[..]), (Coding::Zstd, &ZSTD_MAGIC)] {
            for begun in 1..=magic.len() {
                let wire = [&encode(coding, b"page"), &magic[..begun]].concat();
                assert_decodes(coding, &wire, Err(DecodeError::Truncated(coding)));
            }
        }
    }

    #[test]
    fn finished_is_not_the_end() {
        let member = encode(Coding::Gzip, b"page");
        let (mut stage, mut out) = (Stage::new(Coding::Gzip), BytesMut::new());
        let chunks = [
            (member.clone(), Progress::Finished),
            (member.slice(..12), Progress::NeedInput),
            (member.slice(12..), Progress::Finished),
        ];
        for (mut chunk, expected) in chunks {
            assert_eq!(stage.decode(&mut chunk, &mut out, 9), Ok(expected));
        }
        assert_eq!(out, "pagepage");
    }

    #[test]
    fn refuses_large_brotli_windows() {
        for mark in [0x11, 0x91] {
            let wire = [&[mark][..], &[0; 20]].concat();
            assert_decodes(Coding::Brotli, &wire, Err(DecodeError::WindowTooLarge(Coding::Brotli)));
        }
    }

    #[test]
    fn takes_deflate_with_and_without_a_zlib_header() {
        let page = testing::page(&mut fastrand::Rng::with_seed(7), 100);
        for body in [&b""[..], b"a", b"page page page", &page] {
            assert_decodes(Coding::Deflate, &encode(Coding::Deflate, body), Ok(body));
            assert_decodes(Coding::Deflate, &raw_deflate(body), Ok(body));
        }
    }
}
