//! The store that a command publishes to, and who signs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::output::Failed;
use crate::config::SecretSource;
use crate::content::release::signature::SigningKey;
use crate::publish::{self, Target};
use crate::refresh::{ALIAS, Location, Options, check_alias};
use crate::releases::Limits;
use crate::store::{Store, Stores};
use crate::webhook::Secrets;

/// Large objects over a slow line take their time.
const PATIENCE: Duration = Duration::from_secs(300);

/// Who can be told, and how.
const SCHEMES: &[&str] = &["http", "https", "redis", "rediss", "valkey", "valkeys"];

/// Where releases are kept.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// The store: a directory, or s3://bucket/prefix. Credentials come from the environment, by the
    /// usual AWS_… variables
    #[arg(long = "to", value_name = "STORE")]
    store: String,
    /// The address of what is compatible with S3, e.g. http://127.0.0.1:9000 [env: AWS_ENDPOINT_URL]
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// The region [env: AWS_REGION]
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// Put the bucket into the host name instead of the path
    #[arg(long)]
    virtual_host: bool,
}

/// What an alias is moved with.
#[derive(Debug, Args)]
pub(super) struct Mover {
    #[command(flatten)]
    place: Place,
    /// Sign with the secret key in this file, as `overprint keys new` writes it
    #[arg(long, value_name = "KEYFILE")]
    sign: Option<PathBuf>,
    /// Move an alias that is signed without signing it
    #[arg(long, conflicts_with = "sign")]
    unsigned: bool,
    /// Count on from this move, which proxies have seen (their /status says it): after the store was
    /// restored or rebuilt, or to replace an alias that cannot be read
    #[arg(long, value_name = "MOVE")]
    past: Option<u64>,
    /// Tell the proxies behind this URL, every address of it: https://www.example.com, or
    /// redis://host. May be given several times
    #[arg(long, value_name = "URL")]
    notify: Vec<reqwest::Url>,
    /// The webhook's secret, which the proxies have too [env: OVERPRINT_HOOK_SECRET]
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// The largest object that the proxies take (`limits.object`), in MiB
    #[arg(long, value_name = "MIB", default_value_t = 64)]
    max_object: u64,
    /// The site's name in the proxies' config [default: the last part of STORE]
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
}

impl Place {
    pub(super) fn open(&self) -> Result<(Location, Store), Failed> {
        let path_style = self.virtual_host.then_some(false);
        let (endpoint, region) = (self.endpoint.clone(), self.region.clone());
        let options = Options { endpoint, region, path_style };
        let location = Location::parse(&self.store, Path::new(""), &options);
        let location =
            location.map_err(|(fault, help)| Failed::Because(format!("--to: {fault}; {help}")))?;
        let store = Stores::new(PATIENCE).and_then(|stores| stores.open(&location));
        let store = store.map_err(Failed::Because)?;
        Ok((location, store))
    }
}

/// Everything that moving an alias takes.
pub(super) struct Ready {
    pub(super) target: Target,
    pub(super) site: String,
    pub(super) urls: Vec<reqwest::Url>,
    pub(super) secrets: Option<Secrets>,
}

impl Mover {
    /// Checks everything before anything is written.
    pub(super) fn ready(&self, alias: Option<&str>) -> Result<Ready, Failed> {
        let alias = alias.unwrap_or(ALIAS);
        check_alias(alias).map_err(Failed::Because)?;
        let (location, store) = self.place.open()?;
        let site = self.site.clone().or_else(|| location.last_segment()).unwrap_or_default();
        self.check_urls(&site)?;
        let signer = self.sign.as_deref().map(signer).transpose()?;
        let secrets = self.secrets()?;
        let by_hook = |url: &&reqwest::Url| matches!(url.scheme(), "http" | "https");
        if secrets.is_none()
            && let Some(url) = self.notify.iter().find(by_hook)
        {
            return Err(Failed::Because(format!(
                "--notify {} takes the webhook's secret: give --secret-file, or set OVERPRINT_HOOK_SECRET",
                publish::without_password(url)
            )));
        }
        let limits = Limits { object: self.max_object << 20, ..Limits::default() };
        let (unsigned, past) = (self.unsigned, self.past);
        let target = Target { store, alias: alias.to_owned(), signer, unsigned, past, limits };
        Ok(Ready { target, site, urls: self.notify.clone(), secrets })
    }

    fn check_urls(&self, site: &str) -> Result<(), Failed> {
        for url in &self.notify {
            if !SCHEMES.contains(&url.scheme()) || url.host_str().is_none() {
                let url = publish::without_password(url);
                return Err(Failed::Because(format!(
                    "--notify {url}: write https://www.example.com or redis://host"
                )));
            }
        }
        if site.is_empty() && !self.notify.is_empty() {
            return Err(Failed::because("--notify: name the site with --site"));
        }
        Ok(())
    }

    fn secrets(&self) -> Result<Option<Secrets>, Failed> {
        let variable = "OVERPRINT_HOOK_SECRET";
        let source = match &self.secret_file {
            Some(file) => SecretSource::File(file.clone()),
            None if std::env::var_os(variable).is_some() => {
                SecretSource::Variable(variable.to_owned())
            }
            None => return Ok(None),
        };
        crate::app::read_secrets(&[source]).map_err(Failed::Because)
    }
}

fn signer(file: &Path) -> Result<SigningKey, Failed> {
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| Failed::Because(format!("{}: {error}", file.display())))?;
    let key = SigningKey::parse(&text);
    key.map_err(|fault| Failed::Because(format!("{}: {fault}", file.display())))
}

impl From<publish::Failed> for Failed {
    fn from(failed: publish::Failed) -> Self {
        match failed {
            publish::Failed::Conflict { .. } => Self::Conflict(failed.to_string()),
            _ => Self::because(failed),
        }
    }
}
