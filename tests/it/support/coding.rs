//! The content codings of the web, by libraries and not by the product's own code.

use std::io::{Read, Write};

use bytes::Bytes;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    /// `deflate` as RFC 9110 section 8.4.1.2 has it: in a zlib wrapper.
    Deflate,
    /// `deflate` as some servers send it: without one.
    RawDeflate,
    Brotli,
    Zstd,
}

impl Coding {
    /// The name in `Content-Encoding`.
    pub(crate) fn token(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate | Self::RawDeflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// Encodes `bytes` as one whole.
    pub(crate) fn encode(self, bytes: impl AsRef<[u8]>) -> Vec<u8> {
        let none = Pieces { pieces: Vec::new(), end: Bytes::copy_from_slice(bytes.as_ref()) };
        self.encode_pieces(&none).end.to_vec()
    }

    /// Encodes one stream that is flushed after every piece.
    pub(super) fn encode_pieces(self, pieces: &Pieces) -> Pieces {
        let level = flate2::Compression::default();
        match self {
            Self::Gzip => {
                let encoder = GzEncoder::new(Vec::new(), level);
                pieces.through(encoder, |e| e.get_ref().len(), |e| e.finish().unwrap())
            }
            Self::Deflate => {
                let encoder = ZlibEncoder::new(Vec::new(), level);
                pieces.through(encoder, |e| e.get_ref().len(), |e| e.finish().unwrap())
            }
            Self::RawDeflate => {
                let encoder = DeflateEncoder::new(Vec::new(), level);
                pieces.through(encoder, |e| e.get_ref().len(), |e| e.finish().unwrap())
            }
            Self::Brotli => {
                let encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
                pieces.through(encoder, |e| e.get_ref().len(), |e| e.into_inner())
            }
            Self::Zstd => {
                let encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
                pieces.through(encoder, |e| e.get_ref().len(), |e| e.finish().unwrap())
            }
        }
    }
}

/// What can be read before each pause of a stream, and what ends it.
#[derive(Debug)]
pub(super) struct Pieces {
    pub(super) pieces: Vec<Bytes>,
    pub(super) end: Bytes,
}

impl Pieces {
    fn through<W: Write>(
        &self,
        mut encoder: W,
        written: impl Fn(&W) -> usize,
        finish: impl FnOnce(W) -> Vec<u8>,
    ) -> Self {
        let mut lengths = Vec::new();
        let mut total = 0;
        for piece in &self.pieces {
            encoder.write_all(piece).unwrap();
            encoder.flush().unwrap();
            lengths.push(written(&encoder) - total);
            total = written(&encoder);
        }
        encoder.write_all(&self.end).unwrap();
        let mut end = Bytes::from(finish(encoder));
        let pieces = lengths.into_iter().map(|length| end.split_to(length)).collect();
        Self { pieces, end }
    }
}

/// What a body says under the codings of a `Content-Encoding`, as far as it has come, and what is
/// wrong with the rest if that is not all.
pub(super) fn decode(content_encoding: &str, body: &[u8]) -> (Vec<u8>, Option<String>) {
    let tokens = content_encoding.split(',').map(str::trim).filter(|token| !token.is_empty());
    tokens.rev().fold((body.to_vec(), None), |(body, fault), token| {
        let (body, found) = drain(decoder(token, &body));
        (body, fault.or(found))
    })
}

fn decoder<'a>(token: &str, body: &'a [u8]) -> Box<dyn Read + 'a> {
    match token {
        "gzip" => Box::new(MultiGzDecoder::new(body)),
        "deflate" => Box::new(ZlibDecoder::new(body)),
        "br" => Box::new(brotli::Decompressor::new(body, 4096)),
        "zstd" => Box::new(zstd::stream::read::Decoder::new(body).unwrap()),
        "identity" => Box::new(body),
        other => panic!("the content coding {other:?} is not one that was asked for"),
    }
}

fn drain(mut decoder: impl Read) -> (Vec<u8>, Option<String>) {
    let mut decoded = Vec::new();
    // `read_to_end` keeps what it had read before an error.
    let fault = decoder.read_to_end(&mut decoded).err();
    (decoded, fault.map(|fault| fault.to_string()))
}
