//! Values of the request that messages may take.

use super::{PAGE, PRINTED, document, fetch};
use crate::support::{Origin, Proxy, Script};

const VARIABLES: &str = "variables = { country = { header = \"CF-IPCountry\" }, \
                         name = { cookie = \"first_name\" }, \
                         campaign = { query = \"utm_campaign\" }, \
                         city = { path = \"/stores/*\" } }";

/// A site may name more than its messages take: nothing is said about what nobody reads.
#[tokio::test]
async fn what_no_message_takes_changes_nothing() {
    let origin = Origin::serve(|_| {
        Script::html(PAGE)
            .header("etag", "\"v1\"")
            .header("cache-control", "public, s-maxage=60")
            .header("cdn-cache-control", "max-age=60")
    })
    .await;
    let proxy = Proxy::before(&origin).set(VARIABLES).start().await;
    let plain = fetch(&proxy, &document("/stores/bern?utm_campaign=x")).await;
    let known = document("/stores/bern?utm_campaign=x")
        .header("CF-IPCountry", "CH")
        .header("Cookie", "first_name=Ada");
    for page in [&plain, &fetch(&proxy, &known).await] {
        assert_eq!(page.text(), PRINTED);
        assert_eq!(page.header("cache-control"), Some("public, s-maxage=60"));
        assert_eq!(page.header("cdn-cache-control"), Some("max-age=60"));
        assert_eq!(page.header("vary"), None);
        assert_eq!(page.header("etag"), plain.header("etag"));
    }
}
