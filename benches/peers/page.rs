//! The pages that are proxied: a shop's, long enough and with as many labels as asked for.
//!
//! A page is a template with three kinds of marks. What a variant writes for them makes it the page
//! that is the same every time, one whose tokens are new in every answer, or one that never has the
//! structure it had before.

use std::fmt::Write as _;

use super::prose::Prose;

/// Where a nonce, a CSRF token and a timestamp stand, and where a variant may put elements.
pub(crate) const NONCE: &str = "{nonce}";
pub(crate) const CSRF: &str = "{csrf}";
pub(crate) const TIME: &str = "{time}";
pub(crate) const GAP: &str = "{gap}";

/// How many elements of a page have the nonce.
pub(crate) const NONCES: usize = 12;
const NONCES_IN_HEAD: usize = 4;

/// How an element that is printed on is marked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Labels {
    /// As Overprint reads them: an attribute.
    Attributes,
    /// Not at all: only the default texts say where.
    None,
    /// As Varnish reads them: an include instead of the default text.
    Includes,
}

/// How large a page is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Size {
    pub(crate) bytes: usize,
    pub(crate) labels: usize,
}

/// The key of a label, the origin's text and the published one. No text begins another.
pub(crate) fn key(label: usize) -> String {
    format!("copy.{label:04}")
}

pub(crate) fn default_text(label: usize) -> String {
    format!("Default wording {label:04} {}", Prose::new(label as u64).sentence(5 + label % 7))
}

pub(crate) fn published_text(label: usize) -> String {
    let words = Prose::new(label as u64 + 1_000_000).sentence(5 + label % 8);
    format!("Published wording {label:04} {words}")
}

/// The page as a template, deterministic.
pub(crate) fn template(size: Size, labels: Labels) -> String {
    let mut page =
        Writer { out: String::new(), prose: Prose::new(7), size, labels, written: 0, nonces: 0 };
    page.head();
    let mut section = 0;
    while page.out.len() + FOOTER < size.bytes {
        page.section(section);
        section += 1;
    }
    page.footer();
    page.out
}

/// About what the footer takes, so that the page ends where it was asked to.
const FOOTER: usize = 1500;

/// Drawn on every card, as such shops do.
const ICON: &str = "<svg class=\"icon icon--24 card__icon\" viewBox=\"0 0 24 24\" width=\"24\" height=\"24\" \
    aria-hidden=\"true\" focusable=\"false\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.5\">\
    <path d=\"M4 6h16l-1.6 9.2a2 2 0 0 1-2 1.7H8.1a2 2 0 0 1-2-1.6L4 6Z\"/><path d=\"M9 6V4.5a3 3 0 0 1 6 \
    0V6\"/><circle cx=\"9.2\" cy=\"20.2\" r=\"1.3\"/><circle cx=\"15.8\" cy=\"20.2\" r=\"1.3\"/></svg>";

struct Writer {
    out: String,
    prose: Prose,
    size: Size,
    labels: Labels,
    /// Labels so far.
    written: usize,
    nonces: usize,
}

impl Writer {
    fn head(&mut self) {
        self.out.push_str(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>Harbour and Orchard, a shop</title>\n",
        );
        for sheet in 0..NONCES_IN_HEAD {
            let _ = writeln!(
                self.out,
                "<link rel=\"stylesheet\" href=\"/assets/sheet-{sheet}.css\" nonce=\"{NONCE}\">"
            );
        }
        self.nonces = NONCES_IN_HEAD;
        self.out.push_str("<style>\n");
        for rule in 0..24 {
            let (px, weight) = (self.prose.number(2, 48), self.prose.number(1, 9));
            let _ = writeln!(
                self.out,
                ".band--{rule} {{ margin: {px}px auto; font-weight: {weight}00; max-width: {weight}{px}ch; }}"
            );
        }
        self.out.push_str(
            "</style>\n</head>\n<body class=\"page\">\n<header class=\"page__header\"><nav class=\"menu\"><ul>\n",
        );
        for _ in 0..8 {
            let words = self.prose.number(1, 3);
            self.out.push_str("<li class=\"menu__item\">");
            self.element("a", " class=\"menu__link\" href=\"/shop/catalogue\"", words);
            self.out.push_str("</li>\n");
        }
        let _ = write!(
            self.out,
            "</ul></nav>\n<form action=\"/search\" method=\"post\"><input type=\"hidden\" name=\"csrf\" \
             value=\"{CSRF}\"><input type=\"search\" name=\"q\"></form></header>\n<main>\n"
        );
    }

    fn section(&mut self, nth: usize) {
        let _ = write!(
            self.out,
            "<section class=\"band band--{}\" id=\"section-{nth}\">{GAP}\n<div class=\"band__inner\">\n",
            nth % 24
        );
        self.element("h2", " class=\"band__title\"", 6);
        self.paragraph("lead");
        self.cards(nth);
        self.facts();
        self.table();
        self.script(nth);
        self.out.push_str("</div>\n</section>\n");
    }

    fn cards(&mut self, section: usize) {
        self.out.push_str("<div class=\"cards\">\n");
        for card in 0..3 {
            let picture = section * 3 + card;
            let (alt, price) = (self.prose.sentence(4), self.prose.number(3, 400));
            let _ = writeln!(
                self.out,
                "<article class=\"card\"><a class=\"card__media\" href=\"/products/{picture}\">\
                 <img src=\"/images/{picture}-640.webp\" srcset=\"/images/{picture}-640.webp 640w, \
                 /images/{picture}-1280.webp 1280w\" width=\"640\" height=\"480\" alt=\"{alt}\" \
                 loading=\"lazy\"></a>{ICON}"
            );
            self.element("h3", " class=\"card__title\"", 5);
            self.paragraph("card__text");
            let _ = write!(self.out, "<p class=\"card__price\">€&nbsp;{price}.00</p>");
            self.element("a", " class=\"button button--ghost\" href=\"/basket\"", 2);
            self.out.push_str("</article>\n");
        }
        self.out.push_str("</div>\n");
    }

    /// A list without end tags, as HTML allows.
    fn facts(&mut self) {
        self.out.push_str("<ul class=\"facts\">\n");
        for _ in 0..4 {
            self.out.push_str("<li class=\"facts__item\">");
            self.element("span", "", 8);
            let more = self.prose.sentence(6);
            let _ = writeln!(self.out, " <em>{more}</em>");
        }
        self.out.push_str("</ul>\n");
    }

    fn table(&mut self) {
        self.out.push_str("<table class=\"grid\"><tbody>\n");
        for _ in 0..4 {
            self.out.push_str("<tr>");
            self.element("th", " scope=\"row\"", 3);
            let (width, depth) = (self.prose.number(10, 900), self.prose.number(10, 900));
            let _ = writeln!(
                self.out,
                "<td class=\"grid__cell grid__cell--number\">{width}&nbsp;mm</td><td class=\"grid__cell \
                 grid__cell--number\">{depth}&nbsp;mm</td></tr>"
            );
        }
        self.out.push_str("</tbody></table>\n");
    }

    /// A script in the page: with the nonce, as far as there are any left.
    fn script(&mut self, section: usize) {
        if self.nonces < NONCES && section.is_multiple_of(2) {
            self.nonces += 1;
            let _ = writeln!(
                self.out,
                "<script nonce=\"{NONCE}\">window.seen = (window.seen || []).concat({{ section: \
                 {section}, shown: 1 < 2 && \"yes\" }});</script>"
            );
        }
    }

    fn paragraph(&mut self, class: &str) {
        let words = self.prose.number(10, 26);
        self.element("p", &format!(" class=\"{class}\""), words);
        self.out.push('\n');
    }

    fn footer(&mut self) {
        self.out.push_str("</main>\n<footer class=\"page__footer\">\n");
        while self.nonces < NONCES {
            self.script(0);
        }
        while self.written < self.size.labels {
            self.label("p", "");
        }
        let _ = write!(
            self.out,
            "<p class=\"page__time\">Rendered at <time>{TIME}</time></p></footer>\n</body>\n</html>\n"
        );
    }

    /// An element with words in it: a label's where one is due.
    fn element(&mut self, name: &str, attributes: &str, words: usize) {
        // So that labels are spread over the page as evenly as its elements allow.
        if self.written * self.size.bytes < self.out.len() * self.size.labels
            && self.written < self.size.labels
        {
            return self.label(name, attributes);
        }
        let text = self.prose.sentence(words);
        let _ = write!(self.out, "<{name}{attributes}>{text}</{name}>");
    }

    fn label(&mut self, name: &str, attributes: &str) {
        let nth = self.written;
        self.written += 1;
        let _ = match self.labels {
            Labels::Attributes => write!(
                self.out,
                "<{name}{attributes} data-overprint=\"{}\">{}</{name}>",
                key(nth),
                default_text(nth)
            ),
            Labels::None => {
                write!(self.out, "<{name}{attributes}>{}</{name}>", default_text(nth))
            }
            Labels::Includes => write!(
                self.out,
                "<{name}{attributes}><esi:include src=\"/fragment/{nth}\"/></{name}>"
            ),
        };
    }
}
