//! `Vary` (RFC 9110 section 12.5.5).

use hyper::header::{HeaderMap, HeaderName, HeaderValue, VARY};

use super::super::hop;

/// Adds those of `names` that the answer does not vary by already, on one line.
pub(crate) fn add(headers: &mut HeaderMap, names: &[HeaderName]) {
    // Most answers vary by nothing, and most pages by one thing.
    if let [name] = names
        && !headers.contains_key(VARY)
    {
        headers.insert(VARY, name.clone().into());
        return;
    }
    if names.is_empty() || hop::lists(headers, &VARY, "*") {
        return;
    }
    let new = names.iter().map(HeaderName::as_str).filter(|name| !hop::lists(headers, &VARY, name));
    let new: Vec<&str> = new.collect();
    if let Ok(new) = HeaderValue::from_str(&new.join(", "))
        && !new.is_empty()
    {
        headers.append(VARY, new);
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::{ACCEPT_ENCODING, ACCEPT_LANGUAGE, COOKIE};

    use super::super::super::request::testing::headers;
    use super::*;

    #[test]
    fn nothing_is_said_twice() {
        for (lines, expected) in [
            (&[][..], "cookie, accept-language"),
            (&["vary: Cookie"], "Cookie|accept-language"),
            (&["vary: origin", "vary: ACCEPT-LANGUAGE ,Cookie"], "origin|ACCEPT-LANGUAGE ,Cookie"),
            (&["vary: *"], "*"),
            (&["vary: origin, *"], "origin, *"),
            (&["vary: "], "|cookie, accept-language"),
            (&["vary: cookies"], "cookies|cookie, accept-language"),
        ] {
            let mut headers = headers(lines.iter().copied());
            add(&mut headers, &[COOKIE, ACCEPT_LANGUAGE]);
            add(&mut headers, &[COOKIE]);
            let found: Vec<_> = headers.get_all(VARY).iter().map(|v| v.to_str().unwrap()).collect();
            assert_eq!(found.join("|"), expected, "{lines:?}");
        }
        let mut headers = HeaderMap::new();
        add(&mut headers, &[]);
        assert!(headers.is_empty());
        add(&mut headers, &[ACCEPT_ENCODING]);
        assert_eq!(headers[VARY], "accept-encoding");
    }
}
