//! Styles of numbers as messages write them: `percent`, `::.00`, `::compact-short`.

use fixed_decimal::SignDisplay;
use formatjs_icu_messageformat_parser::types::{NumberSkeletonOrStyle, NumberSkeletonToken};
use icu::decimal::options::GroupingStrategy;

use super::fault::quoted;
use super::number::{Digits, NumberStyle};

/// What is wrong, and what to write instead.
pub(super) type Refused = (String, &'static str);

/// Digits on either side, as many as JavaScript allows at the least.
const MOST_DIGITS: usize = 20;

/// The style that a message asks for.
///
/// # Errors
/// What cannot be printed, with what to do instead.
pub(super) fn number_style(asked: Option<&NumberSkeletonOrStyle>) -> Result<NumberStyle, Refused> {
    let plain = NumberStyle::default();
    let whole = Digits::Fraction { least: 0, most: 0 };
    match asked {
        None => Ok(plain),
        Some(NumberSkeletonOrStyle::Skeleton(skeleton)) => skeleton_style(&skeleton.tokens),
        Some(NumberSkeletonOrStyle::String(name)) => match name.as_str() {
            "integer" => Ok(NumberStyle { digits: whole, ..plain }),
            "percent" => Ok(NumberStyle { percent: true, digits: whole, ..plain }),
            "currency" => Err(unsupported(name)),
            _ => Err((
                format!("there is no number style {}", quoted(name)),
                "write integer, percent, or a skeleton such as ::.00",
            )),
        },
    }
}

fn skeleton_style(tokens: &[NumberSkeletonToken]) -> Result<NumberStyle, Refused> {
    let mut style = NumberStyle::default();
    let mut digits = None;
    for token in tokens {
        let options: Vec<&str> = token.options.iter().map(String::as_str).collect();
        match (token.stem.as_str(), options.as_slice()) {
            ("percent" | "%", []) => style.percent = true,
            ("scale", [factor]) => style.scale = scale(factor)?,
            ("group-off" | ",_", []) => style.grouping = GroupingStrategy::Never,
            ("group-min2" | ",?", []) => style.grouping = GroupingStrategy::Min2,
            ("group-auto", []) => style.grouping = GroupingStrategy::Auto,
            ("group-on-aligned" | ",!", []) => style.grouping = GroupingStrategy::Always,
            ("sign-auto", []) => style.sign = SignDisplay::Auto,
            ("sign-always" | "+!", []) => style.sign = SignDisplay::Always,
            ("sign-never" | "+_", []) => style.sign = SignDisplay::Never,
            ("sign-except-zero" | "+?", []) => style.sign = SignDisplay::ExceptZero,
            ("precision-integer" | ".", []) => {
                digits = Some(Digits::Fraction { least: 0, most: 0 })
            }
            ("integer-width", [width]) => style.integer = width_of(width)?,
            (stem, []) if stem.starts_with('.') => digits = Some(fraction(stem)?),
            (stem, []) if stem.starts_with('@') => digits = Some(significant(stem)?),
            (stem, []) if stem.bytes().all(|b| b == b'0') && !stem.is_empty() => {
                style.integer = count(stem, stem.len())?;
            }
            (stem, _) => return Err(unsupported(stem)),
        }
    }
    let by_default =
        if style.percent { Digits::Fraction { least: 0, most: 0 } } else { style.digits };
    Ok(NumberStyle { digits: digits.unwrap_or(by_default), ..style })
}

/// `.00`, `.##`, `.0#`, `.00*`.
fn fraction(stem: &str) -> Result<Digits, Refused> {
    let rest = stem.trim_start_matches('.');
    let (places, open) = match rest.strip_suffix(['*', '+']) {
        Some(places) => (places, true),
        None => (rest, false),
    };
    let zeros = places.bytes().take_while(|b| *b == b'0').count();
    if !places[zeros..].bytes().all(|b| b == b'#') || stem.len() - rest.len() != 1 {
        return Err(malformed(stem));
    }
    let least = count(stem, zeros)?;
    let most = count(stem, places.len())?;
    Ok(Digits::Fraction { least, most: if open { most.max(3) } else { most } })
}

/// `@@@`, `@##`.
fn significant(stem: &str) -> Result<Digits, Refused> {
    let least = stem.bytes().take_while(|b| *b == b'@').count();
    if !stem[least..].bytes().all(|b| b == b'#') {
        return Err(malformed(stem));
    }
    Ok(Digits::Significant { least: count(stem, least)?, most: count(stem, stem.len())? })
}

/// `*000`, `+000`.
fn width_of(width: &str) -> Result<u8, Refused> {
    // Without a sign in front, ICU drops the digits that are more.
    let zeros = width.strip_prefix(['*', '+']).unwrap_or_default();
    if zeros.is_empty() || !zeros.bytes().all(|b| b == b'0') {
        return Err(malformed(width));
    }
    count(width, zeros.len())
}

/// A power of ten, so that no digit is lost.
fn scale(factor: &str) -> Result<i16, Refused> {
    let power =
        |zeros: &str| zeros.bytes().all(|b| b == b'0').then(|| i16::try_from(zeros.len()).ok());
    let above = factor.strip_prefix('1').and_then(power).flatten();
    let below = || {
        let places = factor.strip_prefix("0.")?;
        power(places.strip_suffix('1')?).flatten().map(|zeros| -zeros - 1)
    };
    above.or_else(below).filter(|power| power.unsigned_abs() <= 15).ok_or_else(|| {
        (format!("the scale {} is no power of ten", quoted(factor)), "write one such as scale/100")
    })
}

fn count(stem: &str, digits: usize) -> Result<u8, Refused> {
    match u8::try_from(digits) {
        Ok(count) if digits <= MOST_DIGITS => Ok(count),
        _ => Err((format!("{} asks for too many digits", quoted(stem)), "ask for 20 at the most")),
    }
}

fn malformed(stem: &str) -> Refused {
    (format!("{} does not say how many digits", quoted(stem)), "write it like .00, .## or @@#")
}

fn unsupported(stem: &str) -> Refused {
    let help = match stem {
        "currency" => "write the currency into the text around {amount, number, ::.00}",
        "measure-unit" | "unit" | "per-measure-unit" => "write the unit into the text, in a plural",
        "compact-short" | "compact-long" | "K" | "KK" => "shorten the number before it is passed",
        _ => "write percent, .00, .##, @@#, group-off, sign-always, scale/100 or integer-width/*00",
    };
    (format!("{} is not supported in numbers", quoted(stem)), help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(skeleton: &str) -> Result<NumberStyle, Refused> {
        skeleton_style(&NumberSkeletonToken::parse_from_string(skeleton).unwrap())
    }

    fn digits(skeleton: &str) -> Digits {
        style(skeleton).unwrap().digits
    }

    #[test]
    fn skeletons_are_styles() {
        assert_eq!(digits(".00"), Digits::Fraction { least: 2, most: 2 });
        assert_eq!(digits(".0#"), Digits::Fraction { least: 1, most: 2 });
        assert_eq!(digits(".##"), Digits::Fraction { least: 0, most: 2 });
        assert_eq!(digits(".0*"), Digits::Fraction { least: 1, most: 3 });
        assert_eq!(digits("."), Digits::Fraction { least: 0, most: 0 });
        assert_eq!(digits("percent"), Digits::Fraction { least: 0, most: 0 });
        assert_eq!(digits("percent .0"), Digits::Fraction { least: 1, most: 1 });
        assert_eq!(digits("@@#"), Digits::Significant { least: 2, most: 3 });
        assert_eq!(style("scale/100").unwrap().scale, 2);
        assert_eq!(style("scale/0.01").unwrap().scale, -2);
        assert_eq!(style("integer-width/+000").unwrap().integer, 3);
        assert_eq!(style("000").unwrap().integer, 3);
        assert_eq!(style("group-off").unwrap().grouping, GroupingStrategy::Never);
        assert_eq!(style("+!").unwrap().sign, SignDisplay::Always);
    }

    #[test]
    fn what_cannot_be_printed_is_refused() {
        for skeleton in [
            "currency/EUR",
            "compact-short",
            "K",
            "scientific",
            "%x100",
            "unit/meter",
            ".0x",
            ".#0",
            "..0",
            "@0",
            "scale/3",
            "scale/1e2",
            "scale/1é",
            "integer-width/é",
            "integer-width/000",
            "percent/x",
            "rounding-mode-up",
            "é",
            ".000000000000000000000",
        ] {
            assert!(style(skeleton).is_err(), "{skeleton}");
        }
    }
}
