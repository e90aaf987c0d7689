//! Host names and the patterns that match them.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::fault::Fault;
use crate::proxy::HostPattern;

const EXAMPLES: &str = "write a host as browsers send it: \"www.example.com\" or \"*.example.org\"";

/// The longest name that DNS can carry, in bytes (RFC 1035 section 3.1, written without the root).
const MAX_NAME: usize = 253;
/// The longest label (RFC 1035 section 2.3.4).
const MAX_LABEL: usize = 63;

/// A pattern for the hosts of a site.
pub(super) fn pattern(text: &str) -> Result<HostPattern, Fault> {
    if text == "*" {
        let message = "`*` is not a host";
        return Err(Fault::new(message, "leave `hosts` out to answer every host"));
    }
    let Some(suffix) = text.strip_prefix("*.") else {
        return host(text).map(HostPattern::Exact);
    };
    let suffix = host(suffix).map_err(|fault| refused(text, fault))?;
    if is_address(&suffix) {
        return Err(Fault::new(format!("`{text}` puts a wildcard before an address"), EXAMPLES));
    }
    Ok(HostPattern::Wildcard(suffix))
}

/// A host name or IP literal in the form in which a `Host` header is compared: lower case, IPv6 in
/// brackets and shortened, no port.
pub(super) fn host(text: &str) -> Result<String, Fault> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    if let Ok(address) = bare.parse::<Ipv6Addr>() {
        return Ok(format!("[{address}]"));
    }
    let name = text.to_ascii_lowercase();
    match slip(&name) {
        Some((slip, help)) => Err(Fault::new(format!("`{text}` is not a host: {slip}"), help)),
        None => Ok(name),
    }
}

/// What is wrong with a lower-case name, and what to do; the most telling slip first.
fn slip(name: &str) -> Option<(&'static str, &'static str)> {
    let labels = || name.split('.');
    let found = if name.is_empty() {
        ("it is empty", EXAMPLES)
    } else if name.contains("://") {
        ("it has a scheme", "write the host alone, without a scheme")
    } else if name.contains('/') {
        ("it has a path", "write the host alone, without a path")
    } else if name.contains(':') {
        ("it has a port", "write the host alone; it is matched on every port")
    } else if name.contains('*') {
        ("`*` may only stand for the first labels", "write \"*.\" and then a whole host name")
    } else if !name.is_ascii() {
        ("it is not ASCII", "write it in punycode (\"xn--…\"), as browsers send it")
    } else if name.ends_with('.') {
        ("it ends in a dot", "leave the last dot out")
    } else if !labels().all(is_label) {
        (
            "a label is empty, too long or has a forbidden character",
            "use letters, digits and inner hyphens",
        )
    } else if name.len() > MAX_NAME {
        ("it is longer than 253 bytes", EXAMPLES)
    } else if ends_in_number(name) && !is_address(name) {
        ("it looks like an IPv4 address and is none", "write four numbers from 0 to 255")
    } else {
        return None;
    };
    Some(found)
}

/// Letters, digits, hyphens inside; underscores, too, which names of internal services have.
fn is_label(label: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    (1..=MAX_LABEL).contains(&label.len())
        && label.bytes().all(allowed)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// The URL Standard reads a host whose last label is a number as an IPv4 address or not at all, so
/// no browser ever asks for another ("ends in a number checker").
fn ends_in_number(name: &str) -> bool {
    name.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()))
}

fn is_address(host: &str) -> bool {
    host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok()
}

/// A fault of the suffix, told of the whole pattern.
fn refused(text: &str, fault: Fault) -> Fault {
    let reason = fault.message.rsplit_once(": ").map_or("", |(_, reason)| reason);
    Fault { message: format!("`{text}` is not a host pattern: {reason}"), ..fault }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_normalised() {
        let exact = |host: &str| Ok(HostPattern::Exact(host.to_owned()));
        for (text, expected) in [
            ("WWW.Example.com", exact("www.example.com")),
            ("localhost", exact("localhost")),
            ("xn--bcher-kva.example", exact("xn--bcher-kva.example")),
            ("my_app", exact("my_app")),
            ("127.0.0.1", exact("127.0.0.1")),
            ("::1", exact("[::1]")),
            ("[2001:DB8:0::1]", exact("[2001:db8::1]")),
            ("*.Example.org", Ok(HostPattern::Wildcard("example.org".to_owned()))),
        ] {
            assert_eq!(pattern(text), expected, "{text}");
        }
    }

    #[test]
    fn each_slip_is_named() {
        for (text, reason) in [
            ("", "empty"),
            ("http://a", "scheme"),
            ("a/b", "path"),
            ("a:80", "port"),
            ("[::1]:80", "port"),
            ("::1]", "port"),
            ("www.*.com", "first labels"),
            ("*.*.com", "first labels"),
            ("*example.com", "first labels"),
            ("bücher.example", "ASCII"),
            ("example.com.", "dot"),
            ("a..b", "label"),
            ("-a.b", "label"),
            ("a b", "label"),
            ("1.2.3", "IPv4"),
            ("1.2.3.256", "IPv4"),
            ("*.127.0.0.1", "wildcard"),
            ("*.", "empty"),
        ] {
            let fault = pattern(text).unwrap_err();
            assert!(fault.message.contains(reason), "{text}: {}", fault.message);
        }
        assert!(pattern(&format!("{}.example", "a".repeat(64))).is_err());
        assert!(pattern(&["a"; 128].join(".")).is_err());
    }
}
