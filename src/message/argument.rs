//! What a message is printed with.

use serde_json::{Map, Value as Json};

/// Where a message finds its arguments.
pub trait Arguments {
    /// The argument of that name, `None` when there is none.
    fn get(&self, name: &str) -> Option<Argument<'_>>;
}

/// The value of one argument.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Argument<'a> {
    /// Text. A decimal number in it counts as one where a number is needed.
    Text(&'a str),
    /// Text that a visitor chose; in all else the same.
    Visitors(&'a str),
    /// A number.
    Number(Number),
    /// Prints as `true` or `false`.
    Bool(bool),
    /// Something that no message can print: null, a list, an object.
    Other,
}

/// What an argument becomes, on its way into a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value<'a> {
    /// As it reads, not escaped.
    pub text: &'a str,
    /// Whether a visitor chose it: [`Argument::Visitors`].
    pub visitors: bool,
}

/// A number as JSON has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole number, every digit of it.
    Integer(i128),
    /// Prints as the shortest decimal that is this number.
    Float(f64),
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self::Integer(number.into())
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self::Integer(number.into())
    }
}

impl From<f64> for Number {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl<'a> From<&'a Json> for Argument<'a> {
    /// Null is [`Argument::Other`], as lists and objects are.
    fn from(value: &'a Json) -> Self {
        match value {
            Json::String(text) => Self::Text(text),
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => from_json(number).map_or(Self::Other, Self::Number),
            Json::Null | Json::Array(_) | Json::Object(_) => Self::Other,
        }
    }
}

fn from_json(number: &serde_json::Number) -> Option<Number> {
    let whole = || number.as_u64().map(Number::from);
    number.as_i64().map(Number::from).or_else(whole).or_else(|| number.as_f64().map(Number::from))
}

impl Arguments for Map<String, Json> {
    /// Null counts as missing: templates write it for a value that they do not have.
    fn get(&self, name: &str) -> Option<Argument<'_>> {
        Map::get(self, name).filter(|value| !value.is_null()).map(Argument::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_every_digit() {
        let value: Json = serde_json::from_str(
            r#"{"a":18446744073709551615,"b":-9223372036854775808,"c":1.5,"d":"x","e":true,"f":null,"g":[]}"#,
        )
        .unwrap();
        let map = value.as_object().unwrap();
        let get = |name| Arguments::get(map, name);
        assert_eq!(get("a"), Some(Argument::Number(Number::Integer(u64::MAX.into()))));
        assert_eq!(get("b"), Some(Argument::Number(Number::Integer(i64::MIN.into()))));
        assert_eq!(get("c"), Some(Argument::Number(Number::Float(1.5))));
        assert_eq!(get("d"), Some(Argument::Text("x")));
        assert_eq!(get("e"), Some(Argument::Bool(true)));
        assert_eq!(get("f"), None);
        assert_eq!(get("g"), Some(Argument::Other));
        assert_eq!(get("h"), None);
        assert_eq!(Argument::from(&Json::Null), Argument::Other);
    }
}
