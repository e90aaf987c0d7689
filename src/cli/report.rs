//! Draws a [`Problem`]: file, line, caret, what is wrong, what to do.
//!
//! The text of a problem comes from files that anyone may have written. Nothing of it that a
//! terminal would obey is passed on.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::problem::Problem;

/// `problem` as a few lines of text without a line break at the end; with ANSI colours if `color`.
pub(crate) fn render(problem: &Problem, color: bool) -> String {
    draw(problem, Level::ERROR, color)
}

/// As [`render`], for what is no mistake and yet worth a look.
pub(super) fn render_warning(note: &Problem, color: bool) -> String {
    draw(note, Level::WARNING, color)
}

fn draw(problem: &Problem, level: Level<'static>, color: bool) -> String {
    let title = |text: &str| {
        let text = escaped(text).into_owned();
        Group::with_title(level.clone().primary_title(text))
    };
    let group = match problem.source.is_empty() {
        true => title(&format!("{}: {}", problem.file, problem.message)),
        false => title(&problem.message).element(snippet(problem)),
    };
    let help = problem.help.as_deref().map(|help| Level::HELP.message(escaped(help).into_owned()));
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group.elements(help)])
}

fn snippet(problem: &Problem) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    let span = inside(&problem.source, &problem.span);
    Snippet::source(harmless(&problem.source))
        .path(escaped(&problem.file))
        .annotation(AnnotationKind::Primary.span(span))
}

/// `span` cut to the text and to whole characters, which drawing relies on.
fn inside(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(span.start);
    start..text.ceil_char_boundary(span.end).max(start)
}

/// The source without C1 control characters, two bytes each, for which another two-byte character
/// stands in so that spans still fit. The renderer makes the other control characters visible.
fn harmless(source: &str) -> Cow<'_, str> {
    let is_c1 = |c: char| ('\u{80}'..='\u{9f}').contains(&c);
    if source.contains(is_c1) { source.replace(is_c1, "\u{b7}").into() } else { source.into() }
}

/// `text` on one line, with whatever would move the cursor or turn the text around as an escape.
fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unruly) {
        return text.into();
    }
    let escape = |c: char| {
        if is_unruly(c) { c.escape_unicode().to_string() } else { c.to_string() }
    };
    text.chars().map(escape).collect()
}

/// Control characters, and those that reorder what follows (Unicode Standard Annex 9).
fn is_unruly(c: char) -> bool {
    let marks = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}');
    let overrides = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || marks || overrides
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(source: &str, span: Range<usize>) -> Problem {
        Problem {
            file: "a.toml".to_owned(),
            source: source.into(),
            span,
            message: "no".to_owned(),
            help: Some("yes".to_owned()),
        }
    }

    #[test]
    fn a_caret_points_at_the_mistake() {
        let drawn = render(&problem("a = 1\nbc = 2\n", 6..8), false);
        assert!(drawn.contains("--> a.toml:2:1"), "{drawn}");
        assert!(drawn.contains("2 | bc = 2\n  | ^^"), "{drawn}");
        assert!(drawn.contains("help: yes"), "{drawn}");
    }

    #[test]
    fn a_note_is_no_error() {
        let drawn = render_warning(&problem("a = 1\n", 0..1), false);
        assert!(drawn.starts_with("warning: no\n") && drawn.contains("help: yes"), "{drawn}");
    }

    #[test]
    fn without_a_source_the_file_stands_in_front() {
        let drawn = render(&problem("", 0..0), false);
        assert!(drawn.starts_with("error: a.toml: no\n"), "{drawn}");
        assert!(drawn.contains("help: yes"), "{drawn}");
    }

    #[test]
    fn spans_that_do_not_fit_are_cut() {
        for span in [0..99, 50..99, 1..1, 1..2, 4..4] {
            assert!(render(&problem("äé", span), false).contains("a.toml:1:"));
        }
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_passed_on() {
        let controls: String = (0..=0x9f_u8).map(char::from).filter(|c| c.is_control()).collect();
        let bidi = "\u{202e}\u{2066}\u{200f}";
        let mut problem = problem(&format!("{}x", controls.replace('\n', "")), 3..5);
        for text in [&mut problem.file, &mut problem.message] {
            text.push_str(&controls);
            text.push_str(bidi);
        }
        problem.help = Some(controls);
        let drawn = render(&problem, false);
        let passed = drawn.chars().find(|c| *c != '\n' && is_unruly(*c));
        assert_eq!(passed, None, "{drawn}");
    }

    #[test]
    fn colours_only_on_request() {
        let problem = problem("a = 1\n", 0..1);
        assert!(render(&problem, true).contains("\u{1b}["));
        assert!(!render(&problem, false).contains("\u{1b}["));
    }
}
