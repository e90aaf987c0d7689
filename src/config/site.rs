//! Stage two for one `[[site]]`.

use encoding_rs::Encoding;

use super::choice::choose;
use super::claims::Claims;
use super::fault::{Fault, Problems};
use super::place::Written;
use super::{host, locale, origin, selectors, variables, written};
use crate::proxy::{HostHeader, HostPattern, Origin, Site};
use crate::weave::LabelName;

/// The name of a site that has neither a name nor hosts.
const NAMELESS: &str = "site";

const HOST_HEADERS: &[(&str, HostHeader)] =
    &[("visitor", HostHeader::Visitor), ("origin", HostHeader::Origin)];

/// The site that was `written`, or none where its origin cannot be told; every problem is noted
/// either way.
pub(super) fn site(
    written: &written::Site,
    claims: &mut Claims,
    problems: &mut Problems,
) -> Option<Site> {
    let name = name(written, claims, problems);
    let hosts = hosts(written, &name, claims, problems);
    let origin = origin(written, problems);
    let label = problems.parse_given(written.label.as_ref(), label);
    let locale = locale::locale(&written.locale, problems);
    let label = label.unwrap_or_default();
    let selectors = selectors::selectors(written.selectors.as_deref(), &label, problems);
    let variables = variables::variables(written.variables.as_deref(), problems);
    let charset = problems.parse_given(written.charset.as_ref(), charset);
    Some(Site {
        name,
        hosts,
        origin: origin?,
        label,
        selectors,
        locale,
        variables,
        charset,
        compress: written.compress.as_ref().is_some_and(|compress| compress.value),
    })
}

fn name(written: &written::Site, claims: &mut Claims, problems: &mut Problems) -> String {
    let explicit = problems.parse_given(written.name.as_ref(), site_name);
    let at = written.name.as_ref().map_or(&written.at, |name| &name.at);
    let name = explicit.clone().unwrap_or_else(|| default_name(written));
    claims.name(&name, explicit.is_some(), at, problems);
    name
}

fn default_name(written: &written::Site) -> String {
    let first = written.hosts.as_ref().and_then(|hosts| hosts.first());
    first.map_or_else(|| NAMELESS.to_owned(), |host| host.value.to_ascii_lowercase())
}

/// Names stand in log lines and will stand in URLs, so they are kept to what needs no quoting.
fn site_name(text: &str) -> Result<String, Fault> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    if (1..=64).contains(&text.len()) && text.bytes().all(plain) {
        return Ok(text.to_owned());
    }
    let help = "use 1 to 64 letters, digits, dots, hyphens and underscores";
    Err(Fault::new(format!("`{text}` cannot name a site"), help))
}

fn hosts(
    written: &written::Site,
    name: &str,
    claims: &mut Claims,
    problems: &mut Problems,
) -> Vec<HostPattern> {
    let Some(hosts) = &written.hosts else {
        claims.every_host(name, &written.at, problems);
        return Vec::new();
    };
    let mut patterns = Vec::new();
    for host in hosts {
        let Some(value) = problems.parse(host, host::pattern) else {
            continue;
        };
        claims.host(&Written { value: value.clone(), at: host.at.clone() }, name, problems);
        patterns.push(value);
    }
    patterns
}

fn origin(written: &written::Site, problems: &mut Problems) -> Option<Origin> {
    let host = problems.parse_given(written.host.as_ref(), |word| choose(word, HOST_HEADERS));
    let (scheme, authority) = problems.parse_given(written.origin.as_ref(), origin::parse)?;
    Some(Origin { scheme, authority, host: host.unwrap_or_default() })
}

fn label(text: &str) -> Result<LabelName, Fault> {
    LabelName::new(text).map_err(|reason| {
        let help = "name an attribute, such as \"data-overprint\" or \"data-i18n\"";
        Fault::new(reason, help)
    })
}

/// A charset by any of its labels in the WHATWG Encoding Standard, if labels can be found in its
/// bytes: UTF-16, ISO-2022-JP and "replacement" do not write ASCII as ASCII.
fn charset(text: &str) -> Result<&'static Encoding, Fault> {
    let Some(encoding) = Encoding::for_label(text.as_bytes()) else {
        let help = "use a name that browsers know, such as \"utf-8\" or \"windows-1252\"";
        return Err(Fault::new(format!("`{text}` is not a charset"), help));
    };
    if encoding.is_ascii_compatible() {
        return Ok(encoding);
    }
    let message = format!("pages in `{text}` cannot be printed on: it does not contain ASCII");
    Err(Fault::new(message, "leave `charset` out; such pages pass through as they are"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charsets_must_contain_ascii() {
        for text in ["utf-8", "latin1", "Shift_JIS", "gb18030"] {
            assert!(charset(text).is_ok(), "{text}");
        }
        for text in ["utf-16", "utf-16be", "iso-2022-jp", "hz-gb-2312", "klingon", ""] {
            assert!(charset(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_need_no_quoting() {
        assert!(site_name("shop-2.eu").is_ok());
        for text in ["", "a b", "a/b", "ä", "a\n", &"a".repeat(65)] {
            assert!(site_name(text).is_err(), "{text}");
        }
    }
}
