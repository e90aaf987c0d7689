//! Undoes the codings of a body as it streams in, holding no more than a caller allows.

use std::{error, fmt};

use bytes::{Bytes, BytesMut};

use super::Coding;
use super::stage::Stage;

/// Decoded bytes held between two stacked codings, at most.
const BETWEEN: usize = 32 * 1024;

/// How far a step of decoding came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// All input is taken, and everything that it decodes to has been put out.
    NeedInput,
    /// The limit was reached; there may be more. Call again before feeding input.
    MoreOutput,
    /// As [`NeedInput`](Self::NeedInput), and the stream is complete. Go on feeding what comes:
    /// it is another member, or it is ignored.
    Finished,
}

/// Why a body cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DecodeError {
    /// The bytes are not of this coding.
    Corrupt(Coding),
    /// The body ended inside a stream of this coding.
    Truncated(Coding),
    /// A stream of this coding wants a larger window than HTTP allows: 8 MiB for zstd (RFC 9659),
    /// 16 MiB for brotli (RFC 7932 §9.1).
    WindowTooLarge(Coding),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corrupt(coding) => write!(
                f,
                "the origin's body is not valid {coding}; check what compresses it, \
                 or whether something compresses it twice"
            ),
            Self::Truncated(coding) => write!(
                f,
                "the origin's body ends inside its {coding} stream; \
                 check the origin for aborted responses"
            ),
            Self::WindowTooLarge(coding) => write!(
                f,
                "the origin's {coding} body needs a window that browsers refuse too; \
                 compress it without long-distance or large-window modes, zstd at level 19 or below"
            ),
        }
    }
}

impl error::Error for DecodeError {}

/// Undoes a stack of codings.
pub(crate) struct Decoder {
    /// In the order they are undone.
    links: Vec<Link>,
}

struct Link {
    stage: Stage,
    /// What the link before has put out and this one has not taken; unused in the first.
    pending: Bytes,
    /// Where the link before puts its output; empty between calls.
    incoming: BytesMut,
}

impl Decoder {
    /// A decoder for a body to which `codings` were applied in this order; with none it copies.
    pub(crate) fn new(codings: &[Coding]) -> Self {
        Self { links: codings.iter().rev().map(|&coding| Link::new(coding)).collect() }
    }

    /// Takes from `input` and appends at most `limit` bytes to `out`.
    ///
    /// Unless the answer is [`Progress::MoreOutput`], `input` is empty afterwards and everything
    /// that can be decoded from it is in `out`, whether or not a stream is at an end. A `limit` of
    /// zero makes no progress. What was appended before an error is good.
    pub(crate) fn decode(
        &mut self,
        input: &mut Bytes,
        out: &mut BytesMut,
        limit: usize,
    ) -> Result<Progress, DecodeError> {
        pull(&mut self.links, input, out, limit)
    }

    /// The end of the body, after [`decode`](Self::decode) has asked for more input: fails if a
    /// stream is incomplete. A body without a single byte is complete.
    pub(crate) fn finish(&mut self) -> Result<(), DecodeError> {
        self.links.iter_mut().try_for_each(|link| link.stage.finish())
    }
}

impl Link {
    fn new(coding: Coding) -> Self {
        Self { stage: Stage::new(coding), pending: Bytes::new(), incoming: BytesMut::new() }
    }
}

/// Lets the last link decode, and the ones before it only as much as it asks for.
fn pull(
    links: &mut [Link],
    input: &mut Bytes,
    out: &mut BytesMut,
    limit: usize,
) -> Result<Progress, DecodeError> {
    let Some((last, before)) = links.split_last_mut() else {
        return Ok(copy(input, out, limit));
    };
    if before.is_empty() {
        return last.stage.decode(input, out, limit);
    }
    let end = out.len().saturating_add(limit);
    loop {
        let progress = last.stage.decode(&mut last.pending, out, end - out.len())?;
        if progress == Progress::MoreOutput {
            return Ok(progress);
        }
        let upstream = pull(before, input, &mut last.incoming, BETWEEN)?;
        if last.incoming.is_empty() {
            return Ok(both(progress, upstream));
        }
        last.pending = last.incoming.split().freeze();
    }
}

fn both(inner: Progress, outer: Progress) -> Progress {
    if inner == Progress::Finished { outer } else { inner }
}

fn copy(input: &mut Bytes, out: &mut BytesMut, limit: usize) -> Progress {
    let taken = input.split_to(limit.min(input.len()));
    out.extend_from_slice(&taken);
    if input.is_empty() { Progress::NeedInput } else { Progress::MoreOutput }
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

    use super::super::testing::{ALL, decode, encode, encode_stack, feed, page};
    use super::super::{Coding, Encoder};
    use super::*;

    const STACKS: [&[Coding]; 8] = [
        &[],
        &[Coding::Gzip],
        &[Coding::Deflate],
        &[Coding::Brotli],
        &[Coding::Zstd],
        &[Coding::Gzip, Coding::Gzip],
        &[Coding::Brotli, Coding::Gzip],
        &[Coding::Zstd, Coding::Deflate, Coding::Brotli],
    ];

    #[test]
    fn any_chunking_and_any_limit_give_the_same_body() {
        for seed in 0..64 {
            let mut rng = Rng::with_seed(seed);
            let stack = rng.choice(STACKS).unwrap();
            let len = rng.usize(..60_000);
            let (body, limit) = (page(&mut rng, len), rng.usize(1..20_000));
            let wire = encode_stack(stack, &body);

            let (mut decoder, mut out) = (Decoder::new(stack), BytesMut::new());
            let mut rest = &wire[..];
            while !rest.is_empty() {
                let most = rest.len().min(rng.choice([2, 100, 10_000]).unwrap());
                let (chunk, after) = rest.split_at(rng.usize(1..=most));
                feed(&mut decoder, chunk, &mut out, limit).unwrap();
                rest = after;
            }
            assert_eq!(decoder.finish(), Ok(()), "seed {seed}, {stack:?}");
            assert!(out == body, "seed {seed}, {stack:?}, limit {limit}: another body");
        }
    }

    #[test]
    fn a_limit_of_one_byte_loses_nothing() {
        let body = page(&mut Rng::with_seed(1), 5_000);
        for stack in STACKS {
            let (mut decoder, mut out) = (Decoder::new(stack), BytesMut::new());
            feed(&mut decoder, &encode_stack(stack, &body), &mut out, 1).unwrap();
            assert_eq!((decoder.finish(), out == body), (Ok(()), true), "{stack:?}");
        }
    }

    #[test]
    fn what_an_origin_flushed_comes_out_at_once() {
        let body = page(&mut Rng::with_seed(2), 90_000);
        for coding in ALL {
            let (mut encoder, mut decoder) = (Encoder::new(coding), Decoder::new(&[coding]));
            let mut out = BytesMut::new();
            for (i, part) in body.chunks(7_919).enumerate() {
                let mut wire = BytesMut::new();
                encoder.encode(part, &mut wire).unwrap();
                encoder.flush(&mut wire).unwrap();
                let progress = feed(&mut decoder, &wire, &mut out, 4_096).unwrap();
                assert_eq!(progress, Progress::NeedInput, "{coding}, part {i}");
                assert_eq!(out.len(), body.len().min((i + 1) * 7_919), "{coding}, part {i}");
            }
            assert!(out == body, "{coding}");
        }
    }

    #[test]
    fn a_flush_gets_through_a_stack() {
        let mut encoders = [Encoder::new(Coding::Brotli), Encoder::new(Coding::Gzip)];
        let mut decoder = Decoder::new(&[Coding::Brotli, Coding::Gzip]);
        let mut body = BytesMut::from(&b"half a page"[..]);
        for encoder in &mut encoders {
            let mut wire = BytesMut::new();
            encoder.encode(&body, &mut wire).unwrap();
            encoder.flush(&mut wire).unwrap();
            body = wire;
        }
        let mut out = BytesMut::new();
        assert_eq!(feed(&mut decoder, &body, &mut out, 64), Ok(Progress::NeedInput));
        assert_eq!(out, "half a page");
    }

    /// Zeros by the mebibyte, coded.
    fn bomb(coding: Coding, mebibytes: usize) -> Bytes {
        let (mut encoder, mut wire) = (Encoder::new(coding), BytesMut::new());
        let zeros = vec![0; 1 << 20];
        for _ in 0..mebibytes {
            encoder.encode(&zeros, &mut wire).unwrap();
        }
        encoder.finish(&mut wire).unwrap();
        wire.freeze()
    }

    #[test]
    fn a_bomb_never_outgrows_the_limit() {
        const LIMIT: usize = 64 * 1024;
        let stacked = encode(Coding::Gzip, &bomb(Coding::Gzip, 16));
        let cases = [
            (vec![Coding::Gzip], bomb(Coding::Gzip, 16), 16),
            (vec![Coding::Brotli], bomb(Coding::Brotli, 16), 16),
            (vec![Coding::Zstd], bomb(Coding::Zstd, 64), 64),
            (vec![Coding::Gzip, Coding::Gzip], stacked, 16),
        ];
        for (codings, mut wire, mebibytes) in cases {
            let mut decoder = Decoder::new(&codings);
            let (mut total, mut largest) = (0, 0);
            loop {
                let mut out = BytesMut::new();
                let progress = decoder.decode(&mut wire, &mut out, LIMIT).unwrap();
                let between = decoder.links.iter().map(|l| l.pending.len() + l.incoming.capacity());
                (total, largest) = (total + out.len(), largest.max(out.len()));
                assert!(out.capacity() <= 2 * LIMIT, "{codings:?}: {}", out.capacity());
                assert!(between.sum::<usize>() <= 2 * BETWEEN * codings.len(), "{codings:?}");
                if progress != Progress::MoreOutput {
                    break;
                }
            }
            assert_eq!((total, largest), (mebibytes << 20, LIMIT), "{codings:?}");
            assert_eq!(decoder.finish(), Ok(()), "{codings:?}");
        }
    }

    #[test]
    fn every_cut_is_an_error() {
        let body = page(&mut Rng::with_seed(3), 700);
        for stack in &STACKS[1..] {
            let wire = encode_stack(stack, &body);
            for cut in 1..wire.len() {
                let error = decode(stack, &wire[..cut]).unwrap_err();
                assert!(
                    matches!(error, DecodeError::Truncated(_)),
                    "{stack:?} at {cut}: {error:?}"
                );
            }
        }
    }

    #[test]
    fn damage_never_panics_or_hangs() {
        for seed in 0..400 {
            let mut rng = Rng::with_seed(seed);
            let stack = rng.choice(&STACKS[1..]).unwrap();
            let len = rng.usize(..3_000);
            let mut wire = encode_stack(stack, &page(&mut rng, len)).to_vec();
            for _ in 0..rng.usize(1..6) {
                let at = rng.usize(..wire.len());
                wire[at] = rng.u8(..);
            }
            let (mut decoder, mut out) = (Decoder::new(stack), BytesMut::new());
            let fed = wire.chunks(rng.usize(1..500)).try_for_each(|chunk| {
                feed(&mut decoder, chunk, &mut out, 1_000)?;
                assert!(out.len() < 64 << 20, "seed {seed}, {stack:?}: no end");
                Ok::<_, DecodeError>(())
            });
            let _verdict = fed.and_then(|()| decoder.finish());
        }
    }

    #[test]
    fn noise_is_corrupt() {
        for coding in ALL {
            let decoded = decode(&[coding], b"<!doctype html><title>plain</title>");
            assert_eq!(decoded, Err(DecodeError::Corrupt(coding)));
        }
    }

    #[test]
    fn checksums_are_checked() {
        for coding in [Coding::Gzip, Coding::Deflate] {
            let mut wire = encode(coding, b"page").to_vec();
            let checksum = wire.len() - if coding == Coding::Gzip { 8 } else { 4 };
            wire[checksum] ^= 1;
            assert_eq!(decode(&[coding], &wire), Err(DecodeError::Corrupt(coding)));
        }
    }
}
