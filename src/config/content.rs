//! Stage two for where a site's content comes from.

use std::path::Path;

use reqwest::Url;

use super::fault::{Fault, Problems};
use super::place::Written;
use super::{SecretSource, bounds, written};
use crate::proxy;
use crate::refresh::{ALIAS, Location, Options, PublicKey, RedisUrl, Site, check_alias};

/// Where the content of the site lies. Whether it is there is not asked: a proxy starts without its
/// content, too.
pub(super) fn location(
    written: &written::Site,
    base_dir: &Path,
    problems: &mut Problems,
) -> Option<Location> {
    let options = options(&written.store, problems);
    let place = written.content.as_ref()?;
    let parsed = Location::parse(&place.value, base_dir, &options);
    let parsed = parsed.map_err(|(fault, help)| {
        let message = format!("`content`: {fault}");
        // A URL with a user has a password in it, too.
        if place.value.contains('@') {
            Fault::secret(message, help)
        } else {
            Fault::new(message, help)
        }
    });
    let location = problems.keep(&place.at, parsed)?;
    if location.is_unprotected() && written.public_key.is_none() {
        let help = "use https://, or sign releases and give the `public_key`";
        let message = "`content`: what comes over http:// from another machine may be anybody's";
        problems.push(&place.at, Fault::new(message, help));
    }
    Some(location)
}

fn options(written: &written::Store, problems: &mut Problems) -> Options {
    let endpoint = written.endpoint.as_ref();
    Options {
        endpoint: problems.parse_given(endpoint, endpoint_url),
        region: written.region.as_ref().map(|region| region.value.clone()),
        path_style: written.path_style.as_ref().map(|style| style.value),
    }
}

fn endpoint_url(text: &str) -> Result<String, Fault> {
    let help = "write a URL without user: \"https://s3.example.com\" or \"http://127.0.0.1:9000\"";
    let fault = || Fault::secret("`endpoint` is no http:// or https:// URL", help);
    let url = Url::parse(text).map_err(|_| fault())?;
    let plain = url.username().is_empty() && url.password().is_none();
    let fits = plain && matches!(url.scheme(), "http" | "https");
    if fits { Ok(text.trim_end_matches('/').to_owned()) } else { Err(fault()) }
}

/// The content of the site that the proxy knows as `site`.
pub(super) fn site(
    written: &written::Site,
    site: &proxy::Site,
    content: Option<Location>,
    problems: &mut Problems,
) -> Site {
    let alias = problems.parse_given(written.alias.as_ref(), alias);
    let keys = written.public_key.iter().flatten();
    Site {
        name: site.name.clone(),
        content,
        alias: alias.unwrap_or_else(|| ALIAS.to_owned()),
        public_keys: keys.filter_map(|key| problems.parse(key, public_key)).collect(),
        poll: bounds::poll(&written.refresh.poll, problems),
        default_locale: site.locale.default.clone(),
    }
}

fn alias(text: &str) -> Result<String, Fault> {
    let help = "name an alias as `overprint publish --alias` has it: \"production\"";
    check_alias(text).map_err(|fault| Fault::new(fault, help))?;
    Ok(text.to_owned())
}

/// A key that is refused is not repeated: it may be the secret one.
fn public_key(text: &str) -> Result<PublicKey, Fault> {
    let help = "write the line that `overprint keys new` prints: \"overprint-public-key:…\"";
    PublicKey::parse(text).map_err(|fault| Fault::secret(format!("`public_key`: {fault}"), help))
}

/// Where the secrets of the site's webhook are kept: in a file, in a variable, or in both.
pub(super) fn hook(written: &written::Webhook, base_dir: &Path) -> Vec<SecretSource> {
    let file = written.secret_file.as_ref();
    let file = file.map(|file| SecretSource::File(base_dir.join(&file.value)));
    let variable = written.secret_env.as_ref();
    let variable = variable.map(|name| SecretSource::Variable(name.value.clone()));
    file.into_iter().chain(variable).collect()
}

/// A password has its place in the environment: files are copied, shown and committed.
pub(super) fn redis(written: &Written<String>) -> Result<RedisUrl, Fault> {
    let help = "write \"redis://host:6379\", or \"rediss://\" for TLS";
    let url = Url::parse(&written.value).map_err(|_| Fault::secret("`redis` is no URL", help))?;
    if !matches!(url.scheme(), "redis" | "rediss" | "valkey" | "valkeys") || url.host().is_none() {
        return Err(Fault::new("`redis` is no redis:// URL", help));
    }
    if url.password().is_some() && !written.at.is_variable() {
        let help = "set OVERPRINT_REDIS to the whole URL instead";
        return Err(Fault::secret("`redis` has a password in this file", help));
    }
    Ok(RedisUrl(written.value.clone()))
}
