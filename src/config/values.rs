//! The kinds of values that keys take, in a file and in an environment variable.

use std::path::PathBuf;
use std::time::Duration;

use toml::de::DeValue;

use super::fault::Fault;
use super::quantity;

/// One kind of value.
pub(super) trait Value: Sized {
    /// From a file. The kind must be right, too: a quoted number is not a number.
    fn from_toml(value: &DeValue<'_>) -> Result<Self, Fault>;
    /// From an environment variable, where everything is text.
    fn from_text(text: &str) -> Result<Self, Fault>;
}

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size(pub(super) u64);

/// A number of things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count(pub(super) u64);

impl Value for String {
    fn from_toml(value: &DeValue<'_>) -> Result<Self, Fault> {
        text(value, "a string", "put the value in double quotes").map(str::to_owned)
    }

    fn from_text(text: &str) -> Result<Self, Fault> {
        Ok(text.to_owned())
    }
}

impl Value for PathBuf {
    fn from_toml(value: &DeValue<'_>) -> Result<Self, Fault> {
        text(value, "a path", "put the path in double quotes").map(Self::from)
    }

    fn from_text(text: &str) -> Result<Self, Fault> {
        Ok(Self::from(text))
    }
}

impl Value for bool {
    fn from_toml(value: &DeValue<'_>) -> Result<Self, Fault> {
        let help = "write true or false, without quotes";
        value.as_bool().ok_or_else(|| wrong_type("true or false", value, help))
    }

    fn from_text(text: &str) -> Result<Self, Fault> {
        super::choice::choose(text, &[("true", true), ("false", false)])
    }
}

impl Value for Duration {
    fn from_toml(value: &DeValue<'_>) -> Result<Self, Fault> {
        quantity::duration(text(value, "a duration", quantity::DURATION_HELP)?)
    }

    fn from_text(text: &str) -> Result<Self, Fault> {
        quantity::duration(text)
    }
}

impl Value for Size {
    fn from_toml(value: &DeValue<'_>) -> Result<Self, Fault> {
        if value.is_integer() {
            return integer(value, quantity::SIZE_HELP).map(Self);
        }
        quantity::size(text(value, "a byte size", quantity::SIZE_HELP)?).map(Self)
    }

    fn from_text(text: &str) -> Result<Self, Fault> {
        quantity::size(text).map(Self)
    }
}

impl Value for Count {
    fn from_toml(value: &DeValue<'_>) -> Result<Self, Fault> {
        integer(value, COUNT_HELP).map(Self)
    }

    fn from_text(text: &str) -> Result<Self, Fault> {
        let number = text.parse().map(Self);
        number.map_err(|_| Fault::new(format!("`{text}` is not a whole number"), COUNT_HELP))
    }
}

const COUNT_HELP: &str = "write a whole number, without quotes";

/// "expected …, found …".
fn wrong_type(expected: &str, found: &DeValue<'_>, help: &str) -> Fault {
    Fault::new(format!("expected {expected}, found {}", kind(found)), help)
}

fn text<'v>(value: &'v DeValue<'_>, expected: &str, help: &str) -> Result<&'v str, Fault> {
    value.as_str().ok_or_else(|| wrong_type(expected, value, help))
}

fn integer(value: &DeValue<'_>, help: &str) -> Result<u64, Fault> {
    let written = value.as_integer().ok_or_else(|| wrong_type("a whole number", value, help))?;
    u64::from_str_radix(written.as_str(), written.radix()).map_err(|_| {
        Fault::new(format!("`{written}` is out of range"), "write a number that is not negative")
    })
}

/// What `value` is, for messages.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: Value>(toml: &str) -> Result<T, String> {
        let value = DeValue::parse(toml).unwrap();
        T::from_toml(value.get_ref()).map_err(|fault| fault.message)
    }

    #[test]
    fn numbers_in_every_radix_but_none_below_zero() {
        for (toml, expected) in [("65536", 65536), ("64_000", 64000), ("0x10", 16)] {
            assert_eq!(read(toml), Ok(Size(expected)), "{toml}");
            assert_eq!(read(toml), Ok(Count(expected)), "{toml}");
        }
        assert_eq!(read::<Count>("-1"), Err("`-1` is out of range".to_owned()));
        assert_eq!(read::<Size>("1.5"), Err("expected a byte size, found a fraction".to_owned()));
    }

    #[test]
    fn kinds_are_not_mixed_up() {
        assert_eq!(read::<String>("1"), Err("expected a string, found a whole number".to_owned()));
        assert_eq!(
            read::<bool>("'true'"),
            Err("expected true or false, found a string".to_owned())
        );
        assert_eq!(read::<Count>("'1'"), Err("expected a whole number, found a string".to_owned()));
        assert_eq!(
            read::<Duration>("5"),
            Err("expected a duration, found a whole number".to_owned())
        );
    }
}
