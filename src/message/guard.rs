//! What the parser must not be given: it recurses as deep as a source nests, panics on quotes in
//! the style of an argument where there are letters beyond ASCII, and overflows on long numbers.
//!
//! A walk over the braces, with the parser's rules of quoting. Whatever else is wrong, the parser
//! says; the walk ends where the parser would.

use super::fault::Fault;

/// Bytes of a source.
const LONGEST: usize = 256 * 1024;
/// Plurals and selections around a text.
const DEEPEST: usize = 16;
/// Opening braces.
const MOST: usize = 10_000;
/// Digits of a number in a plural: those of a 32-bit integer, with leading zeros to spare.
const DIGITS: usize = 12;

/// Whether the parser may read `source`.
///
/// # Errors
/// [`Fault`] for what it must not read, and for braces without their other half.
pub(super) fn check(source: &str) -> Result<(), Fault> {
    if source.len() > LONGEST {
        return Err(Fault::new(
            0..0,
            format!("a message of {} KiB is too long", source.len() / 1024),
            format!("keep it under {} KiB", LONGEST / 1024),
        ));
    }
    let mut walk = Walk { source, at: 0, open: Vec::new(), braces: 0 };
    walk.run()
}

/// Where the walk stands.
enum Place {
    /// In an arm of a plural (where `#` can be quoted) or of a selection.
    Arm { plural: bool },
    /// Between the arms.
    Arms { plural: bool },
}

struct Walk<'s> {
    source: &'s str,
    at: usize,
    /// The places around this one, and the brace that opened each.
    open: Vec<(Place, usize)>,
    braces: usize,
}

/// Whether the parser reads on.
enum Next {
    On,
    Stop,
}

impl<'s> Walk<'s> {
    fn run(&mut self) -> Result<(), Fault> {
        while self.at < self.source.len() {
            let next = match self.open.last() {
                Some((Place::Arms { plural }, _)) => self.arms(*plural)?,
                Some((Place::Arm { plural }, _)) => self.text(*plural)?,
                None => self.text(false)?,
            };
            if matches!(next, Next::Stop) {
                return Ok(());
            }
        }
        match self.open.last() {
            Some((_, brace)) => Err(unclosed(*brace)),
            None => Ok(()),
        }
    }

    /// One token of a text.
    fn text(&mut self, plural: bool) -> Result<Next, Fault> {
        match self.byte() {
            b'\'' => self.quote(plural),
            b'{' => return self.argument(),
            b'}' => return self.end_of_arm(),
            _ => self.at += 1,
        }
        Ok(Next::On)
    }

    fn end_of_arm(&mut self) -> Result<Next, Fault> {
        match self.open.pop() {
            Some(_) => Ok(self.close()),
            None => Err(stray(self.at)),
        }
    }

    /// An apostrophe, and what it quotes.
    fn quote(&mut self, plural: bool) {
        self.at += 1;
        match self.source.as_bytes().get(self.at) {
            Some(b'\'') => self.at += 1,
            Some(b'{' | b'}' | b'<' | b'>') => self.quoted(),
            Some(b'#') if plural => self.quoted(),
            _ => {}
        }
    }

    fn quoted(&mut self) {
        self.at += 1;
        while self.at < self.source.len() {
            let quote = self.byte() == b'\'';
            self.at += 1;
            if quote && self.source.as_bytes().get(self.at) == Some(&b'\'') {
                self.at += 1;
            } else if quote {
                return;
            }
        }
    }

    /// From `{` to what follows the argument's name and type.
    fn argument(&mut self) -> Result<Next, Fault> {
        let brace = self.at;
        self.braces += 1;
        if self.braces > MOST {
            return Err(too_many(brace));
        }
        self.at += 1;
        self.word();
        match self.source.as_bytes().get(self.at) {
            Some(b'}') => return Ok(self.close()),
            Some(b',') => self.at += 1,
            Some(_) => return Ok(Next::Stop),
            None => return Err(unclosed(brace)),
        }
        let kind = self.word();
        match (kind, self.source.as_bytes().get(self.at)) {
            (_, None) => Err(unclosed(brace)),
            (_, Some(b'}')) => Ok(self.close()),
            ("number" | "date" | "time", Some(b',')) => self.style(brace),
            ("plural" | "selectordinal" | "select", Some(b',')) => {
                self.at += 1;
                self.open.push((Place::Arms { plural: kind != "select" }, brace));
                Ok(Next::On)
            }
            _ => Ok(Next::Stop),
        }
    }

    /// Passes over the style of a number, a date or a time.
    fn style(&mut self, brace: usize) -> Result<Next, Fault> {
        let mut depth = 0;
        while self.at < self.source.len() {
            match self.byte() {
                b'\'' => return Err(quoted_style(self.at)),
                b'{' => depth += 1,
                b'}' if depth == 0 => return Ok(self.close()),
                b'}' => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
        Err(unclosed(brace))
    }

    /// One arm's selector and the brace that opens it, or the end of the arms.
    fn arms(&mut self, plural: bool) -> Result<Next, Fault> {
        let start = self.at;
        let selector = self.word();
        if plural && selector.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() > DIGITS) {
            return Err(huge(start..self.at));
        }
        match self.source.as_bytes().get(self.at) {
            Some(b'{') => {
                if self.open.len() >= 2 * DEEPEST {
                    return Err(too_deep(self.at));
                }
                self.braces += 1;
                self.open.push((Place::Arm { plural }, self.at));
                self.at += 1;
            }
            Some(b'}') => {
                self.open.pop();
                self.at += 1;
            }
            Some(_) => return Ok(Next::Stop),
            None => {}
        }
        Ok(Next::On)
    }

    /// What stands before the next character with a meaning, without the space around it.
    fn word(&mut self) -> &'s str {
        let rest = &self.source[self.at..];
        let end = rest.find(['{', '}', ',', '\'', '#', '<', '>']).unwrap_or(rest.len());
        self.at += end;
        rest[..end].trim_matches(is_space)
    }

    fn close(&mut self) -> Next {
        self.at += 1;
        Next::On
    }

    fn byte(&self) -> u8 {
        self.source.as_bytes().get(self.at).copied().unwrap_or_default()
    }
}

/// What the parser passes over between the parts of an argument.
fn is_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | ' ' | '\u{85}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}')
}

fn unclosed(brace: usize) -> Fault {
    Fault::new(
        brace..brace + 1,
        "this { is never closed",
        "close it with }, or write '{' to print a brace",
    )
}

fn stray(brace: usize) -> Fault {
    Fault::new(
        brace..brace + 1,
        "this } closes nothing",
        "remove it, or write '}' to print a brace",
    )
}

fn too_many(brace: usize) -> Fault {
    Fault::new(brace..brace + 1, format!("more than {MOST} braces"), "split the message")
}

fn too_deep(brace: usize) -> Fault {
    Fault::new(
        brace..brace + 1,
        format!("more than {DEEPEST} plurals and selections inside each other"),
        "split the message",
    )
}

fn huge(span: std::ops::Range<usize>) -> Fault {
    Fault::new(span, "this number is too large for a plural", "use \"other\" for large numbers")
}

fn quoted_style(at: usize) -> Fault {
    Fault::new(
        at..at + 1,
        "an apostrophe has no place in the style of an argument",
        "use a style such as \"short\", or a skeleton such as \"::yMMMd\"",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(source: &str) -> String {
        let fault = check(source).unwrap_err();
        format!("{} {:?}", fault.message, fault.span)
    }

    #[test]
    fn braces_come_in_pairs() {
        for source in
            ["{a}", "'{'{a}'}'", "{a, select, x {'}'} other {it''s {b}}}", "{n,plural,other{'#}'}}"]
        {
            assert_eq!(check(source), Ok(()), "{source}");
        }
        assert_eq!(fault("a } b"), "this } closes nothing 2..3");
        assert_eq!(fault("é {a"), "this { is never closed 3..4");
        assert_eq!(fault("{a, plural, other {b}"), "this { is never closed 0..1");
        assert_eq!(fault("{a, plural, other {b"), "this { is never closed 18..19");
        assert_eq!(fault("{a, select, other {'#}"), "this { is never closed 0..1");
    }

    #[test]
    fn what_harms_the_parser_is_kept_from_it() {
        let deep =
            |levels| format!("{}x{}", "{a,select,other{".repeat(levels), "}}".repeat(levels));
        assert_eq!(check(&deep(DEEPEST)), Ok(()));
        assert!(fault(&deep(DEEPEST + 1)).starts_with("more than 16 plurals"));
        assert!(fault(&deep(5_000)).starts_with("more than 16 plurals"));
        assert!(fault(&"{a}".repeat(MOST + 1)).starts_with("more than 10000 braces"));
        assert!(fault(&"x".repeat(LONGEST + 1)).starts_with("a message of 256 KiB"));
        assert!(fault("{n, number, 'é}").starts_with("an apostrophe"));
        assert!(
            fault("{n, plural, =99999999999999999999 {a} other {b}}").starts_with("this number")
        );
        assert!(
            fault("{n, plural, offset:99999999999999999999 other {b}}").starts_with("this number")
        );
    }
}
