//! Pages that differ from one another: by a token, by an attribute's value, or by what breaks markup.

use fastrand::Rng;

/// What markup is made of and broken with.
const BITS: &[&str] = &[
    "<",
    ">",
    "\"",
    "'",
    "=",
    "/",
    "!",
    "-",
    "--",
    "-->",
    "--!>",
    "<!--",
    "]]>",
    "<![CDATA[",
    "[",
    "]",
    "&",
    "#",
    ";",
    "?",
    "<?x",
    " ",
    "\n",
    "\t",
    "\0",
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<a>",
    "</a>",
    "<li>",
    "<td>",
    "<table>",
    "</table>",
    "<svg>",
    "</svg>",
    "<math>",
    "<script>",
    "</script>",
    "<style>",
    "</style>",
    "<title>",
    "</title>",
    "<textarea>",
    "</textarea>",
    "<!doctype html>",
    "<input type=hidden>",
    "<div/>",
    "</div>",
    "<h1 data-overprint=\"k1\">",
    " data-overprint=\"k2\"",
    " data-overprint-attr=\"title: k3\"",
    "<select>",
    "<option>",
    "<template>",
    "</template>",
    "<noscript>",
    "<plaintext>",
    "</br>",
    "</body>",
    "</head>",
    "<body>",
    "<meta charset=utf-8>",
    "<link rel=alternate hreflang=de href=x>",
    "ü",
    "\u{feff}",
    "&lt;",
    "&#x3c;",
];

/// Tokens that mean something somewhere.
const TOKENS: &[&str] = &[
    "a",
    "0",
    "--",
    "-",
    "/",
    "=",
    "x=",
    "=x",
    "script",
    "/script",
    "style",
    "/style",
    "CDATA",
    "amp",
    "lt",
    "x3c",
    "data-overprint",
    "k1",
    "k4",
    "title",
    "hidden",
    "type=hidden",
    "DOCTYPE",
    "html",
    "svg",
    "--x",
    "x--",
    "1732450000",
    "a.b",
    "a/b",
    "+",
    "_",
    ":",
    ",",
];

const TOKEN_BYTES: &[u8] = b"ABCXYZabcxyz0189+/=_.:,-";

/// A page that differs from `page` in a few places.
pub(super) fn mutate(page: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut page = page.to_vec();
    // Most are gentle: whatever breaks markup is found to be another page at once.
    let kinds = if rng.u8(..3) > 0 { 7 } else { 12 };
    for _ in 0..rng.usize(1..=4) {
        let at = rng.usize(..=page.len());
        match rng.usize(..kinds) {
            0..4 => replace_token(&mut page, at, rng),
            4..7 => replace_value(&mut page, at, rng),
            7 => {
                let bit = rng.choice(BITS).unwrap().as_bytes();
                page.splice(at..at, bit.iter().copied());
            }
            8 => {
                let bit = rng.choice(BITS).unwrap().as_bytes();
                let end = (at + rng.usize(..=3)).min(page.len());
                page.splice(at..end, bit.iter().copied());
            }
            9 => {
                let end = (at + rng.usize(..20)).min(page.len());
                page.drain(at..end);
            }
            10 => {
                let end = (at + rng.usize(..60)).min(page.len());
                let copy = page[at..end].to_vec();
                let to = rng.usize(..=page.len());
                page.splice(to..to, copy);
            }
            _ => {
                let token = token(rng);
                page.splice(at..at, token);
            }
        }
    }
    page
}

fn is_token(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=_.:,-".contains(byte)
}

/// Any token, or none.
fn token(rng: &mut Rng) -> Vec<u8> {
    if rng.bool() {
        return rng.choice(TOKENS).unwrap().as_bytes().to_vec();
    }
    (0..rng.usize(..24)).map(|_| *rng.choice(TOKEN_BYTES).unwrap()).collect()
}

fn replace_token(page: &mut Vec<u8>, at: usize, rng: &mut Rng) {
    let Some(found) = page[at..].iter().position(is_token) else { return };
    let start =
        page[..at + found].iter().rposition(|b| !is_token(b)).map_or(0, |before| before + 1);
    let end = page[start..].iter().position(|b| !is_token(b)).map_or(page.len(), |len| start + len);
    page.splice(start..end, token(rng));
}

/// Something else between two quotes.
fn replace_value(page: &mut Vec<u8>, at: usize, rng: &mut Rng) {
    let quote = *rng.choice(b"\"'").unwrap();
    let Some(open) = page[at..].iter().position(|&b| b == quote) else { return };
    let start = at + open + 1;
    let Some(len) = page[start..].iter().position(|&b| b == quote) else { return };
    let mut value = Vec::new();
    for _ in 0..rng.usize(..4) {
        if rng.bool() {
            value.extend(token(rng));
        } else {
            value.extend_from_slice(rng.choice(BITS).unwrap().as_bytes());
        }
    }
    page.splice(start..start + len, value);
}
