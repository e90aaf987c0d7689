//! The formatters of one locale: made when a message first needs them, shared by all that do.

use std::borrow::Borrow;
use std::sync::{Arc, Mutex, PoisonError};

use icu::decimal::DecimalFormatter;
use icu::decimal::options::{DecimalFormatterOptions, GroupingStrategy};
use icu::locale::Locale;
use icu::plurals::{PluralRuleType, PluralRules};

use super::calendar::{DateFormat, DateStyle};
use super::number::{NumberFormat, NumberStyle};

/// Everything made for one locale. What nobody asked for was never made.
pub(super) struct Language {
    locale: Locale,
    plurals: Made<PluralRuleType, PluralRules>,
    decimals: Made<GroupingStrategy, DecimalFormatter>,
    numbers: Made<NumberStyle, NumberFormat>,
    dates: Made<DateStyle, DateFormat>,
}

/// The languages of all messages. One that is forgotten lives on in its messages.
static LANGUAGES: Made<String, Language> = Made::new(1024);

impl Language {
    /// The one for `tag`, a BCP 47 tag. `None` when it is no tag.
    pub(super) fn of(tag: &str) -> Option<Arc<Self>> {
        LANGUAGES.get(tag, || Some(Self::new(tag.parse().ok()?)))
    }

    fn new(locale: Locale) -> Self {
        Self {
            locale,
            plurals: Made::new(2),
            decimals: Made::new(4),
            numbers: Made::new(64),
            dates: Made::new(512),
        }
    }

    pub(super) fn locale(&self) -> &Locale {
        &self.locale
    }

    pub(super) fn plurals(&self, kind: PluralRuleType) -> Option<Arc<PluralRules>> {
        self.plurals.get(&kind, || PluralRules::try_new((&self.locale).into(), kind.into()).ok())
    }

    pub(super) fn decimal(&self, grouping: GroupingStrategy) -> Option<Arc<DecimalFormatter>> {
        let options = DecimalFormatterOptions::from(grouping);
        self.decimals
            .get(&grouping, || DecimalFormatter::try_new((&self.locale).into(), options).ok())
    }

    pub(super) fn number(&self, style: NumberStyle) -> Option<Arc<NumberFormat>> {
        self.numbers.get(&style, || NumberFormat::new(self, style))
    }

    pub(super) fn date(&self, style: DateStyle) -> Option<Arc<DateFormat>> {
        self.dates.get(&style, || DateFormat::new(&self.locale, style))
    }
}

/// Things made once for each key, those asked for last in front, at most so many of them.
struct Made<K, T> {
    most: usize,
    things: Mutex<Vec<(K, Arc<T>)>>,
}

impl<K, T> Made<K, T> {
    const fn new(most: usize) -> Self {
        Self { most, things: Mutex::new(Vec::new()) }
    }

    /// The thing for `key`, made now if there is none. `None` when it cannot be made.
    fn get<Q>(&self, key: &Q, make: impl FnOnce() -> Option<T>) -> Option<Arc<T>>
    where
        K: Borrow<Q>,
        Q: Eq + ToOwned<Owned = K> + ?Sized,
    {
        let mut things = self.things.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = things.iter().position(|(known, _)| known.borrow() == key) {
            things.swap(0, at);
        } else {
            things.truncate(self.most - 1);
            things.insert(0, (key.to_owned(), Arc::new(make()?)));
        }
        things.first().map(|(_, thing)| Arc::clone(thing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_language_is_made_once() {
        let (one, same) = (Language::of("sl").unwrap(), Language::of("sl").unwrap());
        assert!(Arc::ptr_eq(&one, &same));
        let plurals = |language: &Language| language.plurals(PluralRuleType::Cardinal).unwrap();
        assert!(Arc::ptr_eq(&plurals(&one), &plurals(&same)));
        assert!(Language::of("not a tag").is_none());
    }

    #[test]
    fn what_is_made_is_bounded() {
        let made: Made<String, usize> = Made::new(2);
        for (name, expected) in [("a", 1), ("b", 2), ("a", 1), ("c", 3), ("a", 1), ("b", 4)] {
            assert_eq!(*made.get(name, || Some(expected)).unwrap(), expected, "{name}");
        }
        assert_eq!(made.things.lock().unwrap().len(), 2);
        assert!(made.get("d", || None).is_none());
    }
}
