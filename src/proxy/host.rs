//! Which host a request is for (RFC 9112 section 3.2), and which site answers for it.
//!
//! Knows no request rule beyond the host, and nothing of what a site does.

mod address;
mod table;

use hyper::Version;
use hyper::header::{HOST, HeaderValue};
use hyper::http::request::Parts;

use super::error::BadRequest;

pub(crate) use self::address::Address;
pub(crate) use self::table::SiteTable;

/// The host that a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Host(Option<Named>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    field: HeaderValue,
    address: Address,
}

impl Host {
    /// HTTP/1.0 knows requests for no host in particular.
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// The name to match sites by: lower case, without port and trailing dot, IPv6 in brackets.
    pub(crate) fn name(&self) -> Option<&str> {
        self.0.as_ref().map(|named| named.address.host())
    }

    /// Host and port as the visitor wrote them; ASCII.
    pub(crate) fn field(&self) -> Option<&HeaderValue> {
        self.0.as_ref().map(|named| &named.field)
    }
}

/// The host that a request is for: that of an absolute target, else that of `Host`.
///
/// # Errors
/// `Host` is repeated, names no host, or is missing from HTTP/1.1; an absolute target does not
/// excuse it (RFC 9112 section 3.2). Both are held to be names that could resolve: no user, no
/// percent encoding, no list.
pub(crate) fn authority(parts: &Parts) -> Result<Host, BadRequest> {
    let field = field(parts)?;
    if parts.uri.scheme().is_some()
        && let Some(target) = parts.uri.authority()
    {
        let value = HeaderValue::from_str(target.as_str());
        return named(&value.map_err(|_| BadRequest::HostInvalid)?);
    }
    Ok(field.unwrap_or(Host::none()))
}

fn field(parts: &Parts) -> Result<Option<Host>, BadRequest> {
    let mut lines = parts.headers.get_all(HOST).iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => named(line).map(Some),
        (Some(_), Some(_)) => Err(BadRequest::HostRepeated),
        (None, _) if parts.version == Version::HTTP_10 => Ok(None),
        (None, _) => Err(BadRequest::HostMissing),
    }
}

fn named(field: &HeaderValue) -> Result<Host, BadRequest> {
    let address = Address::parse(field.as_bytes()).ok_or(BadRequest::HostInvalid)?;
    Ok(Host(Some(Named { field: field.clone(), address })))
}

#[cfg(test)]
mod tests {
    use super::super::request::testing::parts;
    use super::*;

    #[test]
    fn the_host_is_the_targets_or_the_fields() {
        for (head, name, field) in [
            ("GET / HTTP/1.1|Host: a.example", Some("a.example"), Some("a.example")),
            ("GET / HTTP/1.1|Host: A.Example.:8080", Some("a.example"), Some("A.Example.:8080")),
            (
                "GET / HTTP/1.1|Host: [2001:DB8::0:1]:80",
                Some("[2001:db8::1]"),
                Some("[2001:DB8::0:1]:80"),
            ),
            ("GET http://B:81/x HTTP/1.1|Host: a", Some("b"), Some("B:81")),
            ("GET https://b/ HTTP/1.0", Some("b"), Some("b")),
            ("GET / HTTP/1.0|Host: a", Some("a"), Some("a")),
            ("GET / HTTP/1.0", None, None),
            ("OPTIONS * HTTP/1.1|Host: a", Some("a"), Some("a")),
        ] {
            let host = authority(&parts(head)).unwrap();
            assert_eq!(host.name(), name, "{head}");
            assert_eq!(host.field().map(|field| field.to_str().unwrap()), field, "{head}");
        }
    }

    #[test]
    fn each_slip_is_named() {
        use BadRequest::{HostInvalid, HostMissing, HostRepeated};
        for (head, reason) in [
            ("GET / HTTP/1.1", HostMissing),
            ("GET http://a/ HTTP/1.1", HostMissing),
            ("GET / HTTP/1.1|Host: a|Host: b", HostRepeated),
            ("GET / HTTP/1.1|Host: a|Host: a", HostRepeated),
            ("GET / HTTP/1.0|Host: a|Host: a", HostRepeated),
            ("GET http://b/ HTTP/1.1|Host: a|Host: b", HostRepeated),
            ("GET / HTTP/1.1|Host:", HostInvalid),
            ("GET / HTTP/1.0|Host: a b", HostInvalid),
            ("GET / HTTP/1.1|Host: a, b", HostInvalid),
            ("GET / HTTP/1.1|Host: user@a", HostInvalid),
            ("GET / HTTP/1.1|Host: http://a", HostInvalid),
            ("GET / HTTP/1.1|Host: a/b", HostInvalid),
            ("GET http://user@a/ HTTP/1.1|Host: a", HostInvalid),
            ("GET http://b/ HTTP/1.1|Host: a b", HostInvalid),
            ("GET http://a:99999/ HTTP/1.1|Host: a", HostInvalid),
            ("GET / HTTP/1.1|Host: b\u{fc}cher", HostInvalid),
        ] {
            assert_eq!(authority(&parts(head)), Err(reason), "{head}");
        }
    }
}
