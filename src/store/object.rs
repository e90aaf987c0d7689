//! An object store: S3 and what is compatible with it; Google's and Azure's where built in.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use http_body_util::{BodyExt, Limited};
use object_store::aws::AmazonS3Builder;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};
use object_store::path::Path;
use object_store::{
    BackoffConfig, ClientOptions, Error, GetOptions, ObjectStore, ObjectStoreExt, PutMode,
    PutOptions, RetryConfig, UpdateVersion,
};
use reqwest::{Client, Url};

use super::error::chain;
use super::http::collect;
use super::{Condition, Fault, Fetched, Options, Version};

/// A prefix in a bucket.
#[derive(Debug)]
pub(super) struct ObjectBase {
    store: Arc<dyn ObjectStore>,
    prefix: String,
}

impl ObjectBase {
    pub(super) fn new(
        url: &Url,
        options: &Options,
        client: Client,
        patience: Duration,
    ) -> Result<Self, String> {
        let bucket = url.host_str().unwrap_or_default();
        let connector = Connector(client);
        let store = match url.scheme() {
            #[cfg(feature = "gcs")]
            "gs" => google(bucket, connector, patience),
            #[cfg(feature = "azure")]
            "az" => azure(bucket, connector, patience),
            _ => s3(bucket, options, connector, patience),
        };
        let store = store.map_err(|error| format!("{url} cannot be used: {}", chain(&error)))?;
        Ok(Self { store, prefix: url.path().trim_start_matches('/').to_owned() })
    }

    pub(super) async fn get(
        &self,
        path: &str,
        limit: u64,
        known: Option<&Version>,
    ) -> Result<Option<Fetched>, Fault> {
        let if_none_match = known.map(|known| known.tag.clone());
        let asked = GetOptions { if_none_match, ..GetOptions::default() };
        let found = match self.store.get_opts(&self.path(path)?, asked).await {
            Err(Error::NotModified { .. }) if known.is_some() => return Ok(None),
            found => found.map_err(fault)?,
        };
        if found.meta.size > limit {
            return Err(Fault::TooLarge(limit));
        }
        let generation = found.meta.version.clone();
        let version = found.meta.e_tag.clone().map(|tag| Version { tag, generation });
        let bytes = collect(found.into_stream().map_err(fault).boxed(), limit).await?;
        Ok(Some(Fetched { bytes, version }))
    }

    pub(super) async fn size(&self, path: &str) -> Result<Option<u64>, Fault> {
        match self.store.head(&self.path(path)?).await {
            Ok(found) => Ok(Some(found.size)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(fault(error)),
        }
    }

    pub(super) async fn put(
        &self,
        path: &str,
        bytes: Bytes,
        condition: Condition<'_>,
    ) -> Result<(), Fault> {
        let mode = match condition {
            Condition::Absent => PutMode::Create,
            Condition::Always => PutMode::Overwrite,
            Condition::Still(Version { tag, generation }) => PutMode::Update(UpdateVersion {
                e_tag: Some(tag.clone()),
                version: generation.clone(),
            }),
        };
        let options = PutOptions { mode, ..PutOptions::default() };
        let put = self.store.put_opts(&self.path(path)?, bytes.into(), options).await;
        put.map(drop).map_err(fault)
    }

    pub(super) async fn list(&self, folder: &str) -> Result<Vec<String>, Fault> {
        let folder = self.path(folder)?;
        let found: Vec<_> = self.store.list(Some(&folder)).try_collect().await.map_err(fault)?;
        let below = |object: object_store::ObjectMeta| {
            object.location.as_ref().strip_prefix(&*self.prefix).map(str::to_owned)
        };
        Ok(found.into_iter().filter_map(below).collect())
    }

    fn path(&self, path: &str) -> Result<Path, Fault> {
        let whole = format!("{}{path}", self.prefix);
        Path::parse(whole.trim_end_matches('/')).map_err(|error| Fault::unavailable(&error))
    }
}

fn s3(
    bucket: &str,
    options: &Options,
    connector: Connector,
    patience: Duration,
) -> object_store::Result<Arc<dyn ObjectStore>> {
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(bucket)
        .with_retry(retries(patience))
        .with_http_connector(connector);
    if let Some(region) = &options.region {
        builder = builder.with_region(region);
    }
    if let Some(path_style) = options.path_style {
        builder = builder.with_virtual_hosted_style_request(!path_style);
    }
    if let Some(endpoint) = options.endpoint() {
        let endpoint = match options.path_style {
            Some(false) => in_host(bucket, &endpoint),
            _ => endpoint,
        };
        // Who writes http:// has decided.
        builder = builder.with_allow_http(endpoint.starts_with("http://")).with_endpoint(endpoint);
    }
    Ok(Arc::new(builder.build()?))
}

/// `https://host` → `https://bucket.host`.
fn in_host(bucket: &str, endpoint: &str) -> String {
    endpoint.replacen("://", &format!("://{bucket}."), 1)
}

#[cfg(feature = "gcs")]
fn google(
    bucket: &str,
    connector: Connector,
    patience: Duration,
) -> object_store::Result<Arc<dyn ObjectStore>> {
    let builder = object_store::gcp::GoogleCloudStorageBuilder::from_env();
    let builder = builder.with_bucket_name(bucket).with_http_connector(connector);
    Ok(Arc::new(builder.with_retry(retries(patience)).build()?))
}

#[cfg(feature = "azure")]
fn azure(
    container: &str,
    connector: Connector,
    patience: Duration,
) -> object_store::Result<Arc<dyn ObjectStore>> {
    let builder = object_store::azure::MicrosoftAzureBuilder::from_env();
    let builder = builder.with_container_name(container).with_http_connector(connector);
    Ok(Arc::new(builder.with_retry(retries(patience)).build()?))
}

/// A few quick ones: whoever asks has retries of its own, and a bound on the whole.
fn retries(patience: Duration) -> RetryConfig {
    let (first, longest) = (Duration::from_millis(50), Duration::from_secs(1));
    let backoff = BackoffConfig { init_backoff: first, max_backoff: longest, base: 2.0 };
    RetryConfig { backoff, max_retries: 2, retry_timeout: patience }
}

/// Gives the object store the client that all stores use.
#[derive(Debug)]
struct Connector(Client);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Bounded(self.0.clone())))
    }
}

/// The body of an answer that is an error, or a listing, is read whole by the object store.
const MAX_SAID: usize = 64 << 10;
/// A page of a listing has a thousand names.
const MAX_LISTED: usize = 4 << 20;

/// A client whose answers end where nothing sensible is longer.
#[derive(Debug)]
struct Bounded(Client);

#[async_trait]
impl HttpService for Bounded {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let lists = request.uri().query().is_some_and(|query| query.contains("list-type"));
        let answer = HttpService::call(&self.0, request).await?;
        let limit = match answer.status().is_success() {
            false => MAX_SAID,
            true if lists => MAX_LISTED,
            // Objects are bounded where they are read.
            true => return Ok(answer),
        };
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, limit).map_err(|error| {
            HttpError::new(HttpErrorKind::Decode, io::Error::other(error.to_string()))
        });
        Ok(HttpResponse::from_parts(parts, HttpResponseBody::new(body)))
    }
}

fn fault(error: Error) -> Fault {
    match error {
        Error::NotFound { .. } => Fault::Missing,
        Error::AlreadyExists { .. } | Error::Precondition { .. } => Fault::Conflict,
        Error::PermissionDenied { source, .. } | Error::Unauthenticated { source, .. } => {
            Fault::Denied(chain(&*source))
        }
        error => Fault::unavailable(&error),
    }
}
