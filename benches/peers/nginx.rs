//! nginx as its documentation has it: `proxy_pass` with kept connections, and `sub_filter` with the same
//! texts. No access log; buffers that hold a page, without which it does twice the work. The defaults (8 of
//! 4 KiB) have a host of their own.

use std::fmt::Write as _;
use std::path::Path;

use super::bed::{Bed, write};
use super::contender::Expect;
use super::page::{default_text, published_text};
use super::server::{Server, free_address};

/// nginx takes no more `sub_filter` for one place than this.
const MOST_RULES: usize = 255;

pub(crate) const PASSES: &str = "pass.test";
/// The same with the buffers that nginx has by itself.
pub(crate) const DEFAULT_BUFFERS: &str = "defaults.test";

/// The host that replaces the first `labels` texts.
pub(crate) fn substitutes(labels: usize) -> String {
    format!("sub{labels}.test")
}

/// The same, compressing at level 1.
pub(crate) fn compresses(labels: usize) -> String {
    format!("gzip{labels}.test")
}

/// What comes of both on a page with so many texts.
pub(crate) fn prints(labels: usize) -> Expect {
    match labels {
        0..=MOST_RULES => Expect::Printed(labels),
        _ => Expect::Partly { printed: MOST_RULES, of: labels },
    }
}

pub(crate) fn start(bed: &Bed, program: &Path, labels: &[usize]) -> Server {
    let folder = bed.folder("nginx");
    let address = free_address();
    let mut servers = format!(
        "server {{ listen {address} backlog=4096; server_name {PASSES}; {LOCATION} }}\n\
         server {{ listen {address}; server_name {DEFAULT_BUFFERS}; proxy_buffer_size 4k; proxy_buffers 8 4k; \
         proxy_busy_buffers_size 8k; {LOCATION} }}\n"
    );
    for &count in labels {
        let rules = rules(count);
        let _ = writeln!(
            servers,
            "server {{ listen {address}; server_name {}; {rules} {LOCATION} }}\n\
             server {{ listen {address}; server_name {}; {rules} gzip on; gzip_comp_level 1; {LOCATION} }}",
            substitutes(count),
            compresses(count)
        );
    }
    let config = write(&folder, "nginx.conf", &config(bed, &folder, &servers));
    let args = [
        "-p".as_ref(),
        folder.as_os_str(),
        "-e".as_ref(),
        "stderr".as_ref(),
        "-c".as_ref(),
        config.as_os_str(),
    ];
    Server::start(program, &args, &[], bed.proxy_core, address, &folder)
}

/// Without Accept-Encoding to the origin where texts are replaced: `sub_filter` cannot read gzip.
/// The bench's origin sends by path alone, so it need not be taken off.
const LOCATION: &str = "location / { proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection \"\"; \
     proxy_set_header Host $host; }";

fn rules(count: usize) -> String {
    let mut rules = String::from("sub_filter_once off;\n");
    for nth in 0..count.min(MOST_RULES) {
        let (from, to) = (default_text(nth), published_text(nth));
        let _ = writeln!(rules, "sub_filter '{from}' '{to}';");
    }
    rules
}

fn config(bed: &Bed, folder: &Path, servers: &str) -> String {
    // Started by root, its worker would be nobody, who may not write here.
    let user = if rustix::process::getuid().is_root() { "user root;" } else { "" };
    let (origin, folder) = (bed.origin, folder.display());
    format!(
        "{user}
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log stderr warn;
events {{ worker_connections 16384; }}
http {{
  access_log off;
  sendfile on;
  keepalive_requests 100000000;
  default_type text/html;
  server_names_hash_bucket_size 128;
  client_body_temp_path {folder}/client;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  proxy_buffer_size 16k;
  proxy_buffers 8 32k;
  proxy_busy_buffers_size 64k;
  upstream origin {{ server {origin}; keepalive 64; keepalive_requests 100000000; }}
  {servers}
}}
"
    )
}
