//! From the parser's elements to a compiled message.

use std::ops::Range;

use formatjs_icu_messageformat_parser::Location;
use formatjs_icu_messageformat_parser::types::{
    DateElement, DateTimeSkeletonOrStyle, MessageFormatElement as Element, NumberElement,
    PluralElement, PluralType, SelectElement, ValidPluralRule,
};
use icu::plurals::{PluralCategory, PluralRuleType};

use super::calendar::{self, DateStyle};
use super::fault::{Fault, quoted};
use super::language::Language;
use super::number::NumberStyle;
use super::part::{Part, Parts, Plural, Select};
use super::{skeleton, syntax};

/// The text that elements are when none of them prints an argument.
pub(super) fn literal(elements: &[Element]) -> Option<String> {
    elements
        .iter()
        .map(|element| match element {
            Element::Literal(literal) => Some(literal.value.as_str()),
            _ => None,
        })
        .collect()
}

/// Compiles elements of `source` for one language.
///
/// # Errors
/// [`Fault`] for what cannot be printed.
pub(super) fn parts(
    source: &str,
    language: &Language,
    elements: Vec<Element>,
) -> Result<Parts, Fault> {
    Compiler { source, language }.parts(elements)
}

struct Compiler<'a> {
    source: &'a str,
    language: &'a Language,
}

impl Compiler<'_> {
    fn parts(&self, elements: Vec<Element>) -> Result<Parts, Fault> {
        elements.into_iter().map(|element| self.part(element)).collect()
    }

    fn part(&self, element: Element) -> Result<Part, Fault> {
        Ok(match element {
            Element::Literal(literal) => Part::Literal(literal.value.into()),
            Element::Argument(argument) => Part::Text(argument.value.into()),
            Element::Number(number) => self.number(number)?,
            Element::Date(date) => self.date(date, calendar::date)?,
            Element::Time(time) => self.date(time, calendar::time)?,
            Element::Pound(_) => {
                let style = NumberStyle::default();
                Part::Count(self.language.number(style).ok_or_else(|| self.no_data())?)
            }
            Element::Plural(plural) => Part::Plural(Box::new(self.plural(plural)?)),
            Element::Select(select) => Part::Select(Box::new(self.select(select)?)),
            // With tags as text there are none.
            Element::Tag(tag) => Part::Literal(tag.value.into()),
        })
    }

    fn number(&self, number: NumberElement) -> Result<Part, Fault> {
        let style = skeleton::number_style(number.style.as_ref())
            .map_err(|(message, help)| Fault::new(self.span(&number.location), message, help))?;
        let format = self.language.number(style).ok_or_else(|| self.no_data())?;
        Ok(Part::Number(number.value.into(), format))
    }

    /// A date or a time; DateElement and TimeElement are one type.
    fn date(
        &self,
        date: DateElement,
        named: fn(Option<&str>) -> Option<DateStyle>,
    ) -> Result<Part, Fault> {
        let style = match &date.style {
            None => named(None),
            Some(DateTimeSkeletonOrStyle::String(name)) => named(Some(name)),
            Some(DateTimeSkeletonOrStyle::Skeleton(asked)) => calendar::skeleton(&asked.pattern),
        };
        let style = style.ok_or_else(|| {
            Fault::new(
                self.span(&date.location),
                "this style of a date or time is not supported",
                "write short, medium, long, full, or a skeleton such as ::yMMMd or ::jmm",
            )
        })?;
        let format = self.language.date(style).ok_or_else(|| self.no_data())?;
        Ok(Part::Date(date.value.into(), format))
    }

    fn plural(&self, plural: PluralElement) -> Result<Plural, Fault> {
        let kind = match plural.plural_type {
            PluralType::Cardinal => PluralRuleType::Cardinal,
            PluralType::Ordinal => PluralRuleType::Ordinal,
        };
        let (mut exact, mut arms, mut other) = (Vec::new(), Vec::new(), None);
        for (selector, option) in plural.options {
            let parts = self.parts(option.value)?;
            match category(&selector) {
                Some(PluralCategory::Other) => other = Some(parts),
                Some(category) => arms.push((category, parts)),
                None => exact.push((self.exact(&selector, &option.location)?, parts)),
            }
        }
        Ok(Plural {
            name: plural.value.into(),
            offset: plural.offset,
            rules: self.language.plurals(kind).ok_or_else(|| self.no_data())?,
            exact: exact.into(),
            arms: arms.into(),
            other: other.unwrap_or_default(),
        })
    }

    fn exact(&self, selector: &ValidPluralRule, arm: &Option<Location>) -> Result<i32, Fault> {
        let selector = selector.as_str();
        let number = selector.strip_prefix('=').and_then(|digits| digits.parse().ok());
        number.ok_or_else(|| {
            Fault::new(
                self.span(arm),
                format!("{} is no category of plurals", quoted(selector)),
                "the categories are zero, one, two, few, many and other; write =1 for a number",
            )
        })
    }

    fn select(&self, select: SelectElement) -> Result<Select, Fault> {
        let (mut arms, mut other) = (Vec::new(), None);
        for (word, option) in select.options {
            let parts = self.parts(option.value)?;
            if word == "other" {
                other = Some(parts);
            } else {
                arms.push((word.into_boxed_str(), parts));
            }
        }
        let other = other.unwrap_or_default();
        Ok(Select { name: select.value.into(), arms: arms.into(), other })
    }

    /// Only for what is wrong: it counts the characters of the source.
    fn span(&self, location: &Option<Location>) -> Range<usize> {
        syntax::span(self.source, location.as_ref())
    }

    fn no_data(&self) -> Fault {
        Fault::locale(self.source, &self.language.locale().to_string())
    }
}

fn category(selector: &ValidPluralRule) -> Option<PluralCategory> {
    Some(match selector {
        ValidPluralRule::Zero => PluralCategory::Zero,
        ValidPluralRule::One => PluralCategory::One,
        ValidPluralRule::Two => PluralCategory::Two,
        ValidPluralRule::Few => PluralCategory::Few,
        ValidPluralRule::Many => PluralCategory::Many,
        ValidPluralRule::Other => PluralCategory::Other,
        ValidPluralRule::Exact(_) => return None,
    })
}
