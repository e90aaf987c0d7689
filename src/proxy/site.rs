//! A site as the proxy serves it: its origin, its rules, its live content.

use std::sync::Arc;

use bytes::Bytes;
use hyper::header::HeaderValue;

use super::conditional::Stamp;
use super::config::{self, LocaleConfig, Origin, Variable};
use super::locale::{self, Choice, Offer};
use super::mapping::PublicAddress;
use super::origin::Pool;
use super::told::Told;
use super::variables;
use super::visit::Visit;
use crate::content::{Snapshot, Voice};
use crate::live::{Reader, Soon};
use crate::locale::Tag;
use crate::weave::{Audience, Budget, Rules};

/// One site.
pub(crate) struct Site {
    pub(crate) name: Arc<str>,
    pub(crate) origin: Origin,
    /// Connections to it that wait for a request.
    pub(crate) pool: Arc<Pool>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) compress: bool,
    pub(crate) locale: LocaleConfig,
    variables: Vec<Variable>,
    content: Reader,
    rules_hash: String,
}

/// What a request's page is printed with, out of the snapshot of the moment it came in.
#[derive(Debug, Clone)]
pub(crate) struct Printing {
    pub(crate) voice: Voice,
    /// Without the links to other locales, which only some pages have.
    pub(crate) audience: Audience,
    /// What the page's tag says of all this.
    pub(crate) stamp: Stamp,
    /// Whether nothing of the request is printed.
    pub(crate) is_common: bool,
    /// What else its head says.
    pub(crate) told: Told,
    pub(crate) release: Arc<str>,
    choice: Choice,
    locales: Arc<[Tag]>,
    default: Tag,
}

impl Site {
    pub(crate) fn new(
        config: &config::Site,
        pool: Arc<Pool>,
        max_slot: usize,
        lookback: Arc<Budget>,
        content: Reader,
    ) -> Self {
        Self {
            name: config.name.as_str().into(),
            origin: config.origin.clone(),
            pool,
            rules: Arc::new(Rules {
                selectors: config.selectors.clone(),
                label: config.label.clone(),
                max_slot,
                default_charset: config.charset,
                lookback,
            }),
            compress: config.compress,
            locale: config.locale.clone(),
            variables: config.variables.clone(),
            content,
            rules_hash: rules_hash(config, max_slot),
        }
    }

    /// What a visit is printed with now; nothing while there is no content.
    pub(crate) fn printing(&self, visit: &Visit<'_>) -> Option<Printing> {
        self.print(&*self.content.get()?, visit)
    }

    /// Content that is not there yet and may be soon.
    pub(crate) fn soon(&self) -> Option<Soon> {
        self.content.soon()
    }

    /// What a visit is printed with out of `snapshot`.
    pub(crate) fn print(&self, snapshot: &Snapshot, visit: &Visit<'_>) -> Option<Printing> {
        let offer = Offer::new(&self.locale, snapshot);
        let choice = locale::choose(&self.locale, offer, visit);
        let chosen = !self.locale.from.is_empty();
        // A default may have no content of its own and a fallback all the same.
        let fixed = self.locale.default.as_ref().filter(|_| !chosen);
        let voice = snapshot.voice(fixed.unwrap_or(&choice.tag))?;
        let mut told = Told { varies: choice.consulted.clone(), ..Told::default() };
        if chosen {
            told.language = HeaderValue::from_str(choice.tag.as_str()).ok();
        }
        let takes = |name: &str| voice.takes(name);
        let taken = variables::take(&self.variables, takes, visit, &mut told);
        let release = Arc::clone(snapshot.release());
        let locale = voice.locale().as_str();
        Some(Printing {
            is_common: taken.digest.is_none(),
            stamp: Stamp::new(&release, locale, &self.rules_hash, taken.digest.as_deref()),
            audience: Audience { chosen, alternates: None, variables: taken.values },
            voice,
            told,
            release,
            choice,
            locales: Arc::clone(snapshot.locale_list()),
            default: offer.default.clone(),
        })
    }
}

impl Printing {
    /// Where the visitor is sent instead, to find this locale; see [`locale::redirect`].
    pub(crate) fn redirect(
        &self,
        site: &Site,
        visit: &Visit<'_>,
        public: Option<&PublicAddress>,
    ) -> Option<String> {
        locale::redirect(&site.locale, &self.choice, self.offer(), visit, public)
    }

    /// The page's links to itself in other locales; see [`locale::alternates`].
    pub(crate) fn alternates(
        &self,
        site: &Site,
        visit: &Visit<'_>,
        public: Option<&PublicAddress>,
    ) -> Option<Bytes> {
        locale::alternates(&site.locale, self.offer(), visit, public)
    }

    fn offer(&self) -> Offer<'_> {
        Offer { locales: &self.locales, default: &self.default }
    }
}

/// What else a page's bytes depend on, in hex digits. FNV-1a: the same in every process of this version.
fn rules_hash(config: &config::Site, max_slot: usize) -> String {
    let charset = config.charset.map_or("", |charset| charset.name());
    let (label, version) = (config.label.as_str(), env!("CARGO_PKG_VERSION"));
    let (locale, variables, selectors) = (&config.locale, &config.variables, &config.selectors);
    let asked = format!("{locale:?} {variables:?} {selectors:?}");
    let rules = format!("{label} {charset} {max_slot} {version} {asked}");
    let step = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    format!("{:08x}", rules.bytes().fold(0x811c_9dc5, step))
}
