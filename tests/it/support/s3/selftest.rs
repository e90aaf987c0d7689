//! The store against the client that the product uses: the tests of what tests rely on.

mod faults;

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::Path;
use object_store::{
    Error, GetOptions, ObjectStore, ObjectStoreExt, PutMode, PutPayload, PutResult, RetryConfig,
    UpdateVersion,
};

use super::*;

const KEY: &str = "shop/aliases/production.json";

/// A client as an operator sets it up, which does not try again.
fn builder(s3: &S3) -> AmazonS3Builder {
    // Another test may have chosen it before.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let once = RetryConfig { max_retries: 0, ..RetryConfig::default() };
    let builder = AmazonS3Builder::new().with_bucket_name(BUCKET).with_retry(once);
    s3.env().into_iter().fold(builder, |builder, (name, value)| {
        builder.with_config(name.to_ascii_lowercase().parse().unwrap(), value)
    })
}

fn client(s3: &S3) -> AmazonS3 {
    builder(s3).build().unwrap()
}

/// A store that holds `KEY`, and a client.
async fn store_with(bytes: &str) -> (S3, AmazonS3) {
    let s3 = S3::start().await;
    s3.put(KEY, bytes);
    let client = client(&s3);
    (s3, client)
}

async fn get(client: &AmazonS3) -> Result<Vec<u8>, Error> {
    let get = async { client.get(&Path::from(KEY)).await?.bytes().await };
    within("the answer to a GET", get).await.map(|bytes| bytes.to_vec())
}

async fn put(client: &AmazonS3, bytes: &'static str, mode: PutMode) -> Result<PutResult, Error> {
    let (key, payload) = (Path::from(KEY), PutPayload::from(bytes));
    within("the answer to a PUT", client.put_opts(&key, payload, mode.into())).await
}

fn update(etag: &str) -> PutMode {
    PutMode::Update(UpdateVersion { e_tag: Some(etag.to_owned()), version: None })
}

fn lines(s3: &S3) -> Vec<String> {
    s3.requests().iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn objects_are_written_read_and_deleted() {
    let s3 = S3::start().await;
    let client = client(&s3);
    let put = put(&client, "{}", PutMode::Overwrite).await.unwrap();
    assert_eq!(put.e_tag.as_deref(), Some("\"99914b932bd37a50b983c5e7c90ae93b\""));
    assert_eq!(s3.object(KEY), Some(b"{}".to_vec()));
    assert_eq!(get(&client).await.unwrap(), b"{}");
    let head = client.head(&Path::from(KEY)).await.unwrap();
    assert_eq!((head.size, head.e_tag), (2, put.e_tag));
    client.delete(&Path::from(KEY)).await.unwrap();
    assert_eq!((s3.keys(), s3.object(KEY)), (vec![], None));

    let [put, get, head] = ["PUT", "GET", "HEAD"].map(|method| format!("{method} {KEY} 200"));
    assert_eq!(lines(&s3), [put, get, head, "POST ?delete 200".to_owned()]);
}

#[tokio::test]
async fn an_object_is_deleted_by_its_own_request_too() {
    let (s3, _) = store_with("{}").await;
    let disable = "aws_disable_bulk_delete".parse().unwrap();
    let client = builder(&s3).with_config(disable, "true").build().unwrap();
    client.delete(&Path::from(KEY)).await.unwrap();
    assert!(s3.keys().is_empty());
    assert_eq!(lines(&s3), [format!("DELETE {KEY} 204")]);
}

#[tokio::test]
async fn a_put_heeds_its_condition() {
    let s3 = S3::start().await;
    let client = client(&s3);
    let stale = put(&client, "0", update("\"0\"")).await;
    assert!(matches!(stale, Err(Error::Precondition { .. })), "{stale:?}");
    let first = put(&client, "1", PutMode::Create).await.unwrap().e_tag.unwrap();
    let second = put(&client, "2", PutMode::Create).await;
    assert!(matches!(second, Err(Error::AlreadyExists { .. })), "{second:?}");
    put(&client, "3", update(&first)).await.unwrap();
    let stale = put(&client, "4", update(&first)).await;
    assert!(matches!(stale, Err(Error::Precondition { .. })), "{stale:?}");

    assert_eq!(s3.object(KEY).unwrap(), b"3");
    assert_eq!(lines(&s3), [404, 200, 412, 200, 412].map(|status| format!("PUT {KEY} {status}")));
}

#[tokio::test]
async fn of_many_that_create_one_succeeds() {
    let s3 = S3::start().await;
    let creating: Vec<_> = (0..8)
        .map(|_| {
            let client = client(&s3);
            tokio::spawn(async move { put(&client, "1", PutMode::Create).await })
        })
        .collect();
    let mut created = 0;
    for one in creating {
        created += usize::from(one.await.unwrap().is_ok());
    }
    assert_eq!(created, 1);
}

#[tokio::test]
async fn a_get_heeds_its_condition_and_its_range() {
    let (s3, client) = store_with("published").await;
    let key = Path::from(KEY);
    let ask = async |options: GetOptions| client.get_opts(&key, options).await;
    let etag = client.head(&key).await.unwrap().e_tag.unwrap();

    let known = ask(GetOptions::new().with_if_none_match(Some(etag.clone()))).await;
    assert!(matches!(known, Err(Error::NotModified { .. })), "{known:?}");
    ask(GetOptions::new().with_if_match(Some(etag))).await.unwrap();
    let other = ask(GetOptions::new().with_if_match(Some("\"0\""))).await;
    assert!(matches!(other, Err(Error::Precondition { .. })), "{other:?}");
    assert_eq!(client.get_range(&key, 3..6).await.unwrap().as_ref(), b"lis");
    assert!(client.get_range(&key, 9..10).await.is_err());
    s3.remove(KEY);
    let missing = client.head(&key).await;
    assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");
    let missing = get(&client).await.unwrap_err().to_string();
    assert!(missing.contains("NoSuchKey"), "{missing}");

    let statuses: Vec<_> = s3.requests().iter().map(|seen| seen.status.unwrap()).collect();
    assert_eq!(statuses, [200, 304, 200, 412, 206, 416, 404, 404]);
}

#[tokio::test]
async fn who_is_not_known_is_refused() {
    let (s3, _) = store_with("{}").await;
    let cases = [
        ("SignatureDoesNotMatch", 403, builder(&s3).with_secret_access_key("wrong")),
        ("InvalidAccessKeyId", 403, builder(&s3).with_access_key_id("AKIANOBODY")),
        ("AccessDenied", 403, builder(&s3).with_skip_signature(true)),
        ("AuthorizationHeaderMalformed", 400, builder(&s3).with_region("eu-central-1")),
        ("NoSuchBucket", 404, builder(&s3).with_bucket_name("contents")),
    ];
    for (code, status, builder) in cases {
        s3.forget_requests();
        let client = builder.build().unwrap();
        for error in [
            get(&client).await.unwrap_err(),
            put(&client, "1", PutMode::Overwrite).await.unwrap_err(),
        ] {
            assert!(error.to_string().contains(&format!("<Code>{code}</Code>")), "{error}");
        }
        let statuses: Vec<_> = s3.requests().iter().map(|seen| seen.status).collect();
        assert_eq!(statuses, [Some(status); 2], "{code}");
    }
    assert_eq!(s3.requests()[0].key, format!("/contents/{KEY}"));
    assert_eq!(s3.object(KEY).unwrap(), b"{}");
}

#[tokio::test]
async fn a_listing_comes_in_pages() {
    let s3 = S3::start().await;
    for key in ["a/1", "a/b/2", "a/b/3", "a/c/4", "a/ä&5", "b/"] {
        s3.put(key, key);
    }
    s3.page_of(2);
    let client = client(&s3);
    let folded = client.list_with_delimiter(Some(&Path::from("a"))).await.unwrap();
    let keys: Vec<_> = folded.objects.iter().map(|object| object.location.as_ref()).collect();
    assert_eq!(keys, ["a/1", "a/ä&5"]);
    let prefixes: Vec<_> = folded.common_prefixes.iter().map(Path::as_ref).collect();
    assert_eq!(prefixes, ["a/b", "a/c"]);
    assert_eq!(s3.requests().len(), 2);
    assert_eq!(lines(&s3)[0], "GET ?delimiter=/&list-type=2&prefix=a/ 200");

    let mut options = PaginatedListOptions { offset: Some("a/1".into()), ..Default::default() };
    let mut pages = Vec::new();
    loop {
        let page = client.list_paginated(Some("a/"), options.clone()).await.unwrap();
        let keys = page.result.objects.into_iter().map(|object| object.location.to_string());
        pages.push(keys.collect::<Vec<_>>());
        options.page_token = page.page_token;
        if options.page_token.is_none() {
            break;
        }
    }
    assert_eq!(pages, [["a/b/2", "a/b/3"], ["a/c/4", "a/ä&5"]]);
    let top = client.list_with_delimiter(None).await.unwrap();
    let prefixes: Vec<_> = top.common_prefixes.iter().map(Path::as_ref).collect();
    assert_eq!((prefixes, top.objects.len()), (vec!["a", "b"], 0));
}
