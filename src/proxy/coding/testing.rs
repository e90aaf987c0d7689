//! Bodies and whole-body helpers for the tests of this module.

use bytes::{Bytes, BytesMut};
use fastrand::Rng;

use super::{Coding, DecodeError, Decoder, Encoder, Progress};

pub(super) const ALL: [Coding; 4] = [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Zstd];

/// Something like a page: repetitive, but not too much.
pub(super) fn page(rng: &mut Rng, len: usize) -> Vec<u8> {
    let words = ["<p class=\"price\">", "</p>\n", "overprint ", "ünïcode ", "<br>", "and so on "];
    let mut page = Vec::with_capacity(len + 32);
    while page.len() < len {
        page.extend_from_slice(rng.choice(words).unwrap().as_bytes());
        page.extend_from_slice(rng.u16(..).to_string().as_bytes());
    }
    page.truncate(len);
    page
}

pub(super) fn encode(coding: Coding, body: &[u8]) -> Bytes {
    let (mut encoder, mut out) = (Encoder::new(coding), BytesMut::new());
    encoder.encode(body, &mut out).unwrap();
    encoder.finish(&mut out).unwrap();
    out.freeze()
}

pub(super) fn encode_stack(codings: &[Coding], body: &[u8]) -> Bytes {
    codings.iter().fold(Bytes::copy_from_slice(body), |body, &coding| encode(coding, &body))
}

/// Feeds one chunk and takes everything it decodes to.
pub(super) fn feed(
    decoder: &mut Decoder,
    chunk: &[u8],
    out: &mut BytesMut,
    limit: usize,
) -> Result<Progress, DecodeError> {
    let mut input = Bytes::copy_from_slice(chunk);
    loop {
        let before = out.len();
        let progress = decoder.decode(&mut input, out, limit)?;
        assert!(out.len() - before <= limit, "{} over the limit {limit}", out.len() - before);
        if progress != Progress::MoreOutput {
            assert!(input.is_empty(), "{progress:?} with input left");
            return Ok(progress);
        }
    }
}

/// Decodes a whole body.
pub(super) fn decode(codings: &[Coding], wire: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let (mut decoder, mut out) = (Decoder::new(codings), BytesMut::new());
    feed(&mut decoder, wire, &mut out, 1 << 16)?;
    decoder.finish()?;
    Ok(out.to_vec())
}
