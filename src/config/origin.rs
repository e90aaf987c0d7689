//! The address of the server behind a site, from its URL.

use hyper::Uri;
use hyper::http::uri::{Authority, Scheme};

use super::fault::Fault;
use super::host;

const EXAMPLE: &str = "write a scheme, a host and maybe a port: \"http://127.0.0.1:3000\"";

/// Scheme and authority of an origin's URL. The authority is in lower case and has no port where it
/// is the scheme's own, so that two spellings of an address compare equal.
pub(super) fn parse(text: &str) -> Result<(Scheme, Authority), Fault> {
    // The URI parser drops a fragment without a word.
    if text.contains('#') {
        return Err(refused(text, "it has a fragment", "leave out `#` and what follows"));
    }
    let uri: Uri = text.parse().map_err(|_| refused(text, "it is no URL", EXAMPLE))?;
    let scheme = scheme(text, &uri)?;
    bare(text, &uri)?;
    let authority = uri.authority().ok_or_else(|| refused(text, "it has no host", EXAMPLE))?;
    Ok((scheme.clone(), normal(text, &scheme, authority)?))
}

fn scheme(text: &str, uri: &Uri) -> Result<Scheme, Fault> {
    match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS => Ok(scheme.clone()),
        Some(_) => Err(refused(text, "its scheme is neither http nor https", EXAMPLE)),
        None => Err(refused(text, "it has no scheme", EXAMPLE)),
    }
}

/// An origin is a server, not a page: nothing may follow its authority.
fn bare(text: &str, uri: &Uri) -> Result<(), Fault> {
    if uri.query().is_some() {
        return Err(refused(text, "it has a query", "leave out `?` and what follows"));
    }
    if !matches!(uri.path(), "" | "/") {
        let help = "leave the path out: a visitor's path goes to the origin as it is";
        return Err(refused(text, "it has a path", help));
    }
    Ok(())
}

fn normal(text: &str, scheme: &Scheme, authority: &Authority) -> Result<Authority, Fault> {
    if authority.as_str().contains('@') {
        let help = "leave out the user and password: secrets do not belong in this file";
        return Err(refused(text, "it has a user", help));
    }
    let name = host::host(authority.host())?;
    let port = port(text, authority)?.filter(|port| *port != default_port(scheme));
    let normal = match port {
        Some(port) => format!("{name}:{port}"),
        None => name,
    };
    normal.parse().map_err(|_| refused(text, "it is no URL", EXAMPLE))
}

/// The port if there is one. A colon without a valid port after it is a slip, not a default.
fn port(text: &str, authority: &Authority) -> Result<Option<u16>, Fault> {
    match authority.port_u16() {
        Some(0) => Err(refused(text, "its port is 0", "write a port from 1 to 65535")),
        None if authority.as_str() != authority.host() => {
            Err(refused(text, "its port is no number", "write a port from 1 to 65535"))
        }
        port => Ok(port),
    }
}

fn default_port(scheme: &Scheme) -> u16 {
    if *scheme == Scheme::HTTPS { 443 } else { 80 }
}

fn refused(text: &str, reason: &str, help: &str) -> Fault {
    Fault::new(format!("`{text}` cannot be an origin: {reason}"), help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_normalised() {
        for (text, expected) in [
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("http://Shop.Internal/", "http://shop.internal"),
            ("http://a:80", "http://a"),
            ("https://a:443/", "https://a"),
            ("https://a:80", "https://a:80"),
            ("HTTP://a", "http://a"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            let found = parse(text).map(|(scheme, authority)| format!("{scheme}://{authority}"));
            assert_eq!(found.as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn each_slip_is_named() {
        for (text, reason) in [
            ("", "no URL"),
            ("localhost:3000", "no scheme"),
            ("/path", "no scheme"),
            ("ftp://a", "neither http"),
            ("http://", "no URL"),
            ("http://a/b", "path"),
            ("http://a?b", "query"),
            ("http://a/?b", "query"),
            ("http://a#b", "fragment"),
            ("http://u:p@a", "user"),
            ("http://a:", "port"),
            ("http://a:0", "port"),
            ("http://a:65536", "port"),
            ("http://bücher", "no URL"),
            ("http://*.a", "first labels"),
            ("http://1.2.3", "IPv4"),
        ] {
            let fault = parse(text).unwrap_err();
            assert!(fault.message.contains(reason), "{text}: {}", fault.message);
        }
    }
}
