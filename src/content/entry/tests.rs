use serde_json::{Map, Value};

use super::*;

fn en() -> Tag {
    Tag::parse("en").unwrap()
}

fn text(source: &str) -> Entry {
    Entry::from_text(source, &en()).unwrap()
}

fn html(source: &str) -> Entry {
    Entry::from_html(source, &en(), &Policy::default()).unwrap()
}

fn arguments(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).unwrap()
}

fn printed(entry: &Entry, landing: Landing<'_>, json: &str) -> Result<String, Unprintable> {
    let bytes = entry.print(landing, &arguments(json))?;
    Ok(String::from_utf8(bytes.to_vec()).unwrap())
}

fn fixed(entry: &Entry, landing: Landing<'_>) -> String {
    printed(entry, landing, "{}").unwrap()
}

const TITLE: Landing<'_> = Landing::Attribute("title");
const HREF: Landing<'_> = Landing::Attribute("href");

#[test]
fn text_is_never_markup() {
    let entry = text("<b>\"A\" & B</b>\r\n");
    assert_eq!(entry.kind(), Kind::Text);
    for landing in [Landing::Markup, Landing::Text] {
        assert_eq!(fixed(&entry, landing), "&lt;b&gt;\"A\" &amp; B&lt;/b&gt;\n");
    }
    assert_eq!(fixed(&entry, TITLE), "&lt;b&gt;&quot;A&quot; &amp; B&lt;/b&gt;\n");
    assert_eq!(entry.source(), "<b>\"A\" & B</b>\n");
    assert!(entry.elements().is_empty());
}

#[test]
fn quoted_braces_are_braces() {
    let entry = text("it''s '{name}' & so on");
    assert_eq!(fixed(&entry, Landing::Text), "it's {name} &amp; so on");
    assert_eq!(entry.source(), "it''s '{name}' & so on");
    assert!(entry.arguments().is_empty());
    let entry = html("<p title=\"'{'\">it''s '{'</p>");
    assert_eq!(fixed(&entry, Landing::Markup), "<p title=\"{\">it's {</p>");
    assert_eq!(entry.source(), "<p title=\"'{'\">it''s '{'</p>");
}

#[test]
fn markup_also_has_its_words() {
    let entry = html("<P>Tom &amp; <b>\"Jerry\"</b></P>\0");
    assert_eq!(entry.kind(), Kind::Html);
    assert_eq!(fixed(&entry, Landing::Markup), "<p>Tom &amp; <b>\"Jerry\"</b></p>\u{FFFD}");
    assert_eq!(fixed(&entry, Landing::Text), "Tom &amp; \"Jerry\" \u{FFFD}");
    assert_eq!(fixed(&entry, TITLE), "Tom &amp; &quot;Jerry&quot; \u{FFFD}");
    assert_eq!(entry.elements(), [Box::from("b"), Box::from("p")]);
}

#[test]
fn brackets_in_attributes_are_no_tags() {
    let entry = html("<b title='<i>\"'>a</b>");
    assert_eq!(entry.elements(), [Box::from("b")]);
    assert_eq!(entry.words(&arguments("{}")).unwrap(), "a");
}

#[test]
fn equal_forms_share_memory() {
    let entry = text("a < b");
    let print = |landing| entry.print(landing, &arguments("{}")).unwrap();
    assert_eq!(print(Landing::Text).as_ptr(), print(TITLE).as_ptr());
}

#[test]
fn arguments_are_escaped_for_where_they_land() {
    let hostile = r#"{"a": "<b>\"&'</b>", "n": 2}"#;
    let entry = text("Dear {a}, <i>{n, plural, one {# day} other {# days}}</i>");
    assert_eq!(
        printed(&entry, Landing::Markup, hostile).unwrap(),
        "Dear &lt;b&gt;\"&amp;'&lt;/b&gt;, &lt;i&gt;2 days&lt;/i&gt;"
    );
    assert_eq!(
        printed(&entry, TITLE, hostile).unwrap(),
        "Dear &lt;b&gt;&quot;&amp;'&lt;/b&gt;, &lt;i&gt;2 days&lt;/i&gt;"
    );
    let entry = html(
        "<p title=\"{a}\">Dear {a}, {n, plural, one {<b>#</b> day} other {<b>#</b> days}}</p>",
    );
    assert_eq!(
        printed(&entry, Landing::Markup, hostile).unwrap(),
        "<p title=\"&lt;b&gt;&quot;&amp;'&lt;/b&gt;\">Dear &lt;b&gt;&quot;&amp;'&lt;/b&gt;, <b>2</b> days</p>"
    );
    assert_eq!(
        printed(&entry, Landing::Text, hostile).unwrap(),
        "Dear &lt;b&gt;\"&amp;'&lt;/b&gt;, 2 days"
    );
    assert_eq!(entry.words(&arguments(hostile)).unwrap(), "Dear <b>\"&'</b>, 2 days");
}

#[test]
fn arguments_are_never_formatted_again() {
    let entry = text("{a}");
    assert_eq!(printed(&entry, Landing::Text, r#"{"a": "{b}", "b": "x"}"#).unwrap(), "{b}");
}

#[test]
fn a_url_stays_one_that_may_be_printed() {
    let unsafe_url = Err(Unprintable::UnsafeUrl);
    for (source, json, expected) in [
        (
            "/u/{a}?q={b}",
            r#"{"a": "x/../y?z", "b": "1&2 é"}"#,
            Ok("/u/x%2F..%2Fy%3Fz?q=1%262%20%C3%A9"),
        ),
        ("{a}/x", r#"{"a": "https://h/p?q"}"#, Ok("https://h/p?q/x")),
        ("{a}", r#"{"a": "javascript:x"}"#, unsafe_url),
        ("{a}", r#"{"a": " java\tscript:x"}"#, unsafe_url),
        ("{a}{b}", r#"{"a": "java", "b": "script:x"}"#, Ok("javascript%3Ax")),
        ("java{a}:x", r#"{"a": "script"}"#, unsafe_url),
        ("{s, select, a {javascript} other {https}}:x", r#"{"s": "a"}"#, unsafe_url),
        ("javascript:{a}", r#"{"a": "x"}"#, unsafe_url),
    ] {
        let expected = expected.map(str::to_owned);
        assert_eq!(printed(&text(source), HREF, json), expected, "{source}");
        let Ok(entry) =
            Entry::from_html(&format!("<a href=\"{source}\">x</a>"), &en(), &Policy::default())
        else {
            panic!("{source}")
        };
        let printed = printed(&entry, Landing::Markup, json);
        if source.starts_with("javascript") {
            // The sanitiser has taken it out.
            assert!(!printed.unwrap().contains("href"));
            continue;
        }
        let expected = expected.map(|url| format!("<a href=\"{url}\""));
        match expected {
            Ok(start) => {
                assert!(printed.unwrap().starts_with(&start.replace('&', "&amp;")), "{source}")
            }
            Err(error) => assert_eq!(printed, Err(error), "{source}"),
        }
    }
}

#[test]
fn what_does_not_fit_is_said() {
    let entry = text("{n, number} {a}");
    assert_eq!(printed(&entry, Landing::Text, "{}"), Err(Unprintable::MissingArgument));
    let json = r#"{"n": "many", "a": "x"}"#;
    assert_eq!(printed(&entry, Landing::Text, json), Err(Unprintable::WrongArgument));
    assert_eq!(entry.arguments(), ["a", "n"]);
}

#[test]
fn what_is_no_entry_says_why() {
    let policy = Policy::default();
    let refused = |source: &str| Entry::from_html(source, &en(), &policy).unwrap_err().to_string();
    assert!(Entry::from_text("Hello {name", &en()).is_err());
    assert!(Entry::from_html("<b>{a</b>", &en(), &policy).is_err());
    assert_eq!(refused("<script>x</script>"), "sanitising leaves nothing of it");
    let unbalanced = "an arm of a plural or select opens or closes what is outside it";
    assert_eq!(refused("{a, select, x {<b>} other {}}y"), unbalanced);
}

#[test]
fn what_turns_text_around_ends_where_it_lands() {
    let turned = r#"{"a": "\u202Ex"}"#;
    for (entry, expected) in [
        (text("a\u{202E}b"), "a\u{202E}b\u{202C}"),
        (text("\u{2067}{a}\u{2069}"), "\u{2067}\u{202E}x\u{202C}\u{2069}"),
        (html("<b>{a}</b>\u{202C}"), "<b>\u{202E}x\u{202C}</b>"),
    ] {
        assert_eq!(printed(&entry, Landing::Markup, turned).unwrap(), expected);
    }
    assert_eq!(text("a\u{202E}b").source(), "a\u{202E}b", "it is published as it was written");
}

#[test]
fn quotes_hide_nothing_from_the_sanitiser() {
    let refused = |source: &str| Entry::from_html(source, &en(), &Policy::default()).is_err();
    assert!(refused("<a title=\"'{\" href=\"java'script:alert(1)\">x</a> {name}"));
    assert!(refused("<a title=\"'{\" href=\"java'script:alert(1)\">x</a>"));
    assert!(refused("<img alt=\"'{\" srcset=\"j'avascript:1 2x\" src=\"a\"> {name}"));
}

#[test]
fn apostrophes_of_everyday_languages_are_printed() {
    let json = r#"{"name": "Ada"}"#;
    for (source, expected) in [
        ("<p>L'<b>amour</b> d'<em>Italie</em></p>", "<p>L'<b>amour</b> d'<em>Italie</em></p>"),
        ("l'<b>offre de {name}</b>", "l'<b>offre de Ada</b>"),
        ("l&#39;{name}, l&apos;<b>x</b>", "l'Ada, l'<b>x</b>"),
        ("<b>&#123;name&#125;</b> {name}", "<b>{name}</b> Ada"),
    ] {
        let entry = html(source);
        assert_eq!(printed(&entry, Landing::Markup, json).as_deref(), Ok(expected));
        // Published, it is read as the same again.
        let again = html(entry.source());
        assert_eq!(again.source(), entry.source());
        assert_eq!(printed(&again, Landing::Markup, json).as_deref(), Ok(expected));
    }
}

#[test]
fn a_url_does_not_leave_the_site_by_what_is_not_there() {
    let entry = text("/{a}/{name}");
    let json = r#"{"a": "", "name": "evil.example"}"#;
    assert_eq!(printed(&entry, HREF, json), Err(Unprintable::UnsafeUrl));
    assert_eq!(printed(&text("/s?q={a}"), HREF, json).as_deref(), Ok("/s?q="));
    let entry = html("/s?q={name}");
    assert_eq!(printed(&entry, HREF, json), Err(Unprintable::UnsafeUrl), "markup is no URL");
}
