//! The origin's page for a case.

use encoding_rs::{Encoding, X_USER_DEFINED};

use super::corpus::Case;
use crate::support::Script;

const PAGE: &str = include_str!("../../hostile/page.html");

/// The page, with the case's key and arguments on it.
pub(super) fn of(case: &Case) -> Script {
    let label = case.charset.as_deref().unwrap_or("utf-8");
    // One that browsers may guess gets references only.
    let encoding = Encoding::for_label(label.as_bytes()).unwrap_or(X_USER_DEFINED);
    let meta = match label {
        "none" => String::new(),
        label => format!("<meta charset=\"{label}\">\n"),
    };
    let page = PAGE.replace("CHARSET", &meta).replace("KEY", &case.key());
    let mut body = Vec::new();
    for (nth, part) in page.split("ARGS").enumerate() {
        if nth > 0 {
            body.extend(arguments(case, encoding));
        }
        body.extend_from_slice(&encoding.encode(part).0);
    }
    Script::answer("text/html", body)
}

/// What stands between the quotes of the attribute.
fn arguments(case: &Case, encoding: &'static Encoding) -> Vec<u8> {
    if let Some(written) = &case.arguments {
        return bytes(written);
    }
    encoding.encode(&escape(&case.json())).0.into_owned()
}

/// The last three are what Japanese charsets write as something else.
fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    text.replace('¥', "&yen;").replace('‾', "&oline;").replace('−', "&minus;")
}

/// `%` and two digits are a byte; everything else stands for itself.
fn bytes(written: &str) -> Vec<u8> {
    let mut parts = written.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    bytes
}
