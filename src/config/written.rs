//! Stage one: what the user wrote, key by key, with the place of each value.
//!
//! Every key of a config file is named here and nowhere else. Whether values make sense is for
//! [`resolve`](super::resolve) to say.

mod locale;

use std::path::PathBuf;
use std::time::Duration;

use toml::de::DeTable;

use super::environment::Environment;
use super::fault::Problems;
use super::place::{Place, Written};
use super::reader::{Entry, Reader};
use super::values::{Count, Size};

pub(super) use self::locale::{Given, Locale, Variables};

/// A whole config. A key that could not be read counts as missing: its problem is noted already.
#[derive(Debug, Default)]
pub(super) struct Config {
    pub(super) listen: Option<Vec<Written<String>>>,
    pub(super) admin: Option<Written<String>>,
    pub(super) state_dir: Option<Written<PathBuf>>,
    pub(super) redis: Option<Written<String>>,
    pub(super) trusted_proxies: Option<Vec<Written<String>>>,
    pub(super) log: Log,
    pub(super) timeouts: Timeouts,
    pub(super) limits: Limits,
    pub(super) sites: Vec<Site>,
}

/// `[log]`
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) format: Option<Written<String>>,
    pub(super) access: Option<Written<bool>>,
}

/// `[timeouts]`
#[derive(Debug, Default)]
pub(super) struct Timeouts {
    pub(super) head: Option<Written<Duration>>,
    pub(super) keep_alive: Option<Written<Duration>>,
    pub(super) progress: Option<Written<Duration>>,
    pub(super) connect: Option<Written<Duration>>,
    pub(super) first_byte: Option<Written<Duration>>,
    pub(super) idle: Option<Written<Duration>>,
    pub(super) upload: Option<Written<Duration>>,
    pub(super) total: Option<Written<Duration>>,
    pub(super) tunnel_idle: Option<Written<Duration>>,
    pub(super) pool_idle: Option<Written<Duration>>,
    pub(super) content_wait: Option<Written<Duration>>,
    pub(super) store: Option<Written<Duration>>,
    pub(super) drain: Option<Written<Duration>>,
}

/// `[limits]`
#[derive(Debug, Default)]
pub(super) struct Limits {
    pub(super) head: Option<Written<Size>>,
    pub(super) headers: Option<Written<Count>>,
    pub(super) body: Option<Written<Size>>,
    pub(super) max_slot: Option<Written<Size>>,
    pub(super) pool: Option<Written<Count>>,
    pub(super) lookback: Option<Written<Size>>,
    pub(super) memory: Option<Written<Size>>,
    pub(super) content: Option<Written<Size>>,
    pub(super) manifest: Option<Written<Size>>,
    pub(super) object: Option<Written<Size>>,
    pub(super) preload: Option<Written<Count>>,
}

/// One `[[site]]`
#[derive(Debug, Default)]
pub(super) struct Site {
    /// Its heading.
    pub(super) at: Place,
    pub(super) name: Option<Written<String>>,
    pub(super) hosts: Option<Vec<Written<String>>>,
    /// None only where a problem is noted already: the key is required.
    pub(super) origin: Option<Written<String>>,
    pub(super) host: Option<Written<String>>,
    pub(super) content: Option<Written<String>>,
    pub(super) alias: Option<Written<String>>,
    pub(super) public_key: Option<Vec<Written<String>>>,
    pub(super) label: Option<Written<String>>,
    pub(super) charset: Option<Written<String>>,
    pub(super) compress: Option<Written<bool>>,
    pub(super) locale: Locale,
    pub(super) selectors: Option<Vec<Entry<Vec<Label>>>>,
    pub(super) variables: Option<Variables>,
    pub(super) store: Store,
    pub(super) refresh: Refresh,
    pub(super) webhook: Webhook,
}

/// What a selector of `[site.selectors]` labels its elements with: one of each at most.
#[derive(Debug)]
pub(super) enum Label {
    /// A key, for their content.
    Text(Written<String>),
    /// `attribute: key; attribute: key`
    Attr(Written<String>),
}

/// `[site.store]`
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) endpoint: Option<Written<String>>,
    pub(super) region: Option<Written<String>>,
    pub(super) path_style: Option<Written<bool>>,
}

/// `[site.refresh]`
#[derive(Debug, Default)]
pub(super) struct Refresh {
    pub(super) poll: Option<Written<Duration>>,
}

/// `[site.webhook]`
#[derive(Debug, Default)]
pub(super) struct Webhook {
    pub(super) secret_file: Option<Written<PathBuf>>,
    pub(super) secret_env: Option<Written<String>>,
}

impl Config {
    /// Reads the document `root` that begins at `start`, overridden by `env`.
    pub(super) fn read(
        root: &DeTable<'_>,
        start: Place,
        env: Environment<'_>,
        problems: &mut Problems,
    ) -> Self {
        let mut top = Reader::new(root, start, env);
        let config = Self {
            listen: top.filled_list("listen", "name at least one address, or leave `listen` out"),
            admin: top.scalar("admin"),
            state_dir: top.scalar("state_dir"),
            redis: top.scalar("redis"),
            trusted_proxies: top.list("trusted_proxies"),
            log: top.table("log", Log::read),
            timeouts: top.table("timeouts", Timeouts::read),
            limits: top.table("limits", Limits::read),
            sites: top.tables("site", "add [[site]] with an `origin`", Site::read),
        };
        problems.absorb(top.finish());
        config
    }
}

impl Log {
    fn read(table: &mut Reader<'_>) -> Self {
        Self { format: table.scalar("format"), access: table.scalar("access") }
    }
}

impl Timeouts {
    fn read(table: &mut Reader<'_>) -> Self {
        Self {
            head: table.scalar("head"),
            keep_alive: table.scalar("keep_alive"),
            progress: table.scalar("progress"),
            connect: table.scalar("connect"),
            first_byte: table.scalar("first_byte"),
            idle: table.scalar("idle"),
            upload: table.scalar("upload"),
            total: table.scalar("total"),
            tunnel_idle: table.scalar("tunnel_idle"),
            pool_idle: table.scalar("pool_idle"),
            content_wait: table.scalar("content_wait"),
            store: table.scalar("store"),
            drain: table.scalar("drain"),
        }
    }
}

impl Limits {
    fn read(table: &mut Reader<'_>) -> Self {
        Self {
            head: table.scalar("head"),
            headers: table.scalar("headers"),
            body: table.scalar("body"),
            max_slot: table.scalar("max_slot"),
            pool: table.scalar("pool"),
            lookback: table.scalar("lookback"),
            memory: table.scalar("memory"),
            content: table.scalar("content"),
            manifest: table.scalar("manifest"),
            object: table.scalar("object"),
            preload: table.scalar("preload"),
        }
    }
}

impl Site {
    fn read(table: &mut Reader<'_>) -> Self {
        Self {
            at: table.place(),
            name: table.scalar("name"),
            hosts: table.filled_list("hosts", "leave `hosts` out to answer every host"),
            origin: table.required(
                "origin",
                "add the server behind this site: origin = \"http://127.0.0.1:3000\"",
            ),
            host: table.scalar("host"),
            content: table.scalar("content"),
            alias: table.scalar("alias"),
            public_key: table
                .filled_list("public_key", "leave `public_key` out to trust whoever can write"),
            label: table.scalar("label"),
            charset: table.scalar("charset"),
            compress: table.scalar("compress"),
            locale: table.table("locale", Locale::read),
            selectors: table.texts_or_tables("selectors", Label::text, Label::read),
            variables: table.named_tables("variables", Given::read),
            store: table.table("store", Store::read),
            refresh: table.table("refresh", Refresh::read),
            webhook: table.table("webhook", Webhook::read),
        }
    }
}

impl Label {
    fn text(key: Written<String>) -> Vec<Self> {
        vec![Self::Text(key)]
    }

    fn read(table: &mut Reader<'_>) -> Vec<Self> {
        let text = table.scalar("text").map(Self::Text);
        text.into_iter().chain(table.scalar("attr").map(Self::Attr)).collect()
    }
}

impl Store {
    fn read(table: &mut Reader<'_>) -> Self {
        Self {
            endpoint: table.scalar("endpoint"),
            region: table.scalar("region"),
            path_style: table.scalar("path_style"),
        }
    }
}

impl Refresh {
    fn read(table: &mut Reader<'_>) -> Self {
        Self { poll: table.scalar("poll") }
    }
}

impl Webhook {
    fn read(table: &mut Reader<'_>) -> Self {
        Self { secret_file: table.scalar("secret_file"), secret_env: table.scalar("secret_env") }
    }
}
