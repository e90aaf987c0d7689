//! A site as the proxy serves it: its origin, its rules, its live content.

use std::sync::Arc;

use super::conditional::Stamp;
use super::config::{self, Origin};
use crate::content::{Reader, Snapshot, Voice};
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
                label: config.label.clone(),
                max_slot,
                default_charset: config.charset,
                lookback,
            },
            compress: config.compress,
            locale: config.default_locale.clone(),
            content,
        }
    }

    /// What pages are printed with now; nothing while there is no content.
    pub(crate) fn printing(&self) -> Option<Printing> {
        let snapshot: Arc<Snapshot> = self.content.get()?;
        let locale = self.locale.as_ref().unwrap_or(snapshot.default_locale());
        let voice = snapshot.voice(locale)?;
        let release = snapshot.release().to_owned();
        let stamp = Stamp::new(&release, locale.as_str());
        Some(Printing { voice, stamp, release })
    }
}
