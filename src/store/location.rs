//! How a store is named: a path, or a URL.

use std::fmt;
use std::path::{Path, PathBuf};

use reqwest::Url;

/// Where a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A directory.
    Directory(PathBuf),
    /// `https://…`, or `http://…`; can only be read. Its path ends with `/`.
    Http(Url),
    /// `s3://bucket/prefix`, and `gs://` and `az://` where they are built in.
    Object(Url, Options),
}

/// How an object store is reached, where that is not as the environment has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The address of what is compatible with S3; none is AWS itself.
    pub endpoint: Option<String>,
    /// The region; none is `AWS_REGION`, then `us-east-1`.
    pub region: Option<String>,
    /// Whether the bucket stands in the path or in the host; none is in the path.
    pub path_style: Option<bool>,
}

impl Options {
    /// The endpoint that is used: the one that is set, else the environment's.
    pub(super) fn endpoint(&self) -> Option<String> {
        let environment = || std::env::var("AWS_ENDPOINT_URL").ok().filter(|url| !url.is_empty());
        self.endpoint.clone().or_else(environment)
    }
}

/// Schemes of object stores that are built in.
const OBJECT_SCHEMES: &[&str] = &[
    "s3",
    #[cfg(feature = "gcs")]
    "gs",
    #[cfg(feature = "azure")]
    "az",
];

impl Location {
    /// Reads `text`; a path is relative to `base`.
    ///
    /// # Errors
    /// What is wrong with it, and what to write.
    pub fn parse(
        text: &str,
        base: &Path,
        options: &Options,
    ) -> Result<Self, (String, &'static str)> {
        if text.is_empty() {
            return Err(("it is empty".to_owned(), EXAMPLES));
        }
        if !text.contains("://") {
            return Ok(Self::Directory(base.join(text)));
        }
        let url = Url::parse(text).map_err(|fault| (format!("`{text}`: {fault}"), EXAMPLES))?;
        if url.username() != "" || url.password().is_some() {
            // Not repeated: it has a password.
            let help = "secrets do not belong here; give them by the environment";
            return Err(("the URL has a user".to_owned(), help));
        }
        let refuse = |fault: &str, help| Err((format!("`{text}`: {fault}"), help));
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("it has a query or a fragment", "leave out what follows the path");
        }
        match url.scheme() {
            "http" | "https" => Ok(Self::Http(as_folder(url))),
            scheme if OBJECT_SCHEMES.contains(&scheme) => match url.host_str() {
                Some(_) => Ok(Self::Object(as_folder(url), options.clone())),
                None => refuse("it names no bucket", "write s3://bucket/prefix"),
            },
            "gs" => refuse("this build has no Google Cloud Storage", "build with `--features gcs`"),
            "az" => refuse("this build has no Azure storage", "build with `--features azure`"),
            _ => refuse("no store has this scheme", EXAMPLES),
        }
    }

    /// Whether what comes from there may have been changed on its way: plain HTTP to another
    /// machine. Signatures of S3 requests do not vouch for the answers.
    pub fn is_unprotected(&self) -> bool {
        let endpoint = match self {
            Self::Directory(_) => return false,
            Self::Http(url) => Some(url.clone()),
            Self::Object(_, options) => options.endpoint().and_then(|url| Url::parse(&url).ok()),
        };
        let Some(url) = endpoint else { return false };
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let local =
            host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        url.scheme() == "http" && !local
    }

    /// The last part of its path, or the bucket.
    pub fn last_segment(&self) -> Option<String> {
        match self {
            Self::Directory(path) => Some(path.file_name()?.to_str()?.to_owned()),
            Self::Http(url) | Self::Object(url, _) => {
                let segments = url.path().split('/');
                let last = segments.rev().find(|segment| !segment.is_empty());
                last.or(url.host_str()).map(str::to_owned)
            }
        }
    }
}

const EXAMPLES: &str = "name a directory (./content), an https:// base or an s3://bucket/prefix";

/// So that a path joined to it goes below it.
fn as_folder(mut url: Url) -> Url {
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    url
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => write!(f, "{}", path.display()),
            Self::Http(url) | Self::Object(url, _) => write!(f, "{url}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Location, String> {
        let parsed = Location::parse(text, Path::new("/etc"), &Options::default());
        parsed.map_err(|(fault, _)| fault)
    }

    #[test]
    fn paths_and_urls() {
        for (text, shown, last) in [
            ("content", "/etc/content", "content"),
            ("/var/shop", "/var/shop", "shop"),
            ("s3://bucket", "s3://bucket/", "bucket"),
            ("s3://bucket/a/shop/", "s3://bucket/a/shop/", "shop"),
            ("https://cdn.example.com/shop", "https://cdn.example.com/shop/", "shop"),
        ] {
            let location = parse(text).unwrap();
            assert_eq!(location.to_string(), shown);
            assert_eq!(location.last_segment().as_deref(), Some(last));
        }
    }

    #[test]
    fn each_slip_is_named() {
        for (text, fault) in [
            ("", "empty"),
            ("ftp://a/b", "no store has this scheme"),
            ("https://", "empty host"),
            ("https://user:secret@a/", "user"),
            ("https://a/?b", "query"),
            ("s3:///shop", "bucket"),
        ] {
            assert!(parse(text).unwrap_err().contains(fault), "{text}: {:?}", parse(text));
        }
    }

    #[test]
    fn plain_http_is_safe_on_this_machine_only() {
        for (text, unprotected) in [
            ("http://127.0.0.1:9000/x", false),
            ("http://[::1]/x", false),
            ("http://localhost/x", false),
            ("http://content.internal/x", true),
            ("https://content.internal/x", false),
            ("s3://bucket", false),
            ("/srv", false),
        ] {
            assert_eq!(parse(text).unwrap().is_unprotected(), unprotected, "{text}");
        }
    }
}
