//! Content codings (RFC 9110 §8.4.1): which ones a body has, which ones a client takes, and how to
//! undo and apply them on a stream.
//!
//! Bytes in, bytes out: nothing here knows bodies, tasks or pages. Memory is bounded whatever the
//! bytes say: a step of decoding appends no more than its caller allows.

mod accept;
mod append;
mod decode;
mod encode;
mod member;
mod stage;
#[cfg(test)]
mod testing;

use std::{error, fmt};

use hyper::header::{CONTENT_ENCODING, HeaderMap};

pub(crate) use self::accept::{accepts, best, narrow};
pub(crate) use self::decode::{DecodeError, Decoder, Progress};
pub(crate) use self::encode::Encoder;

/// More codings than this on one body are refused: each costs a decoder, and no honest origin
/// stacks even two.
const MAX_STACKED: usize = 3;

/// A content coding that can be undone and applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Coding {
    /// RFC 1952, one or more members; `x-gzip` is the same (RFC 9110 §8.4.1.3).
    Gzip,
    /// RFC 1950, the zlib format. Some origins send bare RFC 1951 under this name.
    Deflate,
    /// RFC 7932.
    Brotli,
    /// RFC 8878, with the window that RFC 9659 allows.
    Zstd,
}

impl Coding {
    /// The coding that `token` names, in any case; `None` for `identity` and for unknown names.
    pub(crate) fn parse(token: &[u8]) -> Option<Self> {
        const NAMES: [(&str, Coding); 5] = [
            ("gzip", Coding::Gzip),
            ("x-gzip", Coding::Gzip),
            ("deflate", Coding::Deflate),
            ("br", Coding::Brotli),
            ("zstd", Coding::Zstd),
        ];
        let (_, coding) =
            NAMES.into_iter().find(|(name, _)| token.eq_ignore_ascii_case(name.as_bytes()))?;
        Some(coding)
    }

    /// The registered token, as it is written in a header.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a body's codings cannot be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodingsError {
    /// `Content-Encoding` names a coding that is not one of [`Coding`].
    UnknownCoding,
    /// More codings on top of each other than are undone.
    TooMany,
}

impl fmt::Display for CodingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCoding => f.write_str(
                "Content-Encoding names an unknown coding; \
                 let the origin send gzip, deflate, br, zstd or none",
            ),
            Self::TooMany => write!(
                f,
                "Content-Encoding stacks more than {MAX_STACKED} codings; let the origin send one"
            ),
        }
    }
}

impl error::Error for CodingsError {}

/// The codings of a body in the order they were applied (RFC 9110 §8.4): all lines of
/// `Content-Encoding`, without `identity`. Empty for a plain body.
pub(crate) fn from_headers(headers: &HeaderMap) -> Result<Vec<Coding>, CodingsError> {
    let mut codings = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        for token in elements(value.as_bytes()) {
            if token.eq_ignore_ascii_case(b"identity") {
                continue;
            }
            codings.push(Coding::parse(token).ok_or(CodingsError::UnknownCoding)?);
        }
    }
    if codings.len() > MAX_STACKED {
        return Err(CodingsError::TooMany);
    }
    Ok(codings)
}

/// The elements of a comma-separated list (RFC 9110 §5.6.1); empty ones are skipped.
fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii).filter(|element| !element.is_empty())
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn headers(lines: &[&[u8]]) -> HeaderMap {
        let values = lines.iter().map(|line| HeaderValue::from_bytes(line).unwrap());
        values.map(|value| (CONTENT_ENCODING, value)).collect()
    }

    #[test]
    fn reads_every_line_in_order() {
        use Coding::*;
        let cases: [(&[&[u8]], &[Coding]); 8] = [
            (&[], &[]),
            (&[b""], &[]),
            (&[b"identity"], &[]),
            (&[b"gzip"], &[Gzip]),
            (&[b"X-GZip"], &[Gzip]),
            (&[b" br ,, Identity,\tzstd"], &[Brotli, Zstd]),
            (&[b"deflate", b"gzip"], &[Deflate, Gzip]),
            (&[b"gzip, gzip", b"gzip"], &[Gzip, Gzip, Gzip]),
        ];
        for (lines, expected) in cases {
            assert_eq!(from_headers(&headers(lines)).as_deref(), Ok(expected), "{lines:?}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let cases: [(&[&[u8]], CodingsError); 5] = [
            (&[b"gzip, gzip", b"gzip, br"], CodingsError::TooMany),
            (&[b"gzip, compress"], CodingsError::UnknownCoding),
            (&[b"gzip;q=1"], CodingsError::UnknownCoding),
            (&[b"br gzip"], CodingsError::UnknownCoding),
            (&[b"gz\xffip"], CodingsError::UnknownCoding),
        ];
        for (lines, expected) in cases {
            assert_eq!(from_headers(&headers(lines)), Err(expected), "{lines:?}");
        }
    }

    #[test]
    fn names_read_back() {
        for coding in testing::ALL {
            assert_eq!(Coding::parse(coding.as_str().as_bytes()), Some(coding));
        }
        assert_eq!(Coding::parse(b"identity"), None);
    }

    #[test]
    fn moves_between_threads() {
        fn send<T: Send>() {}
        send::<Decoder>();
        send::<Encoder>();
    }
}
