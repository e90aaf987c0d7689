//! A host and perhaps a port, as URLs and `Host` have them (RFC 3986 section 3.2).

use std::net::Ipv6Addr;

/// The longest name that DNS can carry, in bytes (RFC 1035 section 3.1, written without the root).
const MAX_NAME: usize = 253;

/// A host and perhaps a port, in the form in which they are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    host: String,
    port: Option<u16>,
}

impl Address {
    /// Reads `host`, `host:port`, or either with an IP literal. Narrower than a URL's grammar:
    /// percent encoding and punctuation name nothing that resolves, and would travel on into fields
    /// where they mean something.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = str::from_utf8(bytes).ok()?;
        let (host, port) = split(text)?;
        Some(Self { host: normal(host)?, port: read_port(port)? })
    }

    /// Lower case, without trailing dot, IPv6 in brackets and shortened.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The port, or `default` where none is written.
    pub(crate) fn port_or(&self, default: u16) -> u16 {
        self.port.unwrap_or(default)
    }
}

/// The host, IPv6 with its brackets, and what follows a colon behind it.
fn split(text: &str) -> Option<(&str, Option<&str>)> {
    let end = match text.strip_prefix('[') {
        Some(rest) => rest.find(']')? + 2,
        None => text.find(':').unwrap_or(text.len()),
    };
    let (host, rest) = text.split_at(end);
    if rest.is_empty() {
        return Some((host, None));
    }
    Some((host, Some(rest.strip_prefix(':')?)))
}

fn normal(host: &str) -> Option<String> {
    if let Some(literal) = host.strip_prefix('[') {
        let address: Ipv6Addr = literal.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    is_name(name).then(|| name.to_ascii_lowercase())
}

/// Labels of letters, digits, hyphens and underscores, which covers IPv4.
fn is_name(name: &str) -> bool {
    let allowed = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let mut labels = name.as_bytes().split(|&b| b == b'.');
    name.len() <= MAX_NAME && labels.all(|label| !label.is_empty() && label.iter().all(allowed))
}

/// A colon without a port after it is valid and says nothing.
fn read_port(port: Option<&str>) -> Option<Option<u16>> {
    match port {
        None | Some("") => Some(None),
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            digits.parse().ok().filter(|&port| port != 0).map(Some)
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_normalised() {
        for (text, host, port) in [
            ("example.com", "example.com", None),
            ("EXAMPLE.com:443", "example.com", Some(443)),
            ("example.com.", "example.com", None),
            ("example.com.:80", "example.com", Some(80)),
            ("example.com:", "example.com", None),
            ("my_app:0080", "my_app", Some(80)),
            ("127.0.0.1:65535", "127.0.0.1", Some(65535)),
            ("[::1]", "[::1]", None),
            ("[2001:DB8:0:0::1]:8080", "[2001:db8::1]", Some(8080)),
            ("[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]", None),
        ] {
            let address = Address::parse(text.as_bytes()).unwrap();
            assert_eq!((address.host.as_str(), address.port), (host, port), "{text}");
        }
        assert!(Address::parse("a".repeat(253).as_bytes()).is_some());
    }

    #[test]
    fn what_names_no_host_is_refused() {
        for text in [
            "",
            ".",
            ":80",
            "a..b",
            ".a",
            "a b",
            "a,b",
            "u@a",
            "u:p@a",
            "a/b",
            "a?b",
            "a#b",
            "a%41",
            "a:b",
            "a:-1",
            "a:+1",
            "a:0",
            "a:65536",
            "a:80:80",
            "a: 80",
            "::1",
            "[::1",
            "[::1]x",
            "[::1]:x",
            "[fe80::1%25eth0]",
            "[v1.a]",
            "[1.2.3.4]",
            "[]",
            "a\\b",
            "a\tb",
            "\"a\"",
            "a;b",
            "b\u{fc}cher",
            "*.a",
            "a\0",
        ] {
            assert_eq!(Address::parse(text.as_bytes()), None, "{text}");
        }
        assert_eq!(Address::parse(b"a\xff"), None);
        assert_eq!(Address::parse("a".repeat(254).as_bytes()), None);
    }
}
