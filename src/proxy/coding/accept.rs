//! Reads and narrows `Accept-Encoding` (RFC 9110 §12.5.3).

use hyper::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};

use super::{Coding, elements};

/// Ours for a client that likes several equally, by size: at our qualities a page is about 10 %
/// smaller in br than in gzip. zstd is as large as gzip in a fifth of the time.
/// `deflate` comes last, since clients disagree on whether it has a zlib header.
const PREFERENCE: [Coding; 4] = [Coding::Brotli, Coding::Zstd, Coding::Gzip, Coding::Deflate];

/// Makes of a client's `Accept-Encoding` the one to send to an origin: its codings that can be undone,
/// with their weights, `*` spelled out. `identity` if none remains.
///
/// None if the client sent none. By the letter that permits any coding, but origins take it for a client
/// that knows none, and answer without.
pub(crate) fn narrow(headers: &mut HeaderMap) {
    if !is_usual(headers)
        && let Some(narrowed) = narrowed(headers)
    {
        headers.insert(ACCEPT_ENCODING, narrowed);
    }
}

fn narrowed(headers: &HeaderMap) -> Option<HeaderValue> {
    let accepted = Accepted::read(headers)?;
    let mut entries: Vec<String> = accepted.codings().map(entry).collect();
    if let Some(weight) = accepted.identity() {
        entries.push(entry(("identity", weight)));
    }
    if entries.is_empty() {
        return Some(HeaderValue::from_static("identity"));
    }
    // Made of our own names and digits, so it is always a valid value.
    HeaderValue::try_from(entries.join(", ")).ok()
}

/// Whether it is what most clients send: nothing of it is to be narrowed.
fn is_usual(headers: &HeaderMap) -> bool {
    const USUAL: [&[u8]; 4] =
        [b"gzip, deflate, br, zstd", b"gzip, deflate, br", b"gzip, deflate", b"gzip"];
    let mut lines = headers.get_all(ACCEPT_ENCODING).iter();
    let only = lines.next().filter(|_| lines.next().is_none());
    only.is_some_and(|only| USUAL.contains(&only.as_bytes()))
}

/// Whether the client takes `coding`. One that sent no `Accept-Encoding` takes anything.
pub(crate) fn accepts(headers: &HeaderMap, coding: Coding) -> bool {
    Accepted::read(headers).is_none_or(|accepted| accepted.weight(coding).is_some_and(|q| q > 0))
}

/// The coding that suits the client best. `None` if it names none that can be applied, or would
/// rather have the page as it is: then it should get it so.
///
/// `deflate` only for clients that take nothing else.
pub(crate) fn best(headers: &HeaderMap) -> Option<Coding> {
    let accepted = Accepted::read(headers)?;
    let plain = accepted.identity().unwrap_or(0);
    let mut best: Option<(Coding, u16)> = None;
    for coding in PREFERENCE {
        let weight = accepted.weight(coding).unwrap_or(0);
        let better = best.is_none_or(|(_, q)| weight > q && coding != Coding::Deflate);
        if weight > 0 && better {
            best = Some((coding, weight));
        }
    }
    best.filter(|&(_, weight)| weight >= plain).map(|(coding, _)| coding)
}

/// What a client accepts: the first mention of each coding counts. Weights in thousandths.
#[derive(Default)]
struct Accepted {
    /// In the client's order.
    named: Vec<(Coding, u16)>,
    identity: Option<u16>,
    /// The weight of everything that is not named, `*`.
    others: Option<u16>,
}

impl Accepted {
    /// `None` if there is no such header; an empty one accepts no coding.
    fn read(headers: &HeaderMap) -> Option<Self> {
        headers.contains_key(ACCEPT_ENCODING).then(|| {
            let mut accepted = Self::default();
            let lines = headers.get_all(ACCEPT_ENCODING).into_iter();
            let all = lines.flat_map(|value| elements(value.as_bytes()));
            all.filter_map(weighted).for_each(|(token, weight)| accepted.add(token, weight));
            accepted
        })
    }

    fn add(&mut self, token: &[u8], weight: u16) {
        if token == b"*" {
            self.others.get_or_insert(weight);
        } else if token.eq_ignore_ascii_case(b"identity") {
            self.identity.get_or_insert(weight);
        } else if let Some(coding) = Coding::parse(token)
            && self.named(coding).is_none()
        {
            self.named.push((coding, weight));
        }
    }

    fn named(&self, coding: Coding) -> Option<u16> {
        self.named.iter().find(|(named, _)| *named == coding).map(|&(_, weight)| weight)
    }

    /// The weight of a coding; `None` if the client does not know it.
    fn weight(&self, coding: Coding) -> Option<u16> {
        self.named(coding).or(self.others)
    }

    /// The weight of `identity` where the client says one. `*;q=0` refuses it; any other `*` only
    /// repeats that it is acceptable, and spelling that out would invite the origin to choose it.
    fn identity(&self) -> Option<u16> {
        self.identity.or(self.others.filter(|&weight| weight == 0))
    }

    /// Every known coding and its weight: the named ones, then those that `*` stands for.
    fn codings(&self) -> impl Iterator<Item = (&'static str, u16)> {
        let unnamed = PREFERENCE.into_iter().filter(|&coding| self.named(coding).is_none());
        let welcome = self.others.filter(|&weight| weight > 0);
        let expanded = unnamed.filter_map(move |coding| Some((coding, welcome?)));
        let all = self.named.iter().copied().chain(expanded);
        all.map(|(coding, weight)| (coding.as_str(), weight))
    }
}

/// `token [; q=weight]`; `None` for anything else.
fn weighted(element: &[u8]) -> Option<(&[u8], u16)> {
    let Some(semicolon) = element.iter().position(|&byte| byte == b';') else {
        return Some((element, 1000));
    };
    let (token, parameter) = (&element[..semicolon], &element[semicolon + 1..]);
    let [b'q' | b'Q', b'=', value @ ..] = parameter.trim_ascii_start() else {
        return None;
    };
    Some((token.trim_ascii_end(), thousandths(value)?))
}

/// A qvalue (RFC 9110 §12.4.2) in thousandths: 0 to 1 with at most three decimals.
fn thousandths(value: &[u8]) -> Option<u16> {
    let (whole, decimals) = match *value {
        [whole @ (b'0' | b'1')] => (whole, &[][..]),
        [whole @ (b'0' | b'1'), b'.', ref decimals @ ..] => (whole, decimals),
        _ => return None,
    };
    if decimals.len() > 3 || !decimals.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = decimals.iter().chain(b"000").take(3);
    let weight =
        digits.fold(u16::from(whole - b'0'), |sum, digit| sum * 10 + u16::from(digit - b'0'));
    (weight <= 1000).then_some(weight)
}

fn entry((name, weight): (&str, u16)) -> String {
    match weight {
        1000 => name.to_owned(),
        0 => format!("{name};q=0"),
        _ => format!("{name};q=0.{}", format!("{weight:03}").trim_end_matches('0')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&[u8]]) -> HeaderMap {
        let values = lines.iter().map(|line| HeaderValue::from_bytes(line).unwrap());
        values.map(|value| (ACCEPT_ENCODING, value)).collect()
    }

    #[test]
    fn narrows_and_chooses() {
        use Coding::*;
        let cases: &[(&[u8], &str, Option<Coding>)] = &[
            // What clients send.
            (b"gzip, deflate, br, zstd", "gzip, deflate, br, zstd", Some(Brotli)),
            (b"gzip, deflate, br", "gzip, deflate, br", Some(Brotli)),
            (b"gzip, deflate", "gzip, deflate", Some(Gzip)),
            (b"gzip", "gzip", Some(Gzip)),
            (b"zstd, gzip", "zstd, gzip", Some(Zstd)),
            (b"deflate", "deflate", Some(Deflate)),
            (b"identity", "identity", None),
            (b"", "identity", None),
            (
                b"br;q=1.0, gzip;q=0.8, *;q=0.1",
                "br, gzip;q=0.8, zstd;q=0.1, deflate;q=0.1",
                Some(Brotli),
            ),
            // What cannot be undone goes.
            (b"compress, gzip, dcb, dcz", "gzip", Some(Gzip)),
            (b"compress, sdch", "identity", None),
            (b"gz\xffip", "identity", None),
            // Weights.
            (b"br;q=0.5, gzip", "br;q=0.5, gzip", Some(Gzip)),
            (b"br;q=0.5, gzip;q=0.500", "br;q=0.5, gzip;q=0.5", Some(Brotli)),
            (b"br;q=0, gzip;q=0.001", "br;q=0, gzip;q=0.001", Some(Gzip)),
            (b"br;q=0", "br;q=0", None),
            (b"deflate, gzip;q=0.5", "deflate, gzip;q=0.5", Some(Gzip)),
            (b"deflate, gzip;q=0", "deflate, gzip;q=0", Some(Deflate)),
            // identity
            (b"identity, gzip;q=0.5", "gzip;q=0.5, identity", None),
            (b"identity;q=0.5, gzip;q=0.5", "gzip;q=0.5, identity;q=0.5", Some(Gzip)),
            (b"gzip, identity;q=0", "gzip, identity;q=0", Some(Gzip)),
            // *
            (b"*", "br, zstd, gzip, deflate", Some(Brotli)),
            (b"*;q=0", "identity;q=0", None),
            (b"gzip, *;q=0", "gzip, identity;q=0", Some(Gzip)),
            (b"gzip;q=0.2, identity;q=0.9, *;q=0", "gzip;q=0.2, identity;q=0.9", None),
            (b"br;q=0, *", "br;q=0, zstd, gzip, deflate", Some(Zstd)),
            // Spelling.
            (b"GZIP ; Q=0.5,\tBr", "gzip;q=0.5, br", Some(Brotli)),
            (b",, x-gzip ,,", "gzip", Some(Gzip)),
            (b"gzip;q=0.3, x-gzip;q=0.9, gzip", "gzip;q=0.3", Some(Gzip)),
            // Malformed entries are as good as absent.
            (b"gzip;q=1.1, br;q=0.1234", "identity", None),
            (b"gzip;q=, br;q=x, zstd;q=-1, deflate;q=.5", "identity", None),
            (b"gzip;level=5, br;q=0.4;x=1, zstd;q =1", "identity", None),
            (b"gzip;q=2, zstd;q=0.", "zstd;q=0", None),
            (b"gzip;q=1.000", "gzip", Some(Gzip)),
        ];
        for (line, narrowed, chosen) in cases {
            let (mut headers, line) = (headers(&[line]), line.escape_ascii());
            narrow(&mut headers);
            assert_eq!(headers[ACCEPT_ENCODING], narrowed, "narrowing {line}");
            assert_eq!(best(&headers), *chosen, "choosing from {line}");
        }
    }

    #[test]
    fn lines_count_together() {
        let headers = headers(&[b"gzip;q=0.5", b"compress", b"zstd;q=0.7"]);
        assert_eq!(narrowed(&headers).unwrap(), "gzip;q=0.5, zstd;q=0.7");
        assert_eq!(best(&headers), Some(Coding::Zstd));
    }

    #[test]
    fn no_header_narrows_to_none() {
        assert_eq!(narrowed(&HeaderMap::new()), None);
        assert_eq!(best(&HeaderMap::new()), None);
        assert!(accepts(&HeaderMap::new(), Coding::Zstd));
    }

    #[test]
    fn accepts_what_is_named_or_starred() {
        let cases: [(&[u8], bool); 8] = [
            (b"gzip, br", true),
            (b"br;q=0.001", true),
            (b"*", true),
            (b"gzip, *;q=0.1", true),
            (b"br;q=0, *", false),
            (b"gzip", false),
            (b"*;q=0", false),
            (b"", false),
        ];
        for (line, expected) in cases {
            let line_shown = line.escape_ascii();
            assert_eq!(accepts(&headers(&[line]), Coding::Brotli), expected, "{line_shown}");
        }
    }
}
