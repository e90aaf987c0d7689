//! TOML text to a tree with spans, or every syntax error in it.

use std::ops::Range;

use toml::de::{DeTable, Error};

use super::fault::Fault;
use super::place::Place;
use crate::problem::Problem;

const QUOTE: &str = "put the value in double quotes";

/// Parses `text`, whose `start` is known.
///
/// # Errors
/// The first syntax error of each line. A document that had to be repaired is not looked into any
/// further: the repair drops and invents keys, and complaints about those would only mislead.
pub(super) fn parse<'t>(text: &'t str, start: &Place) -> Result<DeTable<'t>, Vec<Problem>> {
    let (root, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(root.into_inner());
    }
    let mut problems: Vec<_> = errors.iter().map(|error| problem(error, text, start)).collect();
    problems.sort_by_key(|problem| problem.span.start);
    problems.dedup_by_key(|problem| problem.line());
    Err(problems)
}

fn problem(error: &Error, text: &str, start: &Place) -> Problem {
    let (message, help) = (error.message().to_owned(), help(error.message()));
    let fault = Fault { message, help, secret: false };
    start.at(drawable(error.span().unwrap_or_default(), text)).problem(fault)
}

/// `span` where a caret can point at it: not past the last line break, where no line is left.
fn drawable(span: Range<usize>, text: &str) -> Range<usize> {
    let end = text.trim_end_matches(['\r', '\n']).len();
    if span.start >= text.len() { end..end } else { span }
}

/// Advice for the slips that the parser's own words leave open.
fn help(message: &str) -> Option<String> {
    let advice = match message {
        "duplicate key" => "write each key once in its table, and each [table] once",
        m if m.starts_with("string values must be quoted") => QUOTE,
        // An address or a duration without quotes begins like a number.
        m if m.ends_with("expected nothing") => QUOTE,
        _ => return None,
    };
    Some(advice.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_mistake() {
        let text = "\u{feff}listen = []\n";
        assert!(parse(text, &Place::start("t", text)).is_ok());
    }

    #[test]
    fn an_error_at_the_end_points_at_the_last_line() {
        let text = "a = [1,\n\n";
        let problems = parse(text, &Place::start("t", text)).unwrap_err();
        assert_eq!(problems.last().map(Problem::line), Some(1));
    }
}
