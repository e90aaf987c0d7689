//! Random pages: soups of the markup that real pages get wrong, and well-formed ones.

use bytes::Bytes;
use encoding_rs::UTF_8;
use proptest::prelude::*;

use overprint::weave::{Audience, Outcome, Reason};

use super::{check, cut, dom, rules, stand_ins, weave, weave_for};

/// Start tags that may carry a label.
const TAGS: &[&str] = &[
    "p",
    "div",
    "li",
    "ul",
    "td",
    "tr",
    "table",
    "h1",
    "h2",
    "span",
    "a",
    "b",
    "i",
    "dd",
    "dt",
    "dl",
    "button",
    "form",
    "option",
    "select",
    "svg",
    "text",
    "title",
    "textarea",
    "pre",
    "ruby",
    "rt",
    "caption",
    "th",
    "tbody",
    "section",
    "em",
    "font",
    "math",
    "mi",
    "foreignObject",
    "desc",
    "object",
    "template",
    "x-card",
    "nobr",
    "fieldset",
    "summary",
    "dialog",
    "blockquote",
    "center",
    "style",
    "script",
    "noscript",
    "img",
    "br",
    "input",
    "body",
    "html",
    "optgroup",
    "colgroup",
    "listing",
    "marquee",
    "col",
    "rp",
    "rtc",
    "thead",
    "tfoot",
    "hr",
    "small",
    "code",
    "address",
];

/// What stands between them.
const BITS: &[&str] = &[
    "text",
    " ",
    "\n",
    "<br>",
    "<!-- <p> </div> -->",
    "&amp;",
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "</p>",
    "</br>",
    "<a href=x>",
    "</a>",
    "<script>'</div><p>'</script>",
    "<style>a</style>",
    "< p",
    "</>",
    "<img alt='a>b'>",
    "<svg><path/></svg>",
    "<table>",
    "</table>",
    "<tr>",
    "<td>",
    "</td>",
    "</tr>",
    "<li>",
    "</li>",
    "<p>",
    "</div>",
    "<div>",
    "</span>",
    "<hr>",
    "<![CDATA[ </p> ]]>",
    "<?x </p> ?>",
    "</h1>",
    "</h2>",
    "<select><option>a</select>",
    "<input type=hidden>",
    "</form>",
    "<form>",
    "</svg>",
    "<title>t</title>",
    "<textarea>\nx</textarea>",
    "<ul>",
    "</ul>",
    "</body>",
    "</html>",
    "<math><mi>x</mi></math>",
    "<dd>",
    "<dt>",
    "<font color=red>",
    "</font>",
    "<font size=1>",
    "<!-->",
    "<!--->",
    "<!doctype html>",
    "</option>",
    "</button>",
    "</dl>",
    "</ruby>",
    "<b>",
    "</b>",
];

#[derive(Debug, Clone)]
enum Piece {
    Start(usize, bool),
    End(usize),
    Bit(usize),
    Attribute(usize),
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        4 => (0..TAGS.len(), any::<bool>()).prop_map(|(tag, label)| Piece::Start(tag, label)),
        3 => (0..TAGS.len()).prop_map(Piece::End),
        4 => (0..BITS.len()).prop_map(Piece::Bit),
        1 => (0..TAGS.len()).prop_map(Piece::Attribute),
    ]
}

fn soup(doctype: bool, pieces: &[Piece]) -> String {
    let mut page = String::from(if doctype { "<!doctype html>" } else { "" });
    for (n, piece) in pieces.iter().enumerate() {
        match *piece {
            Piece::Start(tag, true) => page += &format!("<{} data-overprint=k{n}>", TAGS[tag]),
            Piece::Start(tag, false) => page += &format!("<{}>", TAGS[tag]),
            Piece::End(tag) => page += &format!("</{}>", TAGS[tag]),
            Piece::Bit(bit) => page += BITS[bit],
            Piece::Attribute(tag) => {
                page += &format!(
                    "<{} alt='o>ld' data-overprint-attr='alt: k{n}; title: k{}'>",
                    TAGS[tag],
                    n + 350
                );
            }
        }
    }
    page
}

/// A tree in which every element is closed, now and then by what follows.
#[derive(Debug, Clone)]
enum Node {
    Text,
    Element(usize, Vec<Node>),
    List(Vec<Vec<Node>>),
    Table(Vec<Vec<Vec<Node>>>),
}

const ORDINARY: &[&str] =
    &["div", "section", "span", "x-card", "em", "blockquote", "p", "h2", "code"];

fn node() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        Just(Node::Text),
        (0..ORDINARY.len()).prop_map(|tag| Node::Element(tag, vec![Node::Text]))
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let many = || prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            (0..6usize, many()).prop_map(|(tag, children)| Node::Element(tag, children)),
            prop::collection::vec(many(), 1..4).prop_map(Node::List),
            prop::collection::vec(prop::collection::vec(many(), 1..3), 1..3).prop_map(Node::Table),
        ]
    })
}

fn write(nodes: &[Node], n: &mut usize, omit: bool, out: &mut String) {
    let next = |n: &mut usize| {
        *n += 1;
        if (*n).is_multiple_of(3) { format!(" data-overprint='k{n}'") } else { String::new() }
    };
    for node in nodes {
        match node {
            Node::Text => out.push_str("Lorem &lt;ipsum&gt;\n"),
            Node::Element(tag, children) => {
                let tag = ORDINARY[*tag];
                *out += &format!("<{tag}{}>", next(n));
                write(children, n, omit, out);
                *out += &format!("</{tag}>");
            }
            Node::List(items) => {
                out.push_str("<ul>");
                for item in items {
                    *out += &format!("<li{}>", next(n));
                    write(item, n, omit, out);
                    out.push_str(if omit { "\n" } else { "</li>" });
                }
                out.push_str("</ul>");
            }
            Node::Table(rows) => {
                out.push_str("<table>");
                for row in rows {
                    out.push_str("<tr>");
                    for cell in row {
                        *out += &format!("<td{}>", next(n));
                        write(cell, n, omit, out);
                        out.push_str(if omit { " " } else { "</td>" });
                    }
                    out.push_str(if omit { "" } else { "</tr>" });
                }
                out.push_str("</table>");
            }
        }
    }
}

/// `OVERPRINT_CASES` multiplies, for a long night.
fn cases(count: u32) -> ProptestConfig {
    let times = std::env::var("OVERPRINT_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    ProptestConfig { cases: count * times, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(6_000))]

    #[test]
    fn soups_keep_their_tree(
        doctype in any::<bool>(),
        pieces in prop::collection::vec(piece(), 1..40),
        seed in any::<u64>(),
    ) {
        let page = soup(doctype, &pieces);
        let pieces = cut(page.as_bytes(), seed);
        if let Err(error) = check(page.as_bytes(), Some(UTF_8), UTF_8, &pieces) {
            prop_assert!(false, "{page}\n{error}");
        }
    }
}

proptest! {
    #![proptest_config(cases(1_500))]

    /// What a careful author writes is printed, every label of it.
    #[test]
    fn well_formed_pages_are_printed_whole(
        nodes in prop::collection::vec(node(), 1..5),
        omit in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let mut page = String::from("<!doctype html><title>t</title><body>");
        let mut n = 0;
        write(&nodes, &mut n, omit, &mut page);
        let pieces = cut(page.as_bytes(), seed);
        if let Err(error) = check(page.as_bytes(), Some(UTF_8), UTF_8, &pieces) {
            prop_assert!(false, "{page}\n{error}");
        }
        let (_, seen) = weave(rules(), Some(UTF_8), &pieces);
        prop_assert_eq!(seen.len(), page.matches("data-overprint").count());
        for slot in seen {
            // What would break out is refused, and what stands in a filled slot goes with it.
            let fine = matches!(
                slot.outcome,
                Outcome::Printed | Outcome::Gone | Outcome::Left(Reason::BreaksOut)
            );
            prop_assert!(fine, "{:?}: {page}", slot);
        }
    }
}

proptest! {
    #![proptest_config(cases(3_000))]

    /// Whatever is said of languages, wherever the page is cut: nothing else changes in its tree.
    #[test]
    fn languages_are_said_and_nothing_else(
        doctype in any::<bool>(),
        document in any::<bool>(),
        pieces in prop::collection::vec(piece(), 1..40),
        seed in any::<u64>(),
    ) {
        let start = if document { "<html><head><title>t</title></head><body>" } else { "" };
        let page = format!("{start}{}", soup(doctype && !document, &pieces));
        let links = Bytes::from("<link rel=alternate hreflang=de href=/de>");
        let audience = Audience { chosen: true, alternates: Some(links), ..Audience::default() };
        let said = |pieces: &[&[u8]]| {
            weave_for(rules(), (stand_ins(), audience.clone()), Some(UTF_8), pieces)
        };
        let whole = said(&[page.as_bytes()]);
        prop_assert_eq!(&said(&cut(page.as_bytes(), seed)), &whole, "cut: {}", page);
        let (plain, seen) = weave(rules(), Some(UTF_8), &[page.as_bytes()]);
        prop_assert_eq!(&seen, &whole.1, "reasons: {}", page);
        let tree = |page: &[u8]| without_languages(&dom::dump(&dom::parse(page, UTF_8)));
        prop_assert_eq!(tree(&whole.0), tree(&plain), "tree: {}", page);
    }
}

/// A dumped tree without what is said of languages.
fn without_languages(dump: &str) -> String {
    let mut out = String::new();
    for line in dump.lines().filter(|line| !line.contains(" hreflang=")) {
        let said = [" lang=\"en\"", " lang=\"de\"", " dir=\"ltr\""];
        let line = said.iter().fold(line.to_owned(), |line, said| line.replace(said, ""));
        out += &line;
        out.push('\n');
    }
    out
}
