//! Where a request's body ends (RFC 9112 section 6).
//!
//! hyper has the first say and frames both sides anew; what is refused here besides would mean one
//! thing to it and another to the origin.

use hyper::Version;
use hyper::header::{CONTENT_LENGTH, HeaderMap, HeaderValue, TRANSFER_ENCODING};
use hyper::http::request::Parts;

use crate::proxy::error::{BadRequest, Failure};
use crate::proxy::hop;

/// How a request's body is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// There is none.
    None,
    /// By `Content-Length`, in bytes.
    Length(u64),
    /// By chunks.
    Chunked,
}

impl Framing {
    /// The framing of a request.
    ///
    /// # Errors
    /// 400 where the end of the body is uncertain, 501 for a coding underneath the chunks.
    pub(super) fn of(parts: &Parts) -> Result<Self, Failure> {
        if !parts.headers.contains_key(TRANSFER_ENCODING) {
            return Ok(length(&parts.headers)?.map_or(Self::None, Self::Length));
        }
        if parts.version == Version::HTTP_10 {
            return Err(BadRequest::TransferEncodingInvalid.into());
        }
        if parts.headers.contains_key(CONTENT_LENGTH) {
            return Err(BadRequest::FramingConflict.into());
        }
        check_codings(&parts.headers)?;
        Ok(Self::Chunked)
    }

    /// The body's length in bytes, where it is told beforehand.
    pub(crate) fn length(self) -> Option<u64> {
        match self {
            Self::Length(length) => Some(length),
            Self::None | Self::Chunked => None,
        }
    }

    /// Whether no byte of a body will come.
    pub(crate) fn is_empty(self) -> bool {
        matches!(self, Self::None | Self::Length(0))
    }

    /// Sets the one field that says this on the way to the origin. Chunks are announced even though
    /// hyper would: it takes a GET or HEAD that says nothing for one without a body, and drops it.
    pub(super) fn write(self, headers: &mut HeaderMap) {
        match self {
            Self::None => {}
            Self::Length(length) => {
                headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
            }
            Self::Chunked => {
                headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
            }
        }
    }
}

/// The codings must be `chunked` alone: once, last, and over nothing that is not undone here.
fn check_codings(headers: &HeaderMap) -> Result<(), Failure> {
    let chunked = |coding: &[u8]| coding.eq_ignore_ascii_case(b"chunked");
    let codings: Vec<&[u8]> = hop::members(headers, &TRANSFER_ENCODING).collect();
    match codings.split_last() {
        Some((last, [])) if chunked(last) => Ok(()),
        Some((last, rest)) if chunked(last) && !rest.iter().any(|coding| chunked(coding)) => {
            Err(Failure::NotImplemented)
        }
        _ => Err(BadRequest::TransferEncodingInvalid.into()),
    }
}

/// The one length on which all members of all lines agree (RFC 9110 section 8.6).
fn length(headers: &HeaderMap) -> Result<Option<u64>, BadRequest> {
    let mut agreed = None;
    let lines = headers.get_all(CONTENT_LENGTH).iter();
    for member in lines.flat_map(|line| line.as_bytes().split(|&b| b == b',')) {
        let length = number(member.trim_ascii()).ok_or(BadRequest::ContentLengthInvalid)?;
        if *agreed.get_or_insert(length) != length {
            return Err(BadRequest::ContentLengthConflict);
        }
    }
    Ok(agreed)
}

/// Digits only: `u64::from_str` would take a sign.
fn number(digits: &[u8]) -> Option<u64> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{lines, parts};
    use super::*;

    #[test]
    fn the_end_of_a_body_is_known() {
        for (fields, framing) in [
            ("", Framing::None),
            ("|Content-Length: 0", Framing::Length(0)),
            ("|Content-Length: 007", Framing::Length(7)),
            ("|Content-Length: 5|Content-Length: 5", Framing::Length(5)),
            ("|Content-Length: 5, 5", Framing::Length(5)),
            ("|Content-Length: 18446744073709551615", Framing::Length(u64::MAX)),
            ("|Transfer-Encoding: chunked", Framing::Chunked),
            ("|Transfer-Encoding: Chunked", Framing::Chunked),
            ("|Transfer-Encoding: , chunked,", Framing::Chunked),
        ] {
            let head = format!("POST / HTTP/1.1|Host: a{fields}");
            assert_eq!(Framing::of(&parts(&head)), Ok(framing), "{fields}");
        }
    }

    #[test]
    fn an_uncertain_end_is_refused() {
        use BadRequest::*;
        for (fields, failure) in [
            ("Content-Length:", ContentLengthInvalid.into()),
            ("Content-Length: +5", ContentLengthInvalid.into()),
            ("Content-Length: -5", ContentLengthInvalid.into()),
            ("Content-Length: 5 5", ContentLengthInvalid.into()),
            ("Content-Length: 5,", ContentLengthInvalid.into()),
            ("Content-Length: 0x5", ContentLengthInvalid.into()),
            ("Content-Length: 5.0", ContentLengthInvalid.into()),
            ("Content-Length: 18446744073709551616", ContentLengthInvalid.into()),
            ("Content-Length: 5|Content-Length: x", ContentLengthInvalid.into()),
            ("Content-Length: 5|Content-Length: 6", ContentLengthConflict.into()),
            ("Content-Length: 5, 6", ContentLengthConflict.into()),
            ("Transfer-Encoding: chunked|Content-Length: 5", FramingConflict.into()),
            ("Content-Length: 5|Transfer-Encoding: x", FramingConflict.into()),
            ("Transfer-Encoding:", TransferEncodingInvalid.into()),
            ("Transfer-Encoding: gzip", TransferEncodingInvalid.into()),
            ("Transfer-Encoding: identity", TransferEncodingInvalid.into()),
            ("Transfer-Encoding: xchunked", TransferEncodingInvalid.into()),
            ("Transfer-Encoding: chunked, identity", TransferEncodingInvalid.into()),
            ("Transfer-Encoding: chunked, chunked", TransferEncodingInvalid.into()),
            ("Transfer-Encoding: chunked|Transfer-Encoding: gzip", TransferEncodingInvalid.into()),
            ("Transfer-Encoding: chunked;q=1", TransferEncodingInvalid.into()),
            ("Transfer-Encoding: gzip, chunked", Failure::NotImplemented),
            ("Transfer-Encoding: gzip|Transfer-Encoding: chunked", Failure::NotImplemented),
        ] {
            let head = format!("POST / HTTP/1.1|Host: a|{fields}");
            assert_eq!(Framing::of(&parts(&head)), Err(failure), "{fields}");
        }
        let old = parts("POST / HTTP/1.0|Transfer-Encoding: chunked");
        assert_eq!(Framing::of(&old), Err(TransferEncodingInvalid.into()));
    }

    #[test]
    fn one_field_at_most_says_so() {
        for (framing, empty, expected) in [
            (Framing::None, true, &[][..]),
            (Framing::Length(0), true, &["content-length: 0"]),
            (Framing::Length(9), false, &["content-length: 9"]),
            (Framing::Chunked, false, &["transfer-encoding: chunked"]),
        ] {
            let mut headers = HeaderMap::new();
            framing.write(&mut headers);
            assert_eq!(lines(&headers), expected);
            assert_eq!(framing.is_empty(), empty);
        }
    }
}
