//! Who is measured: a proxy, what it is asked for, and what must come of it.

use std::collections::HashMap;

use super::bed::Bed;
use super::page::Size;
use super::server::{Server, find};
use super::{apache, haproxy, naive, nginx, ours, varnish};

/// The memory that pages are remembered in.
const MEMORY: &str = "64MiB";

/// What must come out of a proxy.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expect {
    /// What the origin sent.
    Same,
    /// That, with so many texts printed.
    Printed(usize),
    /// That, with the first texts printed and the rest left: the proxy takes no more of them.
    Partly { printed: usize, of: usize },
    /// The texts, wherever they are.
    Contains(usize),
}

pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) server: &'static str,
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) gzip: bool,
    pub(crate) expect: Expect,
}

/// The proxies that run, by name.
pub(crate) struct Servers {
    running: HashMap<&'static str, Server>,
    /// How many labels the pages have that they are set up for.
    labels: Vec<usize>,
}

impl Servers {
    /// Starts what `names` has and this machine, too; says what is missing.
    pub(crate) fn start(bed: &Bed, names: &[&'static str], labels: &[usize]) -> Self {
        let mut running = HashMap::new();
        for &name in names {
            match start(bed, name, labels) {
                Some(server) => {
                    running.insert(name, server);
                }
                None => println!("MISSING: {name} is not on this machine, and in no row below"),
            }
        }
        Self { running, labels: labels.to_vec() }
    }

    /// Starts all of them anew. Where the system happens to put a process's memory makes it a tenth faster
    /// or slower for as long as it runs.
    pub(crate) fn renew(&mut self, bed: &Bed) {
        let names: Vec<_> = self.running.drain().map(|(name, _)| name).collect();
        let started =
            names.into_iter().filter_map(|name| Some((name, start(bed, name, &self.labels)?)));
        self.running = started.collect();
    }

    /// The proxy of a contender.
    pub(crate) fn of(&self, contender: &Contender) -> &Server {
        &self.running[contender.server]
    }

    /// Whether the proxy of a contender runs.
    pub(crate) fn has(&self, contender: &Contender) -> bool {
        self.running.contains_key(contender.server)
    }

    /// Those of `contenders` whose proxy runs.
    pub(crate) fn able(&self, contenders: Vec<Contender>) -> Vec<Contender> {
        contenders.into_iter().filter(|contender| self.has(contender)).collect()
    }
}

fn start(bed: &Bed, name: &str, labels: &[usize]) -> Option<Server> {
    let texts = labels.iter().copied().max().unwrap_or(0);
    match name {
        "overprint" => Some(ours::start(bed, MEMORY, texts)),
        "forgetful" => Some(ours::start(bed, "0", texts)),
        "nginx" => Some(nginx::start(bed, &find("nginx")?, labels)),
        "haproxy" => Some(haproxy::start(bed, &find("haproxy")?)),
        "varnish" => Some(varnish::start(bed, &find("varnishd")?)),
        "apache" => apache::start(bed, &find("apache2").or_else(|| find("httpd"))?, labels),
        "naive" => Some(naive::start(bed, texts)),
        _ => unreachable!("no such proxy: {name}"),
    }
}

/// All that the throughput part measures on one page.
pub(crate) fn all(page: &str, size: Size) -> Vec<Contender> {
    let printed = Expect::Printed(size.labels);
    let ours = |name, server, host: &str, path, gzip, expect| {
        contender(name, server, host, page, path, gzip, expect)
    };
    let (pass, print) = (ours::PASSES, ours::PRINTS);
    let substituted = nginx::prints(size.labels);
    let substitutes = nginx::substitutes(size.labels);
    let compresses = nginx::compresses(size.labels);
    let substitute = apache::substitutes(size.labels);
    vec![
        ours(PASS, "overprint", pass, "plain", false, Expect::Same),
        ours(PASS_DYNAMIC, "overprint", pass, "dynamic", false, Expect::Same),
        ours(REMEMBERED, "overprint", print, "plain", false, printed),
        ours(RESYNC, "overprint", print, "dynamic", false, printed),
        ours(UNLABELLED, "overprint", print, "unlabelled", false, Expect::Same),
        ours(DIVERGING, "overprint", print, "diverging", false, printed),
        ours(FIRST, "forgetful", print, "plain", false, printed),
        ours(NAIVE, "naive", "naive.test", "plain", false, printed),
        ours(NGINX, "nginx", nginx::PASSES, "plain", false, Expect::Same),
        ours(NGINX_DEFAULT, "nginx", nginx::DEFAULT_BUFFERS, "plain", false, Expect::Same),
        ours(HAPROXY, "haproxy", "pass.test", "plain", false, Expect::Same),
        ours(SUB, "nginx", &substitutes, "plain", false, substituted),
        ours(ESI, "varnish", "esi.test", "includes", false, Expect::Contains(size.labels)),
        ours(SUBSTITUTE, "apache", &substitute, "plain", false, printed),
        ours(PASS_GZIP, "overprint", pass, "gzip", true, Expect::Same),
        ours(REMEMBERED_GZIP, "overprint", print, "gzip", true, printed),
        ours(RESYNC_GZIP, "overprint", print, "dynamic-gzip", true, printed),
        ours(FIRST_GZIP, "forgetful", print, "gzip", true, printed),
        ours(NGINX_GZIP, "nginx", nginx::PASSES, "gzip", true, Expect::Same),
        ours(HAPROXY_GZIP, "haproxy", "pass.test", "gzip", true, Expect::Same),
        ours(SUB_GZIP, "nginx", &compresses, "plain", true, substituted),
    ]
}

pub(crate) fn contender(
    name: &'static str,
    server: &'static str,
    host: &str,
    page: &str,
    path: &str,
    gzip: bool,
    expect: Expect,
) -> Contender {
    let path = format!("/{page}/{path}");
    Contender { name, server, host: host.to_owned(), path, gzip, expect }
}

pub(crate) const SERVERS: [&str; 7] =
    ["overprint", "forgetful", "naive", "nginx", "haproxy", "varnish", "apache"];

pub(crate) const PASS: &str = "pass-through";
/// The pages that are resynchronised: each is new to the caches of the machine as well.
pub(crate) const PASS_DYNAMIC: &str = "pass-through, dynamic";
pub(crate) const REMEMBERED: &str = "remembered";
pub(crate) const RESYNC: &str = "resynchronised";
pub(crate) const UNLABELLED: &str = "no labels";
pub(crate) const DIVERGING: &str = "always diverging";
pub(crate) const FIRST: &str = "first sight";
pub(crate) const NAIVE: &str = "hyper + lol_html";
pub(crate) const NGINX: &str = "nginx proxy_pass";
pub(crate) const NGINX_DEFAULT: &str = "nginx, default buffers";
pub(crate) const HAPROXY: &str = "HAProxy";
pub(crate) const SUB: &str = "nginx sub_filter";
pub(crate) const ESI: &str = "Varnish ESI";
pub(crate) const SUBSTITUTE: &str = "Apache mod_substitute";
pub(crate) const PASS_GZIP: &str = "pass-through, gzip";
pub(crate) const REMEMBERED_GZIP: &str = "remembered, gzip";
pub(crate) const RESYNC_GZIP: &str = "resynchronised, gzip";
pub(crate) const FIRST_GZIP: &str = "first sight, gzip";
pub(crate) const NGINX_GZIP: &str = "nginx proxy_pass, gzip";
pub(crate) const HAPROXY_GZIP: &str = "HAProxy, gzip";
pub(crate) const SUB_GZIP: &str = "nginx sub_filter, gzip level 1";
