//! Apostrophes and braces in markup that is a message too.
//!
//! MessageFormat quotes from `'{`, `'}`, `'<` and `'>` on, up to the next apostrophe. In markup every
//! apostrophe in front of a tag would begin that (`l'<b>amour</b>`), and a quote that goes on past a
//! tag or the end of a value would hide from the sanitiser what is printed without it.

use std::borrow::Cow;

use super::shape::Misshapen;

/// What ends a value, or begins or ends a tag.
const EDGES: [char; 3] = ['<', '>', '"'];

/// What a character reference may stand for that MessageFormat reads as syntax, by name and by number,
/// and how the character itself is written.
const REFERENCES: &[(&str, u32, &str)] = &[
    ("apos", 0x27, "''"),
    ("lcub", 0x7b, "'{'"),
    ("lbrace", 0x7b, "'{'"),
    ("rcub", 0x7d, "'}'"),
    ("rbrace", 0x7d, "'}'"),
];

/// `markup` with references to apostrophes and braces as literal ones: whoever wrote them so wanted no
/// syntax.
pub(super) fn literal(markup: &str) -> Cow<'_, str> {
    if !markup.contains('&') {
        return markup.into();
    }
    let mut out = String::with_capacity(markup.len());
    let mut rest = markup;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(16).position(|byte| byte == b';');
        match end.and_then(|end| Some((spelled(&rest[1..end])?, end + 1))) {
            Some((literal, len)) => {
                out.push_str(literal);
                rest = &rest[len..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out.into()
}

fn spelled(reference: &str) -> Option<&'static str> {
    let number =
        reference.strip_prefix('#').and_then(|digits| match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        });
    let mut known = REFERENCES.iter();
    let found = known.find(|(name, code, _)| *name == reference || number == Some(*code))?;
    Some(found.2)
}

/// `markup` for the parser of messages: apostrophes in front of tags are apostrophes.
///
/// # Errors
/// [`Misshapen::Quote`] when a quote goes on past a tag or the end of a value.
pub(super) fn checked(markup: &str) -> Result<Cow<'_, str>, Misshapen> {
    if !markup.contains('\'') {
        return Ok(markup.into());
    }
    let mut out = String::with_capacity(markup.len() + 8);
    let mut rest = markup;
    while let Some(at) = rest.find('\'') {
        out.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let quoted = quoted(behind);
        let crosses = behind[..quoted].contains(EDGES);
        let (written, taken) = match behind.chars().next() {
            Some('\'') => ("''", 1),
            Some('{' | '}') if crosses => return Err(Misshapen::Quote),
            // In a plural a number sign quotes, too; past a tag it is not meant to.
            Some('{' | '}') | Some('#') if !crosses => ("'", quoted),
            Some('<' | '>' | '#') => ("''", 0),
            _ => ("'", 0),
        };
        out.push_str(written);
        if taken > 1 {
            out.push_str(&behind[..taken]);
        }
        rest = &behind[taken..];
    }
    out.push_str(rest);
    Ok(out.into())
}

/// How long a quote is that begins in front of `behind`, its closing apostrophe included.
fn quoted(behind: &str) -> usize {
    let mut at = 0;
    while let Some(found) = behind[at..].find('\'') {
        at += found + 1;
        if !behind[at..].starts_with('\'') {
            return at;
        }
        at += 1;
    }
    behind.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_literal() {
        for (markup, expected) in [
            ("l&#39;{name} &apos;&#x27;", "l''{name} ''''"),
            ("&#123;name&#x7D; &lcub;a&rbrace;", "'{'name'}' '{'a'}'"),
            ("&amp;#39; &lt;&#39", "&amp;#39; &lt;&#39"),
            ("&#0000039;&unknown;& ", "''&unknown;& "),
            ("&é;&#99999999999;", "&é;&#99999999999;"),
        ] {
            assert_eq!(literal(markup), expected);
        }
    }

    #[test]
    fn apostrophes_in_front_of_tags_are_apostrophes() {
        for (markup, expected) in [
            ("<p>L'<b>amour</b> d'<em>x</em></p>", "<p>L''<b>amour</b> d''<em>x</em></p>"),
            ("l'<a>offre de {name}</a>", "l''<a>offre de {name}</a>"),
            ("it's ''<b>'{'</b>", "it's ''<b>'{'</b>"),
            ("l'#1 <b>x</b>", "l''#1 <b>x</b>"),
            ("'{a'' b}' '#'", "'{a'' b}' '#'"),
        ] {
            assert_eq!(checked(markup).unwrap(), expected);
        }
    }

    #[test]
    fn quotes_stay_between_tags() {
        for markup in [
            "<a title=\"'{\" href=\"java'script:x\">y</a> {name}",
            "'{ <b>x</b>'",
            "<b>'}</b>",
            "a '{'' \" '",
        ] {
            assert_eq!(checked(markup), Err(Misshapen::Quote), "{markup}");
        }
    }
}
