//! The grammar of keys, the names that labels and content share.

use std::fmt;

/// The longest key, in bytes.
pub const MAX_BYTES: usize = 200;

/// Why a text is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyError {
    /// There is nothing.
    Empty,
    /// More than [`MAX_BYTES`].
    TooLong,
    /// The first character is neither a letter, a digit nor `_`.
    BadStart(char),
    /// A later character is not one of a key's.
    BadChar(char),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::TooLong => write!(f, "it is longer than {MAX_BYTES} bytes"),
            Self::BadStart(c) => write!(f, "it starts with {c:?}"),
            Self::BadChar(c) => write!(f, "it contains {c:?}"),
        }
    }
}

impl std::error::Error for KeyError {}

/// Checks `key` against `[A-Za-z0-9_][A-Za-z0-9_.:/-]*`, at most [`MAX_BYTES`].
///
/// # Errors
/// The first rule that `key` breaks.
pub fn check(key: &str) -> Result<(), KeyError> {
    let first = key.chars().next().ok_or(KeyError::Empty)?;
    if !starts_a_key(first) {
        return Err(KeyError::BadStart(first));
    }
    if let Some(bad) = key.chars().find(|&c| !continues_a_key(c)) {
        return Err(KeyError::BadChar(bad));
    }
    if key.len() > MAX_BYTES { Err(KeyError::TooLong) } else { Ok(()) }
}

fn starts_a_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn continues_a_key(c: char) -> bool {
    starts_a_key(c) || matches!(c, '.' | ':' | '/' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_follow_the_grammar() {
        let longest = "k".repeat(MAX_BYTES);
        for good in ["a", "_", "9", "home.title", "ns:a/b-c_d.e", "a..b", &longest] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_breaks_the_grammar_is_named() {
        let too_long = "k".repeat(MAX_BYTES + 1);
        for (bad, error) in [
            ("", KeyError::Empty),
            (".a", KeyError::BadStart('.')),
            ("$html", KeyError::BadStart('$')),
            ("é", KeyError::BadStart('é')),
            ("a b", KeyError::BadChar(' ')),
            ("aß", KeyError::BadChar('ß')),
            (&too_long, KeyError::TooLong),
        ] {
            assert_eq!(check(bad), Err(error), "{bad}");
        }
    }
}
