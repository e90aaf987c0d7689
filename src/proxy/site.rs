//! A site as the proxy serves it: its origin, its rules, its live content.

use std::sync::Arc;

use super::conditional::Stamp;
use super::config::{self, Origin};
use crate::content::{Snapshot, Voice};
use crate::live::{Reader, Soon};
use crate::locale::Tag;
use crate::weave::{Lookback, Rules};

/// One site.
pub(crate) struct Site {
    pub(crate) name: Arc<str>,
    pub(crate) origin: Origin,
    pub(crate) rules: Rules,
    pub(crate) compress: bool,
    locale: Option<Tag>,
    content: Reader,
    rules_hash: u32,
}

/// What a request's page is printed with: the snapshot of the moment it came in.
#[derive(Debug, Clone)]
pub(crate) struct Printing {
    pub(crate) voice: Voice,
    pub(crate) stamp: Stamp,
    pub(crate) release: String,
}

impl Site {
    pub(crate) fn new(
        config: &config::Site,
        max_slot: usize,
        lookback: Arc<Lookback>,
        content: Reader,
    ) -> Self {
        Self {
            name: config.name.as_str().into(),
            origin: config.origin.clone(),
            rules: Rules {
                selectors: config.selectors.clone(),
                label: config.label.clone(),
                max_slot,
                default_charset: config.charset,
                lookback,
            },
            compress: config.compress,
            locale: config.locale.default.clone(),
            content,
            rules_hash: rules_hash(config, max_slot),
        }
    }

    /// What pages are printed with now; nothing while there is no content.
    pub(crate) fn printing(&self) -> Option<Printing> {
        self.print(&*self.content.get()?)
    }

    /// Content that is not there yet and may be soon.
    pub(crate) fn soon(&self) -> Option<Soon> {
        self.content.soon()
    }

    /// What pages are printed with out of `snapshot`.
    pub(crate) fn print(&self, snapshot: &Snapshot) -> Option<Printing> {
        let locale = self.locale.as_ref().unwrap_or(snapshot.default_locale());
        let voice = snapshot.voice(locale)?;
        let release = snapshot.release().to_owned();
        let stamp = Stamp::new(&release, locale.as_str(), self.rules_hash);
        Some(Printing { voice, stamp, release })
    }
}

/// What else a page's bytes depend on. FNV-1a: the same in every process of this version.
fn rules_hash(config: &config::Site, max_slot: usize) -> u32 {
    let charset = config.charset.map_or("", |charset| charset.name());
    let (label, version) = (config.label.as_str(), env!("CARGO_PKG_VERSION"));
    let rules = format!("{label} {charset} {max_slot} {version}");
    rules.bytes().fold(0x811c_9dc5, |hash: u32, b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193))
}
