//! Tells proxies that an alias has moved: a signed webhook to every address behind every name, or a
//! message on a Redis channel. Hints, both: who hears none finds it at the next poll.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::Moved;
use crate::store::chain;
use crate::webhook::{self, Secrets};

/// For one attempt at one address.
const PATIENCE: Duration = Duration::from_secs(5);
/// Pauses before the second attempt and the third.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

/// What became of one address.
#[derive(Debug)]
pub(crate) struct Report {
    /// The address, with the name it was found behind.
    pub(crate) whom: String,
    /// The answer, or why there was none.
    pub(crate) result: Result<String, String>,
}

/// A message to be sent.
#[derive(Debug, Clone)]
struct Message<'m> {
    id: String,
    body: String,
    secrets: Option<&'m Secrets>,
}

/// Tells everybody behind `urls` that an alias of `site` has moved.
pub(crate) async fn tell_proxies(
    urls: &[Url],
    site: &str,
    moved: &Moved,
    secrets: Option<&Secrets>,
) -> Vec<Report> {
    let pointer = &moved.pointer;
    let body = json!({
        "type": "alias.moved",
        "timestamp": pointer.moved_at,
        "site": site,
        "alias": pointer.alias,
        "move": pointer.r#move,
        "seq": pointer.release.seq,
    });
    // The same for all: who gets it twice by two names knows it by its id.
    let id = format!("msg_{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
    let message = Message { id, body: body.to_string(), secrets };
    let told = urls.iter().map(|url| tell(url, site, &message));
    join_all(told).await.into_iter().flatten().collect()
}

async fn tell(url: &Url, site: &str, message: &Message<'_>) -> Vec<Report> {
    if !matches!(url.scheme(), "http" | "https") {
        let result = redis::tell(url, site, &message.body).await;
        return vec![Report { whom: without_password(url), result }];
    }
    let ours = url.path() == "/";
    let url = hook(url, site);
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let found = timeout(PATIENCE, tokio::net::lookup_host((host.as_str(), port))).await;
    let addresses: Vec<SocketAddr> = match found {
        Ok(Ok(addresses)) => addresses.collect(),
        Ok(Err(error)) => {
            return vec![Report { whom: without_password(&url), result: Err(error.to_string()) }];
        }
        Err(_) => {
            let fault = "its name was not resolved in time".to_owned();
            return vec![Report { whom: without_password(&url), result: Err(fault) }];
        }
    };
    let told = addresses.into_iter().map(|address| {
        let (url, host) = (&url, &host);
        async move {
            let whom = format!("{address} ({})", without_password(url));
            let told = post(url, host, address, message).await;
            Report { whom, result: told.and_then(|status| judge(status, ours, site)) }
        }
    });
    join_all(told).await
}

/// The hook of `site` where only a server is named.
fn hook(url: &Url, site: &str) -> Url {
    let mut url = url.clone();
    if url.path() == "/" {
        url.set_path(&format!("/_overprint/hooks/{site}"));
    }
    url
}

/// Posts to one address, whatever else the name stands for; the server is still asked for the name.
async fn post(
    url: &Url,
    host: &str,
    address: SocketAddr,
    message: &Message<'_>,
) -> Result<StatusCode, String> {
    let client = Client::builder()
        .user_agent(concat!("overprint/", env!("CARGO_PKG_VERSION")))
        .no_proxy()
        .redirect(Policy::none())
        .timeout(PATIENCE)
        .resolve(host, address)
        .build()
        .map_err(|error| error.to_string())?;
    let mut said = Err(String::new());
    for pause in [None, Some(PAUSES[0]), Some(PAUSES[1])] {
        if let Some(pause) = pause {
            sleep(pause).await;
        }
        said = attempt(&client, url, message).await;
        match &said {
            Ok(status) if status.is_server_error() => {}
            Err(_) => {}
            Ok(_) => break,
        }
    }
    said
}

/// Whether an answer says that the hint was taken. Where the path is Overprint's own, only Overprint's
/// own answer does: a proxy without a secret hands it to the origin, which may say anything.
fn judge(status: StatusCode, ours: bool, site: &str) -> Result<String, String> {
    match status {
        StatusCode::ACCEPTED => Ok(status.to_string()),
        _ if ours && (status.is_success() || status == StatusCode::NOT_FOUND) => Err(format!(
            "it answered {status}: there is no hook for a site {site:?}; set [site.webhook] there, and --site here"
        )),
        _ if status.is_success() => Ok(status.to_string()),
        _ => Err(format!("it answered {status}")),
    }
}

async fn attempt(client: &Client, url: &Url, message: &Message<'_>) -> Result<StatusCode, String> {
    let now = jiff::Timestamp::now().as_second();
    let mut request = client
        .post(url.clone())
        .header("content-type", "application/json")
        .header(webhook::ID, &message.id)
        .header(webhook::TIMESTAMP, now);
    if let Some(secrets) = message.secrets {
        let time = u64::try_from(now).unwrap_or_default();
        let signature = webhook::sign(secrets, &message.id, time, message.body.as_bytes());
        request = request.header(webhook::SIGNATURE, signature);
    }
    let answer = request.body(message.body.clone()).send().await;
    answer.map(|answer| answer.status()).map_err(|error| chain(&error.without_url()))
}

/// As it may be shown.
pub(crate) fn without_password(url: &Url) -> String {
    let mut shown = url.clone();
    // Fails only for URLs that cannot have one.
    let _ = shown.set_password(None);
    shown.to_string()
}

mod redis {
    use reqwest::Url;

    #[cfg(not(feature = "redis"))]
    pub(super) async fn tell(_: &Url, _: &str, _: &str) -> Result<String, String> {
        Err("this build has no Redis: build with `--features redis`".to_owned())
    }

    #[cfg(feature = "redis")]
    pub(super) async fn tell(url: &Url, site: &str, body: &str) -> Result<String, String> {
        let sent = async {
            let client = ::redis::Client::open(url.as_str())?;
            let mut server = client.get_multiplexed_async_connection().await?;
            let channel = crate::live::channel(site);
            ::redis::cmd("PUBLISH").arg(channel).arg(body).query_async::<u64>(&mut server).await
        };
        match tokio::time::timeout(super::PATIENCE, sent).await {
            Ok(Ok(heard)) => Ok(format!("heard by {heard}")),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("it did not answer in time".to_owned()),
        }
    }
}
