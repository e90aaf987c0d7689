//! What the module promises as a whole.

use serde_json::json;

use super::*;

fn message(source: &str, locale: &str) -> Message {
    match parse(source, locale).unwrap() {
        Parsed::Message(message) => message,
        Parsed::Text(text) => panic!("no message: {text:?}"),
    }
}

fn printed(source: &str, arguments: serde_json::Value) -> String {
    let mut out = String::new();
    let append = &mut |out: &mut String, value: Value<'_>| out.push_str(value.text);
    message(source, "en").format(arguments.as_object().unwrap(), &mut out, append).unwrap();
    out
}

#[test]
fn texts_are_told_from_messages() {
    for (source, text) in [("Buy now", "Buy now"), ("It''s '{here}'", "It's {here}")] {
        assert!(matches!(parse(source, "en"), Ok(Parsed::Text(it)) if it == text), "{source}");
    }
    assert!(matches!(parse("Hello {name}", "en"), Ok(Parsed::Message(_))));
}

#[test]
fn arms_are_chosen() {
    let days = "{n, plural, offset:1 =0 {none} one {# day more} other {# days more}}";
    assert_eq!(printed(days, json!({"n": 0})), "none");
    assert_eq!(printed(days, json!({"n": 2})), "1 day more");
    assert_eq!(printed(days, json!({"n": "2001"})), "2,000 days more");
    assert_eq!(printed(days, json!({"n": 2.5})), "1.5 days more");
    let rank = "{n, selectordinal, one {#st} two {#nd} few {#rd} other {#th}}";
    assert_eq!(printed(rank, json!({"n": 23})), "23rd");
    let gender = "{who, select, true {yes} 3 {three} ann {Ann} other {?}}";
    assert_eq!(printed(gender, json!({"who": true})), "yes");
    assert_eq!(printed(gender, json!({"who": 3.0})), "three");
    assert_eq!(printed(gender, json!({"who": "ann"})), "Ann");
    assert_eq!(printed(gender, json!({"who": "bob"})), "?");
}

#[test]
fn values_go_through_the_caller() {
    let message = message("<b>{a}</b> {n, plural, other {#<}}", "en");
    let arguments = json!({"a": "<i>", "n": 2});
    let mut out = String::from("> ");
    let quote = &mut |out: &mut String, value: Value<'_>| *out += &format!("[{}]", value.text);
    message.format(arguments.as_object().unwrap(), &mut out, quote).unwrap();
    assert_eq!(out, "> <b>[<i>]</b> [2]<");
}

#[test]
fn what_cannot_be_printed_leaves_nothing() {
    for (source, arguments, expected) in [
        ("Hi {a} {b}", json!({"a": 1}), Unprintable::Missing("b")),
        ("Hi {a} {b}", json!({"a": 1, "b": null}), Unprintable::Missing("b")),
        ("Hi {a}", json!({"a": []}), Unprintable::WrongType("a")),
        ("Hi {a, number}", json!({"a": "many"}), Unprintable::WrongType("a")),
        ("Hi {a, plural, other {#}}", json!({"a": true}), Unprintable::WrongType("a")),
        ("Hi {a, date}", json!({"a": "today"}), Unprintable::WrongType("a")),
        ("Hi {a, select, other {}}", json!({"a": {}}), Unprintable::WrongType("a")),
    ] {
        let mut out = String::from("before");
        let append = &mut |out: &mut String, value: Value<'_>| out.push_str(value.text);
        let message = message(source, "en");
        let result = message.format(arguments.as_object().unwrap(), &mut out, append);
        assert_eq!((result, out.as_str()), (Err(expected), "before"), "{source}");
    }
}

#[test]
fn a_walk_shows_the_shape() {
    let message = message("a{n, plural, one {b} =1 {c{x}} other {#}}{g, select, other {d}}", "en");
    let mut seen = String::new();
    message.steps(&mut |step| match step {
        Step::Literal(text) => seen.push_str(text),
        Step::Count => seen.push('#'),
        Step::Value => seen.push('$'),
        Step::Open => seen.push('('),
        Step::Arm => seen.push('|'),
        Step::Close => seen.push(')'),
    });
    assert_eq!(seen, "a(|c$|b|#)(|d)");
    assert_eq!(message.arguments(), ["g", "n", "x"]);
    assert!((200..2000).contains(&message.heap_bytes()), "{}", message.heap_bytes());
}

#[test]
fn messages_are_shared_by_threads() {
    fn shared<T: Send + Sync + Clone + std::fmt::Debug>() {}
    shared::<Message>();
}

#[test]
fn faults_say_where_and_what_to_do() {
    for (source, span) in [
        ("Hello {name", 6..7),
        ("Hello name}", 10..11),
        ("é {n, number, ::currency/EUR}", 3..30),
        ("{n, date, ::QQQ}", 0..16),
        ("{n, date, tiny}", 0..15),
        ("{n, plural, onee {a} other {b}}", 17..20),
    ] {
        let fault = parse(source, "en").unwrap_err();
        assert_eq!(fault.span, span, "{source}: {fault:?}");
        assert!(!fault.help.is_empty());
    }
    assert!(parse("{a}", "not a tag").is_err());
}

#[test]
fn random_sources_and_arguments_do_no_harm() {
    const WORDS: [&str; 24] = [
        "{",
        "}",
        "'",
        "#",
        ",",
        "plural",
        " other",
        "one",
        "select",
        "selectordinal",
        "number",
        "date",
        "::",
        "=0",
        "offset:",
        "<",
        "/",
        " ",
        "\u{a0}",
        "é",
        "{n, plural, other {",
        "}}",
        "n",
        "9999999999",
    ];
    let mut random = fastrand::Rng::with_seed(7);
    let arguments = [json!({}), json!({"n": 1}), json!({"n": "x"}), json!({"n": 1.5})];
    for _ in 0..20_000 {
        let source: String = (0..random.usize(0..24)).map(|_| WORDS[random.usize(0..24)]).collect();
        let Ok(Parsed::Message(message)) = parse(&source, "ar") else { continue };
        let mut out = String::from("é");
        let append = &mut |out: &mut String, value: Value<'_>| out.push_str(value.text);
        let arguments = arguments[random.usize(0..4)].as_object().unwrap();
        if message.format(arguments, &mut out, append).is_err() {
            assert_eq!(out, "é", "{source}");
        }
    }
}

#[test]
fn hostile_sources_take_no_longer_than_others() {
    let many = |part: &str, end: &str| part.repeat(9_000 / part.matches('{').count()) + end;
    for source in [
        many("é{n,number}", ""),
        "{n,plural,other{".repeat(16) + &"}}".repeat(16),
        many("{n,date,::yMMMd}", ""),
        many("{n,plural,=1{é}other{#}}", ""),
        format!(
            "{{n,plural,{}other{{}}}}",
            (0..9_000).map(|n| format!("={n}{{}}")).collect::<String>()
        ),
        format!(
            "{{n,select,{}other{{}}}}",
            (0..9_000).map(|n| format!("x{n}{{}}")).collect::<String>()
        ),
        many("{n}", &"'".repeat(100_000)),
        many("{n}", &"é".repeat(100_000)),
        format!("{{n{}}}", " ".repeat(200_000)),
        format!("{{n, number, ::{}}}", ".00 ".repeat(50_000)),
    ] {
        let begun = std::time::Instant::now();
        assert!(parse(&source, "de").is_ok(), "{}", &source[..40]);
        // Some 100 ms without optimisation; a walk over the source for each part takes minutes.
        assert!(begun.elapsed().as_secs() < 10, "{}", &source[..40]);
    }
}
