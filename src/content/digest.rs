//! SHA-256 digests, by which published bytes are named and pinned.

use std::fmt;
use std::io;

use aws_lc_rs::digest::{Context, SHA256};

/// Digested in a tenth of a millisecond.
const PIECE: usize = 128 << 10;

/// A SHA-256 digest (FIPS 180-4). Written as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Of `bytes`. Of many, others get their turn in between.
    pub fn of(bytes: &[u8]) -> Self {
        let mut context = Context::new(&SHA256);
        for piece in bytes.chunks(PIECE) {
            context.update(piece);
            if piece.len() == PIECE {
                std::thread::yield_now();
            }
        }
        Self::from_ring(&context.finish())
    }

    /// Reads 64 lower-case hex digits, and nothing else: a digest names a file.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Some(Self(bytes))
    }

    /// Its first 8 bytes as 16 hex digits: enough to tell the releases of one site apart.
    pub fn short(&self) -> String {
        let mut name = self.to_string();
        name.truncate(16);
        name
    }

    fn from_ring(digest: &aws_lc_rs::digest::Digest) -> Self {
        let mut bytes = [0; 32];
        // Always 32 bytes; a shorter source would leave zeros, never a panic.
        for (byte, from) in bytes.iter_mut().zip(digest.as_ref()) {
            *byte = *from;
        }
        Self(bytes)
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Digests what is written to it.
pub(super) struct Digester(Context);

impl Digester {
    pub(super) fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    pub(super) fn finish(self) -> Digest {
        Digest::from_ring(&self.0.finish())
    }
}

impl io::Write for Digester {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// FIPS 180-4's example.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn digests_are_written_and_read_as_hex() {
        assert_eq!(Digest::of(b"abc").to_string(), ABC);
        assert_eq!(Digest::parse(ABC), Some(Digest::of(b"abc")));
        assert_eq!(Digest::of(b"abc").short(), &ABC[..16]);
        for bad in ["", &ABC[1..], &ABC.to_uppercase(), &ABC.replace('b', "g"), &format!("{ABC}0")]
        {
            assert_eq!(Digest::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn pieces_digest_as_the_whole() {
        let mut digester = Digester::new();
        digester.write_all(b"a").unwrap();
        digester.write_all(b"bc").unwrap();
        assert_eq!(digester.finish(), Digest::of(b"abc"));
    }
}
