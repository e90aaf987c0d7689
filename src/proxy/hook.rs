//! `POST /_overprint/hooks/<site>`: somebody says that something was published.
//!
//! A hook is a hint: it is authenticated, answered, and has the site's content looked for. What is
//! refused triggers nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Body as _;
use hyper::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use tokio::time::timeout;

use crate::live::{Reader, Wanted};
use crate::metrics::Metrics;
use crate::serve::Upload;
use crate::webhook::{Delivery, Receiver, Refused};

/// Where hooks are received, once any site takes them; without one, the path is the origin's.
const PREFIX: &str = "/_overprint/hooks/";

/// The longest body. GitHub's are larger for large pushes; those senders are refused.
const MAX_BODY: usize = 64 << 10;

/// A body that takes longer is not worth waiting for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The hooks of all sites.
pub(super) struct Hooks {
    sites: HashMap<String, Hook>,
    metrics: Metrics,
}

/// One site's hook.
pub(super) struct Hook {
    site: Arc<str>,
    receiver: Receiver,
    content: Reader,
}

/// What became of a request to a hook.
pub(super) struct Answered {
    /// What became of it, for the log.
    pub(super) outcome: &'static str,
    /// Why, for metrics.
    result: &'static str,
    pub(super) response: Response<Full<Bytes>>,
}

impl Hook {
    pub(super) fn new(site: Arc<str>, receiver: Receiver, content: Reader) -> Self {
        Self { site, receiver, content }
    }
}

impl Hooks {
    pub(super) fn new(hooks: impl IntoIterator<Item = Hook>, metrics: Metrics) -> Self {
        let sites = hooks.into_iter().map(|hook| (hook.site.to_string(), hook)).collect();
        Self { sites, metrics }
    }

    /// Whether a request is for a hook, and of which site.
    pub(super) fn named<'p>(&self, path: &'p str) -> Option<&'p str> {
        if self.sites.is_empty() { None } else { path.strip_prefix(PREFIX) }
    }

    /// Answers a request to the hook of `site`.
    pub(super) async fn answer(&self, site: &str, parts: &Parts, body: Upload) -> Answered {
        let Some(hook) = self.sites.get(site) else {
            return refuse(StatusCode::NOT_FOUND, "unknown_site", "no such hook");
        };
        let answered = hook.answer(parts, body).await;
        self.metrics.hook(&hook.site, answered.result);
        answered
    }
}

impl Hook {
    async fn answer(&self, parts: &Parts, body: Upload) -> Answered {
        if parts.method != Method::POST {
            let mut answered =
                refuse(StatusCode::METHOD_NOT_ALLOWED, "method", "a hook takes POST");
            answered.response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
            return answered;
        }
        let body = match read(body).await {
            Ok(body) => body,
            Err(answered) => return answered,
        };
        // A clock before 1970 makes every delivery too new, which is said.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        match self.receiver.receive(&parts.headers, &body, now) {
            Ok(Delivery::First) => {
                self.content.hint(Wanted::from_json(&body));
                accept("accepted")
            }
            // A sender that did not hear the answer sends again: it is told the same.
            Ok(Delivery::Repeated) => accept("repeated"),
            Err(refused) => {
                let status = status(refused);
                refuse(status, refused.name(), &refused.to_string())
            }
        }
    }
}

async fn read(body: Upload) -> Result<Bytes, Answered> {
    let too_large = || refuse(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "more than 64 KiB");
    if body.size_hint().lower() > MAX_BODY as u64 {
        return Err(too_large());
    }
    match timeout(PATIENCE, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) | Err(_) => {
            Err(refuse(StatusCode::REQUEST_TIMEOUT, "unfinished", "the body did not come"))
        }
    }
}

fn status(refused: Refused) -> StatusCode {
    match refused {
        Refused::Unsigned | Refused::BadSignature => StatusCode::UNAUTHORIZED,
        Refused::Malformed | Refused::TooOld | Refused::TooNew => StatusCode::BAD_REQUEST,
    }
}

fn accept(result: &'static str) -> Answered {
    let response = answer(StatusCode::ACCEPTED, "accepted");
    Answered { outcome: "hook_accepted", result, response }
}

fn refuse(status: StatusCode, result: &'static str, said: &str) -> Answered {
    let mut response = answer(status, said);
    // What is left of its body is not worth reading.
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    Answered { outcome: "hook_refused", result, response }
}

fn answer(status: StatusCode, said: &str) -> Response<Full<Bytes>> {
    let text = format!("{said}\n");
    let length = text.len();
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
