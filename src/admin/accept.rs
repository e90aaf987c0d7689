//! Whether a request asks for JSON. Knows `Accept` and nothing else.

use hyper::header::{ACCEPT, HeaderMap};

/// Whether `application/json` is named and not liked less than `text/html`. `*/*` names nothing:
/// whoever takes anything can read a page.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let json = weight(headers, "application/json");
    json > 0.0 && json >= weight(headers, "text/html")
}

/// The weight of a media type that is named; 0 where it is not.
fn weight(headers: &HeaderMap, kind: &str) -> f32 {
    let lines = headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok());
    let weights = lines.flat_map(|line| line.split(',')).filter_map(|member| {
        let mut parts = member.split(';').map(str::trim);
        parts.next()?.eq_ignore_ascii_case(kind).then(|| parts.find_map(quality).unwrap_or(1.0))
    });
    weights.fold(0.0, f32::max)
}

/// The value of `q=`; what is no number counts as nothing.
fn quality(parameter: &str) -> Option<f32> {
    let (name, value) = parameter.split_once('=')?;
    name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse().unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn json_is_for_those_who_name_it() {
        for (accept, json) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/json, text/plain, */*", true),
            ("text/html;q=0.5, application/json;q=0.5", true),
            ("text/html, application/json;q=0.9", false),
            ("application/json;q=0", false),
            ("application/json; Q=abc", false),
            ("application/json;q=nan", false),
            ("text/html,application/xhtml+xml,*/*;q=0.8", false),
            ("*/*", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            assert!(!is_json(&headers));
            headers.append(ACCEPT, HeaderValue::from_static("image/png"));
            headers.append(ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(is_json(&headers), json, "{accept}");
        }
    }
}
