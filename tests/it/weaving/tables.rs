//! Single cases, each with the bytes that go out: what the rules of labels mean for markup.

use encoding_rs::{ISO_8859_2, SHIFT_JIS, UTF_8, UTF_16LE};
use overprint::weave::{Budget, LabelName, Outcome, Reason};

use super::{Seen, check, cut, rules, weave};

const TEXT: &str = "Plain words";

/// A page, what it becomes, and what is said of its slots.
fn assert_woven(page: &str, expected: &str, slots: &[(&str, Outcome)]) {
    for seed in 0..40 {
        let (out, seen) = weave(rules(), Some(UTF_8), &cut(page.as_bytes(), seed));
        assert_eq!(String::from_utf8_lossy(&out), expected, "{page} (cut with seed {seed})");
        let seen: Vec<_> = seen.iter().map(|slot| (&*slot.key, slot.outcome)).collect();
        assert_eq!(seen, slots, "{page}");
    }
    check(page.as_bytes(), Some(UTF_8), UTF_8, &[page.as_bytes()]).unwrap();
}

/// A page whose one slot, `k0`, is printed: `[…]` marks the default text.
fn printed(marked: &str) {
    let page = marked.replace(['[', ']'], "");
    let (start, rest) = marked.split_once('[').unwrap();
    let (_, end) = rest.split_once(']').unwrap();
    assert_woven(&page, &format!("{start}{TEXT}{end}"), &[("k0", Outcome::Printed)]);
}

fn left(page: &str, reason: Reason) {
    assert_woven(page, page, &[("k0", Outcome::Left(reason))]);
}

#[test]
fn slots_end_where_browsers_end_elements() {
    for page in [
        "<h1 data-overprint=k0>[old]</h1>after",
        "<H1 CLASS=a data-overprint='k0'>[old]</H1>",
        "<p data-overprint=k0>[one]<p>two<div>three</div>",
        "<p data-overprint=k0>[one]<div>two</div>",
        "<div><p data-overprint=k0>[one]</div>two",
        "<ul><li data-overprint=k0>[one]<li>two</ul>",
        "<ul><li>one<li data-overprint=k0>[two]</ul>three",
        "<ul><li data-overprint=k0>[one<ul><li>in</ul>]<li>two</ul>",
        "<dl><dt data-overprint=k0>[a]<dd>b<dt>c</dl>",
        "<table><tr><td data-overprint=k0>[1]<td>2<tr><td>3</table>",
        "<table><tr><td>1<td data-overprint=k0>[2]<tr><td>3</table>",
        "<table><tr><td>1<td data-overprint=k0>[2]</table>x",
        "<table><tr><td data-overprint=k0>[<b>1]</table>x",
        "<table><caption data-overprint=k0>[1]<tr><td>3</table>",
        "<table><tr><th data-overprint=k0>[1<table><tr><td>2</table>]</table>",
        "<select><option data-overprint=k0>[one]<option>two</select>",
        "<select><optgroup><option data-overprint=k0>[one]<optgroup></select>",
        "<ruby>x<rt data-overprint=k0>[y]<rt>z</ruby>",
        "<h1 data-overprint=k0>[one]</h2>two",
        "<h1 data-overprint=k0>[one]<h2>two</h2>",
        "<a data-overprint=k0>[one]</a>",
        "<a data-overprint=k0>[one]<a>two</a>",
        "<b data-overprint=k0>[one]</b>",
        "<p><b data-overprint=k0>[one]</b></p>",
        "<div data-overprint=k0>[</p>one</br>]</div>",
        "<div data-overprint=k0>[<!-- </div> --><script>'</div>'</script>]</div>",
        "<div data-overprint='k0'/>[one]</div>",
        "<div data-overprint=k0>[<span>one]</div>two",
        "<div data-overprint=k0>[</span>one]</div>two",
        "<title data-overprint=k0>[a <b>]</title>",
        "<textarea data-overprint=k0>[a </p>]</textarea>",
        "<button data-overprint=k0>[a <i>b</i>]</button>",
        "<svg><text data-overprint=k0>[a<tspan>b</tspan>]</text></svg>",
        "<svg><title data-overprint=k0>[a]</title></svg>",
        "<svg><foreignObject><div data-overprint=k0>[a]</div></foreignObject></svg>",
        "<x-card data-overprint=k0>[a]</x-card>",
        "<template><p data-overprint=k0>[a]</p></template>",
        "<pre data-overprint=k0>[a]</pre>",
        "<p data-overprint=k0>[]</p>",
        "<p data-overprint=\"k0\"\n>[a]</p  x='>'>",
        "<svg><text data-overprint=k0>[a]<font size=2>b</font>c</text></svg>",
        "<svg><text data-overprint=k0>[a<font class=size-2>b</font>c]</text></svg>",
        "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML+RDFa 1.0//EN\" \"x\"><p><table></table><span data-overprint=k0>[<div>a</div>b]</span>",
        "x<!doctype html><p><table></table><span>y</span></p><p data-overprint=k0>[a]</p>",
    ] {
        printed(page);
    }
}

#[test]
fn what_is_not_certain_is_left_alone_and_says_why() {
    for (page, reason) in [
        ("<p data-overprint=k0>one", Reason::UnclosedElement),
        ("<p data-overprint=k0>one</body></html>\n", Reason::Misnested),
        ("<p data-overprint=k0><b>bold<p>next", Reason::OpenFormatting),
        ("<div data-overprint=k0><a id=x />text</div>next", Reason::OpenFormatting),
        ("<b>x<p data-overprint=k0>a</b>b</p>", Reason::Misnested),
        ("<p><b>x<p data-overprint=k0>y</p>", Reason::OpenFormatting),
        ("<p data-overprint=k0>a<table><tr><td>b</table></p>", Reason::AmbiguousMarkup),
        ("<form data-overprint=k0><div></form>a</div>", Reason::Misnested),
        ("<img data-overprint=k0>", Reason::VoidElement),
        ("<br data-overprint=k0>", Reason::VoidElement),
        ("<script data-overprint=k0>a</script>", Reason::ForbiddenElement),
        ("<style data-overprint=k0>a</style>", Reason::ForbiddenElement),
        ("<noscript data-overprint=k0>a</noscript>", Reason::ForbiddenElement),
        ("<iframe data-overprint=k0>a</iframe>", Reason::ForbiddenElement),
        ("<body data-overprint=k0>a</body>", Reason::ForbiddenElement),
        ("<table><tr data-overprint=k0><td>a</table>", Reason::ForbiddenElement),
        ("<table data-overprint=k0><tr><td>a</table>", Reason::ForbiddenElement),
        ("<select data-overprint=k0><option>a</select>", Reason::ForbiddenElement),
        ("<template data-overprint=k0>a</template>", Reason::ForbiddenElement),
        ("<td data-overprint=k0>a</td>", Reason::IgnoredTag),
        ("<table><div data-overprint=k0>a</div></table>", Reason::Fostered),
        ("<p data-overprint='a b'>a</p>", Reason::BadLabel),
        ("<p data-overprint=k0 data-overprint-args='{'>a</p>", Reason::BadArguments),
        ("<p data-overprint=unknown>a</p>", Reason::MissingKey),
        ("<svg><g data-overprint=k0><foreignObject><p>a</g></svg>", Reason::UnclosedElement),
        ("<div><x-a\u{e9} data-overprint=k0>a</x-a\u{e8}>b</div>", Reason::AmbiguousMarkup),
        ("<p><b></p><noscript></noscript><div data-overprint=k0>x</div>", Reason::OpenFormatting),
        ("<p><b></p>\0<div data-overprint=k0>x</div>", Reason::OpenFormatting),
        (
            "<math><annotation-xml encoding=x data-overprint=k0>a</annotation-xml></math>",
            Reason::AmbiguousMarkup,
        ),
    ] {
        let (out, seen) = weave(rules(), Some(UTF_8), &[page.as_bytes()]);
        assert_eq!(String::from_utf8_lossy(&out), page);
        assert_eq!(
            seen.iter().map(|s| s.outcome).collect::<Vec<_>>(),
            [Outcome::Left(reason)],
            "{page}"
        );
    }
    left("<ul><li data-overprint=k0>one", Reason::UnclosedElement);
}

#[test]
fn content_that_would_break_out_is_refused() {
    // k4 is <p>, <ul>, <li>; k2 has <a>; k6 has <table> and <h2>.
    for (page, key) in [
        ("<p data-overprint=k4>a</p>", "k4"),
        ("<p><span data-overprint=k4>a</span></p>", "k4"),
        ("<ul><li><div data-overprint=k4>a</div></ul>", "k4"),
        ("<a href=x><span data-overprint=k2>a</span></a>", "k2"),
        ("<h2 data-overprint=k6>a</h2>", "k6"),
        ("<p><b><b><b><span data-overprint=k2>x</span></b></b></b>", "k2"),
    ] {
        assert_woven(page, page, &[(key, Outcome::Left(Reason::BreaksOut))]);
    }
    for page in [
        "<div data-overprint=k4>a</div>",
        "<p>x</p><div data-overprint=k4>a</div>",
        "<p>x<div data-overprint=k4>a</div>",
        "<li><ul><div data-overprint=k4>a</div></ul></li>",
        "<section data-overprint=k6>a</section>",
        "<p data-overprint=k2>a</p>",
    ] {
        let printed = check(page.as_bytes(), Some(UTF_8), UTF_8, &[page.as_bytes()]);
        assert_eq!(printed, Ok(1), "{page}");
    }
}

#[test]
fn attributes_are_set_where_they_stand_or_behind_the_name() {
    for (page, expected) in [
        ("<img alt=\"old\" LABEL>", "<img alt=\"Plain words\" LABEL>"),
        ("<img alt='old' LABEL>", "<img alt=\"Plain words\" LABEL>"),
        ("<img alt=old LABEL>", "<img alt=\"Plain words\" LABEL>"),
        ("<img LABEL alt=old>", "<img LABEL alt=\"Plain words\">"),
        ("<img alt LABEL>", "<img alt=\"Plain words\" LABEL>"),
        ("<img alt='' LABEL>", "<img alt=\"Plain words\" LABEL>"),
        ("<img ALT=a alt=b LABEL>", "<img ALT=\"Plain words\" alt=b LABEL>"),
        ("<img LABEL/>", "<img alt=\"Plain words\" LABEL/>"),
        ("<img src=a/ LABEL>", "<img alt=\"Plain words\" src=a/ LABEL>"),
        ("<html LABEL>", "<html alt=\"Plain words\" LABEL>"),
        ("<script LABEL>a</script>", "<script alt=\"Plain words\" LABEL>a</script>"),
    ] {
        let label = |text: &str| text.replace("LABEL", "data-overprint-attr='alt: k0'");
        assert_woven(&label(page), &label(expected), &[("k0", Outcome::Printed)]);
    }
}

#[test]
fn values_are_escaped_and_urls_are_judged() {
    let page = "<a href=x title=y data-overprint-attr='title: k1; href: k1'>z</a>";
    let (out, seen) = weave(rules(), Some(UTF_8), &[page.as_bytes()]);
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains("title=\"1 &lt; 2 &amp; 3 &gt; 2 &quot;quoted&quot; 'so'"), "{out}");
    assert_eq!(seen.iter().filter(|slot| slot.outcome == Outcome::Printed).count(), 2);
    for name in
        ["type", "charset", "shadowrootmode", "attributeName", "onclick", "data-overprint-x"]
    {
        let page = format!("<input data-overprint-attr='{name}: k0'>");
        assert_woven(&page, &page, &[("k0", Outcome::Left(Reason::ForbiddenAttribute))]);
    }
    for page in [
        "<script src=a data-overprint-attr='src: k0'></script>",
        "<base data-overprint-attr='href: k0'>",
        "<link rel=stylesheet href=a data-overprint-attr='href: k0'>",
        "<iframe sandbox data-overprint-attr='sandbox: k0'></iframe>",
        "<a target=_blank data-overprint-attr='target: k0'>a</a>",
    ] {
        left(page, Reason::ForbiddenAttribute);
    }
    let page = "<meta http-equiv=refresh content=5 data-overprint-attr='content: k0'>";
    assert_woven(page, page, &[("k0", Outcome::Left(Reason::ForbiddenAttribute))]);
}

#[test]
fn nested_slots_go_with_a_filled_one_and_count_alone_in_one_that_stays() {
    assert_woven(
        "<div data-overprint=k0>a<b data-overprint=k7>c</b></div>",
        "<div data-overprint=k0>Plain words</div>",
        &[("k0", Outcome::Printed), ("k7", Outcome::Gone)],
    );
    assert_woven(
        "<div data-overprint=none>a<b data-overprint=k7>c</b></div>",
        "<div data-overprint=none>a<b data-overprint=k7>Plain words</b></div>",
        &[("none", Outcome::Left(Reason::MissingKey)), ("k7", Outcome::Printed)],
    );
    assert_woven(
        "<div data-overprint=k0>a<b data-overprint=k7>c</b>",
        "<div data-overprint=k0>a<b data-overprint=k7>Plain words</b>",
        &[("k0", Outcome::Left(Reason::UnclosedElement)), ("k7", Outcome::Printed)],
    );
}

#[test]
fn a_newline_that_the_parser_would_drop_is_doubled() {
    for frame in ["<svg><foreignObject>", "<div>"] {
        let page = format!("{frame}<pre data-overprint=k5>x</pre>");
        assert_eq!(check(page.as_bytes(), Some(UTF_8), UTF_8, &[page.as_bytes()]), Ok(1), "{page}");
    }
    assert_woven(
        "<pre data-overprint=k5>a</pre>",
        "<pre data-overprint=k5>\n\nafter a newline</pre>",
        &[("k5", Outcome::Printed)],
    );
}

#[test]
fn labels_that_are_no_labels_change_nothing() {
    for page in [
        "<!-- <p data-overprint=k0>a</p> -->",
        "<script>'<p data-overprint=k0>a</p>'</script>",
        "<p title='data-overprint=k0'>a</p>",
        "<p>data-overprint</p>",
        "<p data-overprint2=k0>a</p>",
        "<textarea><p data-overprint=k0>a</p></textarea>",
        "<noscript><p data-overprint=k0>a</p></noscript>",
    ] {
        assert_woven(page, page, &[]);
    }
}

#[test]
fn the_labels_name_can_be_chosen() {
    let label = LabelName::new("data-i18n").unwrap();
    let rules = overprint::weave::Rules { label, ..rules() };
    let page = b"<p data-overprint=k0>a</p><p data-i18n=k0>b</p><img data-i18n-attr='alt:k0'>";
    let (out, _) = weave(rules, Some(UTF_8), &[page]);
    let expected = "<p data-overprint=k0>a</p><p data-i18n=k0>Plain words</p>\
                    <img alt=\"Plain words\" data-i18n-attr='alt:k0'>";
    assert_eq!(String::from_utf8_lossy(&out), expected);
}

#[test]
fn content_comes_in_the_pages_charset() {
    let page = b"<p data-overprint=k3>\xB1</p>";
    let woven = |charset, page: &[u8]| weave(rules(), charset, &[page]).0;
    assert_eq!(
        woven(Some(ISO_8859_2), page),
        b"<p data-overprint=k3>Gr\xFC\xDFe &#8211; &#28450;&#23383; &#9731;</p>"
    );
    assert!(woven(Some(SHIFT_JIS), page).windows(4).any(|w| w == b"\x8A\xBF\x8E\x9A"));
    assert_eq!(
        woven(None, page),
        "<p data-overprint=k3>Gr&#252;&#223;e &#8211; &#28450;&#23383; &#9731;</p>".as_bytes()
    );
    let declared = b"<meta charset=utf-8><p data-overprint=k3>a</p>";
    assert!(String::from_utf8_lossy(&woven(None, declared)).contains("Grüße – 漢字"));
    let utf16: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(b"<p data-overprint=k0>a</p>".iter().flat_map(|b| [*b, 0]))
        .collect();
    assert_eq!(woven(None, &utf16), utf16);
    assert_eq!(woven(Some(UTF_16LE), &utf16), utf16);
}

#[test]
fn hostile_pages_keep_their_bytes_in_bounded_memory() {
    let megabytes = |n: usize| "x".repeat(n << 20);
    for (page, what) in [
        (format!("<p data-overprint=k0>a<img title='{}", megabytes(50)), "a 50 MB tag"),
        (format!("<div data-overprint=k0>{}", "<div>".repeat(100_000)), "100,000 open elements"),
        (
            format!("<p data-overprint=k0>{}", "<b>".repeat(100_000)),
            "100,000 open formatting elements",
        ),
        (
            format!("<p data-overprint=k0>{}", "<i></p>".repeat(30_000)),
            "30,000 elements to rebuild",
        ),
        (format!("<p data-overprint=k0>{}</p>", megabytes(1)), "a slot of a megabyte"),
        (format!("<p data-overprint=k0>\0{}", "\0".repeat(4096)), "NULs"),
        ("<p data-overprint=unknown>".repeat(30_000), "30,000 labels"),
        (format!("<p data-overprint=k0><!-- {}", megabytes(4)), "an open comment"),
        (format!("<p data-overprint=k0>{}", "</".repeat(1 << 20)), "a million broken end tags"),
    ] {
        let (out, seen) =
            weave(rules(), Some(UTF_8), &page.as_bytes().chunks(16 << 10).collect::<Vec<_>>());
        assert!(out == page.as_bytes(), "{what}: the bytes changed");
        assert!(seen.iter().all(|s| matches!(s.outcome, Outcome::Left(_))), "{what}");
    }
}

#[test]
fn a_slot_that_is_too_large_is_left_alone_at_every_cut() {
    let rules = || overprint::weave::Rules { max_slot: 100, ..rules() };
    for (size, outcome) in [
        (100, Outcome::Printed),
        (101, Outcome::Left(Reason::TooLarge)),
        (5_000, Outcome::Left(Reason::TooLarge)),
    ] {
        let page =
            format!("<p data-overprint=k0>{}</p><p data-overprint=k7>a</p>", "x".repeat(size));
        for seed in 0..40 {
            let (_, seen) = weave(rules(), Some(UTF_8), &cut(page.as_bytes(), seed));
            let seen: Vec<_> = seen.iter().map(|s| s.outcome).collect();
            assert_eq!(seen, [outcome, Outcome::Printed], "{size} bytes, seed {seed}");
        }
    }
}

#[test]
fn bytes_pass_as_soon_as_no_slot_can_start_in_them() {
    use bytes::Bytes;
    let mut page = overprint::weave::Page::new(rules(), super::voice(), Some(UTF_8));
    let mut sent = |piece: &str| {
        let mut out = Vec::new();
        page.push(Bytes::from(piece.to_owned()), &mut out);
        String::from_utf8(out.concat()).unwrap()
    };
    assert_eq!(sent("<p>before any label, half a wo"), "<p>before any label, half a wo");
    assert_eq!(sent("rd<h1 data-overprint=k0>old"), "rd<h1 data-overprint=k0>");
    assert_eq!(sent(" words</h1"), "");
    assert_eq!(sent("> after, half a wo"), "Plain words</h1> after, half a wo");
    assert_eq!(sent("rd <img al"), "rd ");
    assert_eq!(sent("t=x><!-- half a com"), "<img alt=x><!-- half a com");
    assert_eq!(
        sent("ment --><p data-overprint=none>stays, half"),
        "ment --><p data-overprint=none>stays, half"
    );
}

#[test]
fn a_page_outgrows_the_lookback_and_is_printed_all_the_same() {
    let rules = overprint::weave::Rules { lookback: Budget::new(1000), ..rules() };
    let page = format!("{}<p data-overprint=k0>a</p>", "<b>filler</b> ".repeat(1000));
    let (out, seen) = weave(rules, Some(UTF_8), &cut(page.as_bytes(), 7));
    assert_eq!(seen, [Seen { key: "k0".into(), attribute: None, outcome: Outcome::Printed }]);
    assert!(out.ends_with(b"<p data-overprint=k0>Plain words</p>"));
}

/// What took minutes, or memory without end, is done in a moment: each of these once was quadratic.
#[test]
fn no_page_is_quadratic() {
    use bytes::Bytes;
    let open: String = (0..400).map(|n| format!("<b id={n}>")).collect();
    let parts: String = (0..100_000).map(|n| format!("a{n}:k;")).collect();
    let begin = std::time::Instant::now();
    for page in [
        format!("<p data-overprint=k0>x</p><p>{open}{}", "<p>x".repeat(200_000)),
        format!("<p data-overprint-attr='{parts}'>"),
        format!("{}>", "<a ".repeat(1300)).repeat(1000),
        format!("<p data-overprint=k0>x</p><p title='{}", ">".repeat(1 << 20)),
    ] {
        for piece in [1 << 14, 97] {
            let (out, _) =
                weave(rules(), Some(UTF_8), &page.as_bytes().chunks(piece).collect::<Vec<_>>());
            assert!(out.len() >= page.len());
        }
    }
    let mut held = overprint::weave::Page::new(rules(), super::voice(), Some(ISO_8859_2));
    let mut out = Vec::new();
    held.push(Bytes::from_static(b"<p data-overprint=k3>"), &mut out);
    for _ in 0..200_000 {
        held.push(Bytes::from_static(b"x"), &mut out);
    }
    // Not a measurement: the slowest of these took a minute and more.
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
}
