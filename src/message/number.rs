//! Numbers: reading them from arguments, and printing them as a locale does.

use std::fmt::Write;
use std::sync::Arc;

use fixed_decimal::{Decimal, SignDisplay, SignedRoundingMode, UnsignedRoundingMode};
use icu::decimal::DecimalFormatter;
use icu::decimal::options::GroupingStrategy;
use icu::plurals::{PluralCategory, PluralRules};

use super::argument::{Argument, Number};
use super::language::Language;
use super::percent::Percent;

/// How a number is to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NumberStyle {
    pub(super) grouping: GroupingStrategy,
    pub(super) percent: bool,
    /// A power of ten to multiply by, beside what a percentage needs.
    pub(super) scale: i16,
    pub(super) digits: Digits,
    /// Digits before the decimal separator, at least.
    pub(super) integer: u8,
    pub(super) sign: SignDisplay,
}

/// Where a number is rounded and to where it is filled with zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digits {
    /// Behind the decimal separator.
    Fraction { least: u8, most: u8 },
    /// From the first digit that is not zero.
    Significant { least: u8, most: u8 },
}

impl Default for NumberStyle {
    fn default() -> Self {
        Self {
            grouping: GroupingStrategy::Auto,
            percent: false,
            scale: 0,
            digits: Digits::Fraction { least: 0, most: 3 },
            integer: 1,
            sign: SignDisplay::Auto,
        }
    }
}

/// A style as one locale writes it.
pub(super) struct NumberFormat {
    style: NumberStyle,
    decimal: Arc<DecimalFormatter>,
    percent: Option<Percent>,
    /// Whether a small whole number prints as its ASCII digits.
    ascii: bool,
}

impl NumberFormat {
    pub(super) fn new(language: &Language, style: NumberStyle) -> Option<Self> {
        let decimal = language.decimal(style.grouping)?;
        let zero = decimal.format_to_string(&Decimal::from(0)).chars().next_back()?;
        let percent = style.percent.then(|| Percent::of(language.locale(), zero));
        let ascii = zero == '0' && style == NumberStyle::default();
        Some(Self { style, decimal, percent, ascii })
    }

    /// Appends `number`.
    pub(super) fn write(&self, number: Number, out: &mut String) {
        // Writing to a string cannot fail.
        let _ = match (number, &self.percent) {
            (Number::Integer(small @ 0..=999), _) if self.ascii => write!(out, "{small}"),
            (_, None) => write!(out, "{}", self.decimal.format(&self.rounded(number))),
            (_, Some(percent)) => {
                percent.write(&self.decimal.format_to_string(&self.rounded(number)), out);
                Ok(())
            }
        };
    }

    fn rounded(&self, number: Number) -> Decimal {
        let mut decimal = decimal(number);
        let style = &self.style;
        if matches!(number, Number::Integer(_)) && *style == NumberStyle::default() {
            return decimal;
        }
        decimal.multiply_pow10(style.scale + if style.percent { 2 } else { 0 });
        let (least, most) = match style.digits {
            Digits::Fraction { least, most } => (-i16::from(least), -i16::from(most)),
            Digits::Significant { least, most } => {
                let first = decimal.absolute.nonzero_magnitude_start();
                (first + 1 - i16::from(least), first + 1 - i16::from(most))
            }
        };
        round(&mut decimal, most);
        decimal.absolute.pad_end(least.min(0));
        decimal.absolute.pad_start(style.integer.into());
        decimal.apply_sign_display(style.sign);
        decimal
    }
}

/// Half away from zero, without zeros that say nothing.
fn round(decimal: &mut Decimal, position: i16) {
    let half = SignedRoundingMode::Unsigned(UnsignedRoundingMode::HalfExpand);
    decimal.round_with_mode(position, half);
    decimal.absolute.trim_end();
    decimal.absolute.trim_start();
}

fn decimal(number: Number) -> Decimal {
    match number {
        // Much faster where it fits.
        Number::Integer(whole) => match i64::try_from(whole) {
            Ok(small) => Decimal::from(small),
            Err(_) => Decimal::from(whole),
        },
        // The shortest decimal that is this number, never with an exponent: always readable.
        Number::Float(float) => float.to_string().parse().unwrap_or_default(),
    }
}

impl Number {
    /// The number that an argument stands for: a number, or a text that is a decimal number.
    pub(super) fn read(argument: Argument<'_>) -> Option<Self> {
        match argument {
            Argument::Number(Self::Float(float)) if !float.is_finite() => None,
            Argument::Number(number) => Some(number),
            Argument::Text(text) | Argument::Visitors(text) => from_text(text),
            Argument::Bool(_) | Argument::Other => None,
        }
    }

    /// Less the offset of a plural.
    pub(super) fn less(self, offset: i32) -> Self {
        match self {
            Self::Integer(whole) => Self::Integer(whole.saturating_sub(offset.into())),
            Self::Float(float) => Self::Float(float - f64::from(offset)),
        }
    }

    pub(super) fn equals(self, exact: i32) -> bool {
        match self {
            Self::Integer(whole) => whole == exact.into(),
            Self::Float(float) => float == f64::from(exact),
        }
    }

    /// Its category. As in JavaScript, digits that would not be printed do not count.
    pub(super) fn category(self, rules: &PluralRules) -> PluralCategory {
        if let Self::Integer(whole) = self
            && let Ok(small) = u64::try_from(whole.unsigned_abs())
        {
            return rules.category_for(small);
        }
        let mut decimal = decimal(self);
        round(&mut decimal, -3);
        rules.category_for(&decimal)
    }

    /// Appends it as JavaScript's `String` does, which prints all digits below 10²¹; of a whole
    /// number all digits are kept.
    pub(super) fn write(self, out: &mut String) {
        // Writing to a string cannot fail.
        let _ = match self {
            Self::Integer(whole) => write!(out, "{whole}"),
            Self::Float(0.0) => write!(out, "0"),
            Self::Float(float) if (1e-6..1e21).contains(&float.abs()) => write!(out, "{float}"),
            Self::Float(float) => {
                let exponential = format!("{float:e}");
                let signed = if float.abs() < 1.0 { "e" } else { "e+" };
                write!(out, "{}", exponential.replacen('e', signed, 1))
            }
        };
    }
}

/// `-12`, `3.50`: digits, with a sign and a fraction if need be.
fn from_text(text: &str) -> Option<Number> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let absolute = text.strip_prefix('-').unwrap_or(text);
    match absolute.split_once('.') {
        None if digits(absolute) => {
            let float = || text.parse().ok().filter(|float: &f64| float.is_finite());
            text.parse().ok().map(Number::Integer).or_else(|| float().map(Number::Float))
        }
        Some((whole, fraction)) if digits(whole) && digits(fraction) => {
            text.parse().ok().filter(|float: &f64| float.is_finite()).map(Number::Float)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(locale: &str, style: NumberStyle, number: impl Into<Number>) -> String {
        let mut out = String::new();
        Language::of(locale).unwrap().number(style).unwrap().write(number.into(), &mut out);
        out
    }

    #[test]
    fn a_locale_has_its_separators() {
        let style = NumberStyle::default();
        assert_eq!(printed("en", style, 1_234_567.891_5), "1,234,567.892");
        assert_eq!(printed("de", style, -1234_i64), "-1.234");
        assert_eq!(printed("es", style, 1234_i64), "1234");
        assert_eq!(printed("ar-EG", style, 7_i64), "٧");
        assert_eq!(printed("en-u-nu-deva", style, 7_i64), "७");
        assert_eq!(printed("en", style, u64::MAX), "18,446,744,073,709,551,615");
        assert_eq!(printed("en", style, 1e-308), "0");
        assert_eq!(printed("en", style, 1e308).len(), 309 + 102);
    }

    #[test]
    fn digits_are_rounded_and_filled() {
        let with = |digits| NumberStyle { digits, ..NumberStyle::default() };
        let fraction = |least, most| with(Digits::Fraction { least, most });
        let significant = |least, most| with(Digits::Significant { least, most });
        assert_eq!(printed("en", fraction(2, 2), 1.005), "1.01");
        assert_eq!(printed("en", fraction(2, 2), 3_i64), "3.00");
        assert_eq!(printed("en", fraction(0, 0), -0.5), "-1");
        assert_eq!(printed("en", significant(3, 3), 1234.5), "1,230");
        assert_eq!(printed("en", significant(3, 3), 0.5), "0.500");
        assert_eq!(printed("en", significant(1, 2), 99.9), "100");
        assert_eq!(
            printed("en", NumberStyle { integer: 3, ..NumberStyle::default() }, 7_i64),
            "007"
        );
    }

    #[test]
    fn texts_can_be_numbers() {
        let read = |text: &str| Number::read(Argument::Text(text));
        assert_eq!(read("3"), Some(Number::Integer(3)));
        assert_eq!(read("-1.5"), Some(Number::Float(-1.5)));
        assert_eq!(read(&"9".repeat(60)), Some(Number::Float(1e60)));
        for text in ["", "-", "1.", ".5", "+1", "1e5", " 1", "inf", "NaN", "0x1", &"9".repeat(400)]
        {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(Number::read(Argument::Number(Number::Float(f64::NAN))), None);
    }

    #[test]
    fn plain_numbers_are_as_in_javascript() {
        for (number, expected) in [
            (1.0, "1"),
            (-0.0, "0"),
            (0.1, "0.1"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (-1.5e300, "-1.5e+300"),
            (0.000_001, "0.000001"),
            (1.5e-7, "1.5e-7"),
        ] {
            let mut out = String::new();
            Number::Float(number).write(&mut out);
            assert_eq!(out, expected);
        }
    }
}
