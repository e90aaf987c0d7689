//! Applies a coding to a body as it streams out.

use std::io;

use bytes::BytesMut;
use compression_codecs::brotli::params::EncoderParams;
use compression_codecs::zstd::params::CParameter;
use compression_codecs::{BrotliEncoder, EncodeV2, GzipEncoder, ZlibEncoder, ZstdEncoder};
use compression_core::Level;
use compression_core::util::{PartialBuffer, WriteBuffer};

use super::Coding;
use super::append::append;

/// Output is asked for in steps of this many bytes.
const STEP: usize = 4 * 1024;

/// A point below zlib's default: a fifth less work for under 1 % more bytes.
const DEFLATE_LEVEL: i32 = 5;

/// The first brotli quality that is clearly denser than zstd at a live speed.
const BROTLI_QUALITY: i32 = 5;

/// log₂ of the brotli window: 256 KiB, more than most pages. At 16 and below this quality changes
/// to a hasher that takes 32 MiB and seven times as long.
const BROTLI_WINDOW_LOG: i32 = 18;

const ZSTD_LEVEL: i32 = 3;

/// log₂ of the zstd window: 256 KiB instead of the level's 2 MiB.
const ZSTD_WINDOW_LOG: u32 = 18;

/// log₂ of the entries in zstd's match tables: half the memory for 0.4 % more bytes.
const ZSTD_TABLE_LOG: u32 = 15;

/// Compresses one body at a quality meant for live pages.
///
/// Measured on a 150 KB page, one core; memory is what is resident while the encoder lives:
///
/// | coding        |   time |   size | memory  |
/// |---------------|--------|--------|---------|
/// | gzip, deflate | 1.6 ms | 34.7 K | 0.3 MiB |
/// | zstd          | 0.3 ms | 35.3 K | 0.6 MiB |
/// | br            | 2.7 ms | 31.2 K | 2.0 MiB |
pub(crate) struct Encoder {
    codec: Box<dyn EncodeV2 + Send>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Everything fed so far can be decoded from what was put out.
    Flushed,
    Holding,
    Finished,
}

impl Encoder {
    /// An encoder for one body; `deflate` is written in the zlib format, as RFC 9110 wants.
    pub(crate) fn new(coding: Coding) -> Self {
        let codec: Box<dyn EncodeV2 + Send> = match coding {
            Coding::Gzip => Box::new(GzipEncoder::new(Level::Precise(DEFLATE_LEVEL).into())),
            Coding::Deflate => Box::new(ZlibEncoder::new(Level::Precise(DEFLATE_LEVEL).into())),
            Coding::Brotli => Box::new(brotli()),
            Coding::Zstd => Box::new(zstd()),
        };
        Self { codec, state: State::Flushed }
    }

    /// Takes all of `input` and appends to `out` what is ready. The encoder may hold back all of
    /// it until [`flush`](Self::flush) or [`finish`](Self::finish). Fails after `finish`.
    pub(crate) fn encode(&mut self, input: &[u8], out: &mut BytesMut) -> io::Result<()> {
        self.check_open()?;
        let mut source = PartialBuffer::new(input);
        while !source.unwritten().is_empty() {
            self.state = State::Holding;
            append(out, STEP, |target| self.codec.encode(&mut source, target))?;
        }
        Ok(())
    }

    /// Appends whatever it takes to decode everything fed so far; nothing if that is so already.
    /// Fails after [`finish`](Self::finish).
    pub(crate) fn flush(&mut self, out: &mut BytesMut) -> io::Result<()> {
        self.check_open()?;
        if self.state == State::Holding {
            self.drain(out, |codec, target| codec.flush(target))?;
            self.state = State::Flushed;
        }
        Ok(())
    }

    /// Appends the end of the stream; nothing the second time. The output of an empty body is a
    /// valid, empty stream.
    pub(crate) fn finish(&mut self, out: &mut BytesMut) -> io::Result<()> {
        if self.state != State::Finished {
            self.drain(out, |codec, target| codec.finish(target))?;
            self.state = State::Finished;
        }
        Ok(())
    }

    /// Repeats `write` until it says that it is done.
    fn drain(
        &mut self,
        out: &mut BytesMut,
        write: impl Fn(&mut dyn EncodeV2, &mut WriteBuffer<'_>) -> io::Result<bool>,
    ) -> io::Result<()> {
        while !append(out, STEP, |target| write(self.codec.as_mut(), target))? {}
        Ok(())
    }

    fn check_open(&self) -> io::Result<()> {
        match self.state {
            State::Finished => Err(io::Error::other("the body's coding was ended before its end")),
            State::Flushed | State::Holding => Ok(()),
        }
    }
}

fn brotli() -> BrotliEncoder {
    let params = EncoderParams::default()
        .quality(Level::Precise(BROTLI_QUALITY))
        .window_size(BROTLI_WINDOW_LOG);
    BrotliEncoder::new(params)
}

fn zstd() -> ZstdEncoder {
    let params = [
        CParameter::window_log(ZSTD_WINDOW_LOG),
        CParameter::hash_log(ZSTD_TABLE_LOG),
        CParameter::chain_log(ZSTD_TABLE_LOG),
    ];
    ZstdEncoder::new_with_params(ZSTD_LEVEL, &params)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::super::testing::{ALL, decode, encode, page};
    use super::*;

    #[test]
    fn a_second_flush_adds_nothing() {
        for coding in ALL {
            let (mut encoder, mut out) = (Encoder::new(coding), BytesMut::new());
            encoder.flush(&mut out).unwrap();
            assert!(out.is_empty(), "{coding}: a flush before the first byte");
            encoder.encode(b"half a page", &mut out).unwrap();
            encoder.flush(&mut out).unwrap();
            let flushed = out.clone();
            encoder.flush(&mut out).unwrap();
            encoder.encode(b"", &mut out).unwrap();
            encoder.flush(&mut out).unwrap();
            assert_eq!(out, flushed, "{coding}");
            encoder.finish(&mut out).unwrap();
            assert_eq!(decode(&[coding], &out).unwrap(), b"half a page", "{coding}");
        }
    }

    #[test]
    fn an_empty_body_is_a_valid_stream() {
        for coding in ALL {
            let wire = encode(coding, b"");
            assert!(!wire.is_empty(), "{coding}");
            assert_eq!(decode(&[coding], &wire), Ok(Vec::new()), "{coding}");
        }
    }

    #[test]
    fn the_end_is_written_once() {
        for coding in ALL {
            let (mut encoder, mut out) = (Encoder::new(coding), BytesMut::new());
            encoder.encode(b"page", &mut out).unwrap();
            encoder.finish(&mut out).unwrap();
            let whole = out.clone();
            encoder.finish(&mut out).unwrap();
            assert!(encoder.encode(b"more", &mut out).is_err(), "{coding}");
            assert!(encoder.flush(&mut out).is_err(), "{coding}");
            assert_eq!(out, whole, "{coding}");
        }
    }

    #[test]
    fn others_can_read_it() {
        let body = page(&mut fastrand::Rng::with_seed(5), 50_000);
        let (gzip, zlib) = (encode(Coding::Gzip, &body), encode(Coding::Deflate, &body));
        let readers: [&mut dyn Read; 2] = [
            &mut flate2::read::GzDecoder::new(&gzip[..]),
            &mut flate2::read::ZlibDecoder::new(&zlib[..]),
        ];
        for reader in readers {
            let mut read = Vec::new();
            reader.read_to_end(&mut read).unwrap();
            assert!(read == body);
        }
    }

    #[test]
    fn pages_shrink() {
        let body = page(&mut fastrand::Rng::with_seed(6), 100_000);
        for coding in ALL {
            let len = encode(coding, &body).len();
            assert!(len < body.len() / 3, "{coding}: {len}");
        }
    }
}
