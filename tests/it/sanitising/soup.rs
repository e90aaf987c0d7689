//! Random markup out of what attacks are made of.

use std::fmt::Write as _;

use fastrand::Rng;

use super::Site;
use crate::support::with_seed;

const CASES: usize = 1_500;

/// Allowed somewhere, allowed nowhere, and raw text.
const TAGS: &str = "a abbr address annotation-xml article audio b base blockquote body br button caption center \
    code col colgroup dd desc details dialog div dl dt em embed font foreignObject form frameset \
    h1 h2 head hr html i iframe image img input li link listing main malignmark marquee math \
    menu meta mglyph mi mtext nobr noembed noframes noscript object ol option p param path \
    picture plaintext pre rp rt ruby s script select selectedcontent small source span strike \
    strong style summary svg table tbody td template textarea tfoot th thead time title tr track \
    u ul video wbr x-card xmp";

const NAMES: &str = "href src srcset poster title class onclick onerror style id name rel target alt sizes \
    xlink:href srcdoc action formaction data-overprint data-overprint-attr HREF oNLoad xmlns \
    encoding is slot colspan type dir";

const VALUES: &[&str] = &[
    "x",
    "",
    " ",
    "/a",
    "https://a.example/b,c",
    "a 1x, b 2x",
    "javascript:x",
    "JaVaScRiPt:x",
    " javascript:x",
    "\u{1}javascript:x",
    "java\tscript:x",
    "java\nscript:x",
    "java\rscript:x",
    "javascript\n:x",
    "javascript&colon;x",
    "javascript&#58;x",
    "javascript&#x3a;x",
    "&#106;avascript:x",
    "java&Tab;script:x",
    "java&NewLine;script:x",
    "&#0;javascript:x",
    "&#1;javascript:x",
    "&#x1F;javascript:x",
    "\\javascript:x",
    "/\\a.example",
    "//a.example",
    "data:text/html,x",
    "data&colon;text/html,<script>x</script>",
    "vbscript:x",
    "blob:x",
    "file:///x",
    "view-source:x",
    "a, javascript:x 2x",
    "a 1x,javascript:x",
    ",javascript:x",
    "a,javascript:x",
    "a\u{c}1x,\u{c}data:x",
    "a\u{a0}, data:x",
    "opener",
    "noopener",
    "_blank",
    "_top",
    "text/html",
    "</style>",
    "</title>",
    "</noscript><img src=x onerror=y>",
    "--><img src=x onerror=y>",
    "]]><img src=x onerror=y>",
    "<script>x</script>",
    "\"><script>x</script>",
    "'><script>x</script>",
    "`",
    "&quot;&gt;",
    "&lt;b&gt;",
    "\u{2028}",
    "ß\u{0}",
    "mailto:a@b.example",
    "tel:+1",
    "x:y",
    ":x",
    "?a=b:c",
    "#javascript:x",
];

const BITS: &[&str] = &[
    "text",
    " ",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\u{c}",
    "\u{8}",
    "\u{1b}",
    "\u{a0}",
    "\u{feff}",
    "\u{202e}",
    "&amp;",
    "&lt;script&gt;",
    "&#60;b&#62;",
    "&",
    "&#0;",
    "&notit;",
    "&NewLine;",
    "<",
    ">",
    "</",
    "</>",
    "<>",
    "< b>",
    "<!--",
    "-->",
    "--!>",
    "<!-->",
    "<!--->",
    "<!-- <b> -->",
    "<!--[if IE]>",
    "<![endif]-->",
    "<![CDATA[",
    "]]>",
    "<![CDATA[<b>]]>",
    "<?x",
    "?>",
    "<!",
    "<!doctype html>",
    "<!x",
    "</br>",
    "</p>",
    "<a href=x>",
    "</a>",
    "<b>",
    "</b>",
    "<table>",
    "<td>",
    "</table>",
    "<svg>",
    "</svg>",
    "<math>",
    "</math>",
    "<script>",
    "</script>",
    "<style>",
    "</style>",
    "<scr<script>ipt>",
    "<b/",
    "<b /x>",
    "<img/src=x/onerror=y>",
    "<img src=x onerror=y//",
    "<svg/onload=x>",
    "<p title='</b>'>",
    "<mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src onerror=x&gt;\">",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=x>",
    "<svg><style><a id=\"</style><img src onerror=x>\">",
    "<title><a title=\"</title><img onerror=x>\">",
    "<select><template><b>",
    "<noscript><p title=\"</noscript><img src onerror=x>\">",
    "<pre>\n\n",
    "<textarea>\n",
    "<plaintext>",
    "<frameset>",
    "<font color=x>",
    "<a><table><a>",
    "<b><p></b>",
];

/// One case.
fn soup(rng: &mut Rng) -> Vec<String> {
    (0..rng.usize(1..25)).map(|_| fragment(rng)).collect()
}

fn fragment(rng: &mut Rng) -> String {
    let tag = word(TAGS, rng);
    let tag = if rng.u8(..8) == 0 { tag.to_ascii_uppercase() } else { tag.to_owned() };
    match rng.u8(..10) {
        0..4 => start(&tag, rng),
        4..6 => format!("</{tag}>"),
        6 => format!("<{tag}>text</{tag}>"),
        _ => (*rng.choice(BITS).unwrap()).to_owned(),
    }
}

fn start(tag: &str, rng: &mut Rng) -> String {
    let mut out = format!("<{tag}");
    for _ in 0..rng.usize(..4) {
        out.push_str(rng.choice([" ", "/", "\n", "\t", "", "\u{c}"]).unwrap());
        out.push_str(word(NAMES, rng));
        let value = rng.choice(VALUES).unwrap();
        // Writing to a string cannot fail.
        let _ = match rng.u8(..5) {
            0 => Ok(()),
            1 => write!(out, "={value}"),
            2 => write!(out, "='{value}'"),
            3 => write!(out, " =\n\"{value}\""),
            _ => write!(out, "=\"{value}\""),
        };
    }
    out.push_str(rng.choice([">", ">", ">", "/>", " >", ""]).unwrap());
    out
}

fn word<'w>(words: &'w str, rng: &mut Rng) -> &'w str {
    rng.choice(words.split(' ').collect::<Vec<_>>()).unwrap()
}

/// Fewer fragments that fail alike.
fn smallest(site: &Site, mut pieces: Vec<String>) -> Vec<String> {
    let mut at = 0;
    while at < pieces.len() {
        let mut fewer = pieces.clone();
        fewer.remove(at);
        if site.check(&markup(&fewer)).is_err() {
            pieces = fewer;
        } else {
            at += 1;
        }
    }
    pieces
}

/// With a word in front, so that something is always left of it.
fn markup(pieces: &[String]) -> String {
    format!("x{}", pieces.concat())
}

#[tokio::test]
async fn whatever_is_written_what_is_printed_is_harmless() {
    let times = std::env::var("OVERPRINT_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    with_seed(async |mut rng| {
        let (sites, mut refused) = (Site::each(), 0);
        for _ in 0..CASES * times {
            let pieces = soup(&mut rng);
            for site in &sites {
                match site.check(&markup(&pieces)) {
                    Ok(found) => refused += usize::from(found.is_none()),
                    Err(_) => {
                        let pieces = smallest(site, pieces);
                        panic!("{}", site.check(&markup(&pieces)).unwrap_err());
                    }
                }
            }
        }
        // Refusing is safe, and yet no answer to what people write.
        assert!(refused * 50 < CASES * times * sites.len(), "{refused} were refused");
    })
    .await;
}
