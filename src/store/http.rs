//! A store behind HTTP, to be read: a web server or a CDN in front of what is published.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use reqwest::header::{
    ETAG, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};

use super::error::chain;
use super::{Fault, Fetched, Version};

const CONNECT: Duration = Duration::from_secs(5);
const MAX_REDIRECTS: usize = 3;

/// A client that follows no redirect to another scheme: what was asked for safely is not to be
/// fetched in the open, nor from a file. Whoever uses it bounds the whole operation: a bound here
/// as well would run out at the same moment, and be told as if the store had failed otherwise.
///
/// `unfolds`: whether what comes compressed is decompressed. Only for those who bound what comes out.
pub(super) fn client(patience: Duration, unfolds: bool) -> Result<Client, String> {
    let policy = Policy::custom(|attempt| {
        let same =
            attempt.previous().last().is_some_and(|from| from.scheme() == attempt.url().scheme());
        match attempt.previous().len() {
            _ if !same => attempt.error("a redirect to another scheme is not followed"),
            followed if followed > MAX_REDIRECTS => attempt.error("there are too many redirects"),
            _ => attempt.follow(),
        }
    });
    Client::builder()
        .user_agent(concat!("overprint/", env!("CARGO_PKG_VERSION")))
        .redirect(policy)
        .connect_timeout(CONNECT.min(patience))
        .gzip(unfolds)
        .brotli(unfolds)
        .zstd(unfolds)
        .deflate(unfolds)
        .build()
        .map_err(|error| format!("no HTTP client can be made: {}", chain(&error)))
}

/// An `https://` or `http://` base.
#[derive(Debug)]
pub(super) struct HttpBase {
    client: Client,
    base: Url,
}

impl HttpBase {
    pub(super) fn new(base: &Url, client: Client) -> Self {
        Self { client, base: base.clone() }
    }

    pub(super) async fn get(
        &self,
        path: &str,
        limit: u64,
        known: Option<&Version>,
    ) -> Result<Option<Fetched>, Fault> {
        let url = self.base.join(path).map_err(|error| Fault::unavailable(&error))?;
        let mut request = self.client.get(url);
        if let Some(known) = known {
            request = request.header(condition(&known.tag), &known.tag);
        }
        let answer = request.send().await.map_err(failed)?;
        match answer.status() {
            StatusCode::NOT_MODIFIED if known.is_some() => return Ok(None),
            StatusCode::OK => {}
            status => return Err(refused(status)),
        }
        if answer.content_length().is_some_and(|length| length > limit) {
            return Err(Fault::TooLarge(limit));
        }
        let version = version(answer.headers());
        let bytes =
            collect(answer.bytes_stream().map(|piece| piece.map_err(failed)), limit).await?;
        Ok(Some(Fetched { bytes, version }))
    }
}

/// What comes in pieces, as a whole of at most `limit` bytes.
pub(super) async fn collect(
    pieces: impl Stream<Item = Result<Bytes, Fault>>,
    limit: u64,
) -> Result<Bytes, Fault> {
    let mut pieces = std::pin::pin!(pieces);
    let mut whole = BytesMut::new();
    while let Some(piece) = pieces.next().await {
        whole.extend_from_slice(&piece?);
        if whole.len() as u64 > limit {
            return Err(Fault::TooLarge(limit));
        }
    }
    Ok(whole.freeze())
}

/// The entity tag, else the date.
fn version(headers: &HeaderMap) -> Option<Version> {
    let value = headers.get(ETAG).or(headers.get(LAST_MODIFIED));
    value.and_then(|value: &HeaderValue| value.to_str().ok()).map(Version::of)
}

fn condition(known: &str) -> reqwest::header::HeaderName {
    if known.ends_with('"') { IF_NONE_MATCH } else { IF_MODIFIED_SINCE }
}

fn refused(status: StatusCode) -> Fault {
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Fault::Missing,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Fault::Denied(status.to_string()),
        _ => Fault::Unavailable(format!("the answer is {status}")),
    }
}

fn failed(error: reqwest::Error) -> Fault {
    Fault::Unavailable(chain(&error.without_url()))
}
