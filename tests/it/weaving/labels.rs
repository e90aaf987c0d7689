//! Labels that stand below a key, and labels for what nobody can edit.

use encoding_rs::UTF_8;
use overprint::weave::{LabelName, Outcome, Reason, Rule, Rules};

use super::{cut, rules, weave};

/// The keys of a page's slots, and what became of them, at many cuts.
fn slots(rules: &Rules, page: &str) -> Vec<(String, Option<String>, Outcome)> {
    let seen = |pieces: &[&[u8]]| {
        let (out, seen) = weave(rules.clone(), Some(UTF_8), pieces);
        (out, seen.into_iter().map(|s| (s.key, s.attribute, s.outcome)).collect::<Vec<_>>())
    };
    let whole = seen(&[page.as_bytes()]);
    for seed in 0..40 {
        assert_eq!(seen(&cut(page.as_bytes(), seed)), whole, "{page} (cut with seed {seed})");
    }
    whole.1
}

fn keys(rules: &Rules, page: &str) -> String {
    let slots = slots(rules, page).into_iter();
    let name = |(key, attribute, _): (String, Option<String>, _)| match attribute {
        Some(attribute) => format!("{key}@{attribute}"),
        None => key,
    };
    slots.map(name).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_key_that_begins_with_a_dot_stands_below_the_scope_around_it() {
    for (page, expected) in [
        ("<div data-overprint-scope=a.b><p data-overprint=.c>x</p></div>", "a.b.c"),
        ("<p data-overprint-scope=a data-overprint=.c>x</p>", "a.c"),
        (
            "<div data-overprint-scope=a><i data-overprint-scope=.b><b data-overprint=.c></b></i><u data-overprint=.d></u></div>",
            "a.b.c a.d",
        ),
        (
            "<div data-overprint-scope=a><p data-overprint-scope=b><i data-overprint=.c></i></div>",
            "b.c",
        ),
        (
            "<div data-overprint-scope=a><img data-overprint-attr='alt: .b; title: c'></div>",
            "a.b@alt c@title",
        ),
        // A scope ends where its element does, written or not.
        (
            "<ul data-overprint-scope=u><li data-overprint-scope=a><b data-overprint=.x></b><li><b data-overprint=.x></b></ul>",
            "a.x u.x",
        ),
        (
            "<body data-overprint-scope=b><p data-overprint-scope=p>x</p><i data-overprint=.c></i>",
            "b.c",
        ),
        (
            "<html data-overprint-scope=h><body data-overprint-scope=.b><i data-overprint=.c></i>",
            "h.b.c",
        ),
        ("<img data-overprint-scope=a><i data-overprint=.c></i>", ".c"),
        ("<div data-overprint-scope=a></div><i data-overprint=.c></i>", ".c"),
        ("<div data-overprint-scope='a b'><i data-overprint=.c></i></div>", ".c"),
    ] {
        assert_eq!(keys(&rules(), page), expected, "{page}");
    }
}

/// Of attributes with one name the first counts; and so many must not cost much.
#[test]
fn a_second_body_has_no_scope_of_its_own() {
    let page = "<body data-overprint-scope=a><p>x</p><body data-overprint-scope=b><i data-overprint=.c></i>";
    assert_eq!(keys(&rules(), page), "a.c");
    let many = "<body data-overprint-scope=b>".repeat(100_000);
    let (out, _) = weave(rules(), Some(UTF_8), &[many.as_bytes()]);
    assert_eq!(out.len(), many.len());
}

#[test]
fn a_key_without_its_scope_says_so() {
    let found = slots(&rules(), "<p data-overprint=.c>x</p>");
    assert_eq!(found, [(".c".to_owned(), None, Outcome::Left(Reason::NoScope))]);
}

fn with(selectors: &[(&str, &str)]) -> Rules {
    let name = LabelName::default();
    let rule = |(selector, label): &(&str, &str)| match label.split_once('@') {
        Some((_, list)) => Rule::new(&name, selector, None, Some(list)).unwrap(),
        None => Rule::new(&name, selector, Some(label), None).unwrap(),
    };
    Rules { selectors: selectors.iter().map(rule).collect(), ..rules() }
}

#[test]
fn selectors_label_what_nobody_can_edit() {
    for (selectors, page, expected) in [
        (&[("h1", "k0")][..], "<h1>x</h1><h2>y</h2>", "k0"),
        (&[("main > h1", "k0")], "<main><h1>x</h1><div><h1>y</h1></div></main>", "k0"),
        (
            &[("body > main h1.big", "k0")],
            "<html><head><title>t</title></head><body><main><h1 class='a big'>",
            "k0",
        ),
        (&[("html > body > h1", "k0")], "<html><body><h1>x</h1>", "k0"),
        (&[("head > title", "k0")], "<html><head><title>t</title></head><body>", "k0"),
        (&[("a[href='/buy' i]", "k0")], "<a href=/BUY>x</a><a href=/b>y</a>", "k0"),
        (&[("img", "@alt: k0; title: k7")], "<img src=x>", "k0@alt k7@title"),
        // What is written on an element wins, attribute by attribute.
        (&[("h1", "k0")], "<h1 data-overprint=k7>x</h1>", "k7"),
        (
            &[("h1", "k0"), ("h1", "@title: k0")],
            "<h1 data-overprint-attr='title: k7'>x</h1>",
            "k7@title k0",
        ),
        (&[("h1", "k0"), ("h1.a", "k7")], "<h1 class=a>x</h1>", "k0"),
        // Elements end where browsers end them.
        (&[("ul > li", "k0")], "<ul><li>one<li>two</ul>", "k0 k0"),
        (&[("li:nth-child(2)", "k0")], "<ul><li>one<li>two<li>three</ul>", "k0"),
        (&[("p i", "k0")], "<p>one<div><i>x</i></div>", ""),
        (&[("tr > td", "k0")], "<table><tr><td>1<td>2<tr><td>3</table>", "k0 k0 k0"),
        (&[("p", "k0")], "<script>'<p>'</script><p>x</p>", "k0"),
        // The tags of the document, its head and its body may be left out, and mean nothing twice.
        (&[("body > h1", "k0")], "<!doctype html><title>x</title><h1>a</h1>", "k0"),
        (&[("html > head > title", "k0")], "<title>x</title><h1>a</h1>", "k0"),
        (&[("body > h1", "k0")], "<html><head></head><body><head><body><h1>a</h1>", "k0"),
        (&[("body > h1", "k0")], "<body><image src=x><h1>a</h1>", "k0"),
        (&[("img", "@alt: k0")], "<image src=x>", "k0@alt"),
        (&[("svg text", "k0")], "<svg><path d=x /><text>a</text></svg>", "k0"),
    ] {
        assert_eq!(keys(&with(selectors), page), expected, "{selectors:?} {page}");
    }
}

#[test]
fn of_two_selectors_for_one_attribute_the_first_wins_and_the_other_is_told() {
    let rules = with(&[("img", "@alt: k0"), ("img.a", "@alt: k7")]);
    let found = slots(&rules, "<img class=a>");
    let slot = |key: &str, outcome| (key.to_owned(), Some("alt".to_owned()), outcome);
    let lost = Outcome::Left(Reason::DuplicateAttribute);
    assert_eq!(found, [slot("k0", Outcome::Printed), slot("k7", lost)]);
    // What the element says itself is no dispute.
    let found = slots(&rules, "<img class=a data-overprint-attr='alt: k7'>");
    assert_eq!(found, [slot("k7", Outcome::Printed)]);
}

#[test]
fn a_selector_for_what_is_never_printed_gives_the_reason() {
    let found = slots(&with(&[("script", "k0")]), "<script>x</script>");
    assert_eq!(found, [("k0".to_owned(), None, Outcome::Left(Reason::ForbiddenElement))]);
}

#[test]
fn a_label_counts_in_lower_case_whatever_else_the_tag_says() {
    for (page, expected) in [
        ("<p DATA-OVERPRINT=a>x</p>", ""),
        ("<p DATA-OVERPRINT=a title=data-overprint>x</p>", ""),
        ("<p Data-Overprint-Attr='title: a' data-overprint=b>x</p>", "b"),
        ("<P DATA-OVERPRINT=a data-overprint=b>x</P>", "b"),
    ] {
        assert_eq!(keys(&rules(), page), expected, "{page}");
    }
}
