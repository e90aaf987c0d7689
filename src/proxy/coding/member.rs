//! One self-contained compressed stream: a gzip member, a zstd frame, a zlib, raw deflate or brotli
//! stream. Knows where it ends, not what may follow.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use compression_codecs::zstd::params::DParameter;
use compression_codecs::{
    BrotliDecoder, DecodeV2, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder,
};
use compression_core::util::{PartialBuffer, WriteBuffer};

use super::Coding;
use super::append::append;
use super::decode::DecodeError;

/// The most output of one step, in bytes. Larger steps are no faster, much smaller ones are slower.
const STEP: usize = 16 * 1024;

/// log₂ of the largest zstd window: 8 MiB (RFC 9659 §3).
const ZSTD_WINDOW_LOG: u32 = 23;

/// How libzstd names `ZSTD_error_frameParameter_windowTooLarge`; its code is out of reach here.
const ZSTD_WINDOW_ERROR: &str = "Frame requires too much memory for decoding";

/// A stream being decoded.
pub(super) struct Member {
    coding: Coding,
    codec: Box<dyn DecodeV2 + Send>,
    /// The last step left no room, so the codec may hold output back.
    full: bool,
}

impl Member {
    /// A decoder for a stream of `coding`, in the format that the coding's name stands for.
    ///
    /// Memory: 46 KiB for gzip and deflate; for brotli and zstd the window that the stream asks
    /// for, at most 16 MiB (RFC 7932 §9.1; larger ones are for the caller to refuse) and 8 MiB.
    pub(super) fn new(coding: Coding) -> Self {
        let codec: Box<dyn DecodeV2 + Send> = match coding {
            Coding::Gzip => Box::new(GzipDecoder::new()),
            Coding::Deflate => Box::new(ZlibDecoder::new()),
            Coding::Brotli => Box::new(BrotliDecoder::new()),
            Coding::Zstd => {
                let window = DParameter::window_log_max(ZSTD_WINDOW_LOG);
                Box::new(ZstdDecoder::new_with_params(&[window]))
            }
        };
        Self { coding, codec, full: false }
    }

    /// A decoder for bare deflate data (RFC 1951) under the name `deflate`.
    pub(super) fn raw_deflate() -> Self {
        Self { coding: Coding::Deflate, codec: Box::new(DeflateDecoder::new()), full: false }
    }

    /// Whether a step can do anything; if not, more input is needed.
    pub(super) fn can_step(&self, input: &Bytes) -> bool {
        self.full || !input.is_empty()
    }

    /// Decodes once: takes from `input`, appends at most `room` bytes to `out`, and returns whether
    /// the stream has ended. Bytes behind its end stay in `input`.
    pub(super) fn step(
        &mut self,
        input: &mut Bytes,
        out: &mut BytesMut,
        room: usize,
    ) -> Result<bool, DecodeError> {
        let (start, room) = (out.len(), room.min(STEP));
        let mut source = PartialBuffer::new(input.as_ref());
        let result = append(out, room, |target| self.run(&mut source, target));
        let (offered, read) = (input.len(), source.written_len());
        input.advance(read);

        let ended = result.map_err(|error| blame(self.coding, &error))?;
        self.full = out.len() - start == room;
        let stuck = offered > 0 && read == 0 && out.len() == start && !ended;
        if stuck {
            return Err(DecodeError::Corrupt(self.coding));
        }
        Ok(ended)
    }

    fn run(
        &mut self,
        source: &mut PartialBuffer<&[u8]>,
        target: &mut WriteBuffer<'_>,
    ) -> io::Result<bool> {
        let inflates = matches!(self.coding, Coding::Gzip | Coding::Deflate);
        if inflates && source.unwritten().is_empty() {
            // zlib calls it an error when it has nothing to do, unless it is asked to flush.
            return self.codec.flush(target).map(|_| false);
        }
        self.codec.decode(source, target)
    }

    /// Whether the stream was complete after all: the end of a raw deflate stream can be in bits
    /// that were read before the output filled up.
    pub(super) fn is_complete(&mut self) -> bool {
        let mut nothing = WriteBuffer::new_initialized(&mut []);
        matches!(self.codec.finish(&mut nothing), Ok(true))
    }
}

fn blame(coding: Coding, error: &io::Error) -> DecodeError {
    if coding == Coding::Zstd && error.to_string() == ZSTD_WINDOW_ERROR {
        return DecodeError::WindowTooLarge(coding);
    }
    DecodeError::Corrupt(coding)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a member to its end, or until it needs more input.
    fn run(mut member: Member, wire: &[u8], room: usize) -> Result<(Vec<u8>, bool), DecodeError> {
        let (mut input, mut out) = (Bytes::copy_from_slice(wire), BytesMut::new());
        while member.can_step(&input) {
            if member.step(&mut input, &mut out, room)? {
                return Ok((out.to_vec(), true));
            }
        }
        Ok((out.to_vec(), member.is_complete()))
    }

    /// What the reference tools write.
    #[test]
    fn decodes_foreign_streams() {
        let text = b"hello hello hello hello page";
        let cases: [(Coding, &[u8], &[u8]); 3] = [
            (
                Coding::Gzip,
                b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x57\
                  \xc8\xc0\x20\x0b\x12\xd3\x53\x01\x28\xf4\xf6\x8c\x1c\x00\x00\x00",
                text,
            ),
            (
                Coding::Zstd,
                b"\x28\xb5\x2f\xfd\x04\x58\x85\x00\x00\x50\x68\x65\x6c\x6c\x6f\x20\
                  \x70\x61\x67\x65\x01\x00\xf1\x4a\x11\xde\xc8\xe9\xb5",
                text,
            ),
            (Coding::Brotli, b"\x0b\x00\x80X\x03", b"X"),
        ];
        for (coding, wire, expected) in cases {
            assert_eq!(
                run(Member::new(coding), wire, 1),
                Ok((expected.to_vec(), true)),
                "{coding}"
            );
        }
    }

    #[test]
    fn finds_the_end_of_raw_deflate_in_the_bits_it_holds() {
        let wire = [0x4b, 0x04, 0x00]; // "a": the end of the block shares a byte with it
        for room in [1, 2] {
            assert_eq!(run(Member::raw_deflate(), &wire, room), Ok((b"a".to_vec(), true)));
        }
    }

    #[test]
    fn refuses_large_zstd_windows() {
        let zstd = |exponent: u8| [0x28, 0xb5, 0x2f, 0xfd, 0, exponent << 3, 1, 0, 0];
        let complete = Ok((Vec::new(), true));
        assert_eq!(run(Member::new(Coding::Zstd), &zstd(13), 64), complete, "8 MiB");
        let refused = Err(DecodeError::WindowTooLarge(Coding::Zstd));
        assert_eq!(run(Member::new(Coding::Zstd), &zstd(14), 64), refused, "16 MiB");
    }
}
