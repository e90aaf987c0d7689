//! Which site and content a command is about: a directory, or a site of a config.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::output::Failed;
use super::place;
use super::serve::environment;
use crate::config;
use crate::content::{Snapshot, Voice};
use crate::locale::{Preferences, Tag};
use crate::proxy::{Limits, Site};
use crate::refresh;
use crate::weave::{Budget, LabelName, Rules, Selectors};

/// Where content and label come from.
#[derive(Debug, Args)]
pub(super) struct Choice {
    /// A content directory, or a store of releases
    #[arg(long, value_name = "PLACE", conflicts_with = "config")]
    content: Option<String>,
    /// Take label, content and locale from a site of this config
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The site of the config [default: the first]
    #[arg(long, value_name = "NAME", requires = "config")]
    site: Option<String>,
    /// The label's name
    #[arg(long, value_name = "NAME", conflicts_with = "config")]
    label: Option<String>,
    /// The locale to look content up in, whatever the address, cookies or headers say [default: the
    /// config's, then the content's own]
    #[arg(long, value_name = "TAG")]
    locale: Option<String>,
}

/// What was chosen, loaded.
pub(super) struct Chosen {
    pub(super) rules: Rules,
    pub(super) snapshot: Option<Arc<Snapshot>>,
    pub(super) locale: Option<Tag>,
    /// Whether visitors may get another: their address, cookies and headers choose, and nobody has here.
    pub(super) one_of_several: bool,
}

/// What a config says of a site, or what holds without one.
#[derive(Default)]
struct Said {
    site: Option<Site>,
    content: Option<refresh::Site>,
    /// Of pages.
    limits: Limits,
    /// Of content.
    loads: refresh::Limits,
}

impl Choice {
    pub(super) fn load(&self) -> Result<Chosen, Failed> {
        let Said { site, content, limits, loads } = self.said()?;
        let label = match (&site, &self.label) {
            (Some(site), _) => site.label.clone(),
            (None, Some(name)) => LabelName::new(name).map_err(Failed::Because)?,
            (None, None) => LabelName::default(),
        };
        let locale = match &self.locale {
            Some(tag) => Some(Tag::parse(tag).map_err(Failed::Because)?),
            None => site.as_ref().and_then(|site| site.locale.default.clone()),
        };
        let chooses = site.as_ref().is_some_and(|site| !site.locale.from.is_empty());
        let one_of_several = chooses && self.locale.is_none();
        let content = content.filter(|content| content.content.is_some());
        let loaded = content.map(|content| place::load(&content, &loads, None)).transpose()?;
        let snapshot = loaded.map(|content| content.snapshot);
        let rules = Rules {
            selectors: site.as_ref().map_or(Selectors::default(), |site| site.selectors.clone()),
            label,
            max_slot: limits.max_slot,
            default_charset: site.and_then(|site| site.charset),
            lookback: Budget::new(limits.lookback),
        };
        Ok(Chosen { rules, snapshot, locale, one_of_several })
    }

    /// The site of the config, if one is meant, where its content is, and how much is taken in.
    fn said(&self) -> Result<Said, Failed> {
        let Some(path) = &self.config else {
            let content = self.content.as_deref().map(place::site_at).transpose()?;
            return Ok(Said { content, ..Said::default() });
        };
        let config = config::load(path, &environment)?;
        let (limits, loads) = (config.proxy.limits, config.content.limits);
        let sites = config.proxy.sites;
        let wanted = |site: &Site| self.site.as_ref().is_none_or(|name| *name == site.name);
        let names: Vec<_> = sites.iter().map(|site| site.name.clone()).collect();
        let found = sites.into_iter().zip(config.content.sites).find(|(site, _)| wanted(site));
        let said =
            |(site, content)| Said { site: Some(site), content: Some(content), limits, loads };
        found.map(said).ok_or_else(|| {
            Failed::Because(format!(
                "no such site in {}; it has {}",
                path.display(),
                names.join(", ")
            ))
        })
    }
}

impl Chosen {
    /// What pages would be printed with.
    pub(super) fn voice(&self) -> Result<Option<Voice>, Failed> {
        let Some(snapshot) = &self.snapshot else { return Ok(None) };
        let default = snapshot.default_locale();
        let locale = self.locale.as_ref().unwrap_or(default);
        // As a visitor who asks for it would get it.
        let wish = Preferences::of_wish(locale.as_str());
        let locale = match snapshot.voice(locale) {
            Some(_) => locale,
            None => wish.choose(snapshot.locale_list().iter(), default).unwrap_or(locale),
        };
        let known = || snapshot.locales().map(Tag::as_str).collect::<Vec<_>>().join(", ");
        match snapshot.voice(locale) {
            Some(voice) => Ok(Some(voice)),
            None => Err(Failed::Because(format!("no content in {locale}; there is {}", known()))),
        }
    }
}
