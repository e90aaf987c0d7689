//! Gets one page, from a URL or a file, decoded but not otherwise touched.

use std::path::Path;

use bytes::Bytes;
use encoding_rs::Encoding;

use super::output::Failed;
use crate::proxy::charset_of;
use crate::store::chain;

/// Larger pages are not looked at.
const MAX_PAGE: usize = 64 << 20;

/// A page and what its origin says of it.
pub(super) struct Fetched {
    pub(super) body: Bytes,
    /// The charset that the `Content-Type` names.
    pub(super) charset: Option<&'static Encoding>,
    /// The status line and where it leads, unless it is a 200.
    pub(super) status: Option<String>,
    /// Why the proxy would pass it on unread, if so.
    pub(super) passed: Option<&'static str>,
}

/// Gets `place`: an `http://` or `https://` URL, or a file.
pub(super) async fn fetch(place: &str) -> Result<Fetched, Failed> {
    if place.starts_with("http://") || place.starts_with("https://") {
        return get(place).await;
    }
    let read = std::fs::read(Path::new(place));
    let body = read.map_err(|error| {
        Failed::Because(format!(
            "cannot read {place}: {error}; a URL starts with http:// or https://"
        ))
    })?;
    Ok(Fetched { body: body.into(), charset: None, status: None, passed: None })
}

async fn get(url: &str) -> Result<Fetched, Failed> {
    let failed = |error: reqwest::Error| {
        let words = chain(&error.without_url());
        Failed::Because(format!("cannot get {url}: {words}"))
    };
    let client = reqwest::Client::builder()
        .user_agent(concat!("overprint/", env!("CARGO_PKG_VERSION")))
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(std::time::Duration::from_secs(10))
        .timeout(std::time::Duration::from_secs(60))
        .build()
        .map_err(failed)?;
    let mut response = client.get(url).header("accept", "text/html,*/*;q=0.8").send().await;
    let response =
        response.as_mut().map_err(|error| Failed::Because(format!("cannot get {url}: {error}")))?;
    let (charset, passed) = match charset_of(response.status(), response.headers()) {
        Ok(charset) => (charset, None),
        Err(reason) => (None, Some(reason)),
    };
    let leads = response.headers().get("location").and_then(|to| to.to_str().ok());
    let status = (response.status() != 200)
        .then(|| format!("{} {}", response.status(), leads.unwrap_or_default()));
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(failed)? {
        body.extend_from_slice(&piece);
        if body.len() > MAX_PAGE {
            return Err(Failed::Because(format!("{url} is larger than {} MiB", MAX_PAGE >> 20)));
        }
    }
    Ok(Fetched { body: body.into(), charset, status, passed })
}
