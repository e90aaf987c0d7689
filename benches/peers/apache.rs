//! Apache's event MPM with mod_substitute: one process, one rule a text.

use std::fmt::Write as _;
use std::path::Path;

use super::bed::{Bed, write};
use super::page::{default_text, published_text};
use super::server::{Server, free_address};

/// Where Debian, Fedora and the image of Docker have modules.
const MODULES: [&str; 3] =
    ["/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/local/apache2/modules"];

/// The host that replaces the first `labels` texts.
pub(crate) fn substitutes(labels: usize) -> String {
    format!("sub{labels}.test")
}

pub(crate) fn start(bed: &Bed, program: &Path, labels: &[usize]) -> Option<Server> {
    let modules =
        MODULES.iter().find(|folder| Path::new(folder).join("mod_substitute.so").is_file())?;
    let folder = bed.folder("apache");
    let address = free_address();
    let mut hosts = String::new();
    for &count in labels {
        let _ = writeln!(
            hosts,
            "<VirtualHost *:*>\nServerName {}\n{}ProxyPass / http://{}/ keepalive=On\n</VirtualHost>",
            substitutes(count),
            rules(count),
            bed.origin
        );
    }
    let config =
        write(&folder, "httpd.conf", &config(&folder, modules, &address.to_string(), &hosts));
    let args = ["-DFOREGROUND".as_ref(), "-f".as_ref(), config.as_os_str()];
    Some(Server::start(program, &args, &[], bed.proxy_core, address, &folder))
}

/// `n` takes the text as it is, `q` does not join what it has cut into pieces.
fn rules(count: usize) -> String {
    let mut rules = String::from("SetOutputFilter SUBSTITUTE\nSubstituteMaxLineLength 10m\n");
    for nth in 0..count {
        let (from, to) = (default_text(nth), published_text(nth));
        let _ = writeln!(rules, "Substitute \"s|{from}|{to}|nq\"");
    }
    rules
}

fn config(folder: &Path, modules: &str, address: &str, hosts: &str) -> String {
    let mut config = String::new();
    for module in ["mpm_event", "authz_core", "filter", "proxy", "proxy_http", "substitute"] {
        let _ = writeln!(config, "LoadModule {module}_module {modules}/mod_{module}.so");
    }
    let folder = folder.display();
    let _ = write!(
        config,
        "ServerRoot {folder}
ServerName bench.test
DefaultRuntimeDir {folder}
PidFile {folder}/pid
ErrorLog {folder}/error.log
Listen {address}
StartServers 1
ServerLimit 1
ThreadsPerChild 64
MaxRequestWorkers 64
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 75
ProxyPreserveHost On
{hosts}"
    );
    config
}
