//! The parser, and what it finds wrong, in words.

use std::ops::Range;

use formatjs_icu_messageformat_parser::types::MessageFormatElement;
use formatjs_icu_messageformat_parser::{ErrorKind, Location, Parser, ParserError, ParserOptions};

use super::fault::Fault;

/// The elements of a source that [`super::guard`] has let pass.
///
/// # Errors
/// [`Fault`] for the first mistake.
pub(super) fn parse(source: &str) -> Result<Vec<MessageFormatElement>, Fault> {
    let options = ParserOptions {
        ignore_tag: true,
        requires_other_clause: true,
        should_parse_skeletons: false,
        capture_location: true,
        locale: None,
    };
    Parser::new(source, options).parse().map_err(|error| fault(source, &error))
}

/// Where an element stands in its source, in bytes.
pub(super) fn span(source: &str, location: Option<&Location>) -> Range<usize> {
    let Some(location) = location else { return 0..source.len() };
    let byte = |chars| source.char_indices().nth(chars).map_or(source.len(), |(at, _)| at);
    byte(location.start.offset)..byte(location.end.offset)
}

fn fault(source: &str, error: &ParserError) -> Fault {
    let (message, help) = words(error.kind);
    Fault::new(span(source, Some(&error.location)), message, help)
}

fn words(kind: ErrorKind) -> (&'static str, &'static str) {
    use ErrorKind as E;
    const ARMS: &str = "write it like {count, plural, one {# day} other {# days}}";
    const CHOICE: &str = "write it like {gender, select, female {her} other {their}}";
    match kind {
        E::ExpectArgumentClosingBrace => {
            ("an argument is not closed here", "close it with }, or write '{' to print a brace")
        }
        E::EmptyArgument => {
            ("an argument without a name", "name it, like {name}, or write '{' to print a brace")
        }
        E::MalformedArgument => (
            "not an argument's name",
            "a name has letters, digits and _, like {name}; write '{' to print a brace",
        ),
        E::ExpectArgumentType | E::InvalidArgumentType => (
            "not a type of argument",
            "the types are number, date, time, plural, selectordinal and select",
        ),
        E::ExpectArgumentStyle => ("the style is missing", "name one, or leave out the comma"),
        E::InvalidNumberSkeleton | E::ExpectNumberSkeleton => {
            ("not a number skeleton", "write one like ::.00 or ::percent")
        }
        E::InvalidDateTimeSkeleton | E::ExpectDateTimeSkeleton => {
            ("not a date skeleton", "write one like ::yMMMd or ::jmm")
        }
        E::UnclosedQuoteInArgumentStyle => ("an apostrophe in a style", "leave it out"),
        E::ExpectSelectArgumentOptions => ("the arms are missing", ARMS),
        E::ExpectPluralArgumentOffsetValue | E::InvalidPluralArgumentOffsetValue => {
            ("not an offset", "write a whole number behind it, like offset:1")
        }
        E::ExpectSelectArgumentSelector => ("a selection without arms", CHOICE),
        E::ExpectPluralArgumentSelector => ("a plural without arms", ARMS),
        E::ExpectSelectArgumentSelectorFragment => ("the text of an arm is missing", CHOICE),
        E::ExpectPluralArgumentSelectorFragment => ("the text of an arm is missing", ARMS),
        E::InvalidPluralArgumentSelector => ("not a number to compare with", "write it like =0"),
        E::DuplicatePluralArgumentSelector | E::DuplicateSelectArgumentSelector => {
            ("this arm is there twice", "keep one of them")
        }
        E::MissingOtherClause => {
            ("the arm \"other\" is missing", "add other {…}: it is printed when no other arm fits")
        }
        // With tags as text there are none of these.
        E::InvalidTag | E::InvalidTagName | E::UnmatchedClosingTag | E::UnclosedTag => {
            ("not a tag", "write '<' to print it")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_have_words_and_places() {
        for (source, message, span) in [
            ("é {}", "an argument without a name", 3..5),
            ("{na!me}", "not an argument's name", 0..3),
            ("{n, nmber}", "not a type of argument", 4..9),
            ("{n,}", "not a type of argument", 3..3),
            ("{n, number, }", "the style is missing", 12..12),
            ("{n, plural}", "the arms are missing", 10..10),
            ("{n, plural, one {a}}", "the arm \"other\" is missing", 19..19),
            ("{n, select, x {a} x {b} other {c}}", "this arm is there twice", 18..19),
            ("{n, plural, =x {a} other {b}}", "a plural without arms", 13..13),
            ("{n, plural, one a}", "the text of an arm is missing", 16..16),
        ] {
            let fault = parse(source).unwrap_err();
            assert_eq!((fault.message.as_str(), fault.span), (message, span), "{source}");
        }
    }

    #[test]
    fn tags_are_text() {
        assert_eq!(parse("<b title=\"x\">{a}</i>").unwrap().len(), 3);
    }
}
