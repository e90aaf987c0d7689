//! HAProxy with one thread: what passing a page takes where nothing is read but heads.

use std::path::Path;

use super::bed::{Bed, write};
use super::server::{Server, free_address};

pub(crate) fn start(bed: &Bed, program: &Path) -> Server {
    let folder = bed.folder("haproxy");
    let (address, origin) = (free_address(), bed.origin);
    let config = format!(
        "global
  nbthread 1
  no strict-limits
  maxconn 16384
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout http-keep-alive 75s
  http-reuse always
frontend visitors
  bind {address}
  default_backend origin
backend origin
  server origin {origin}
"
    );
    let config = write(&folder, "haproxy.cfg", &config);
    let args = ["-db".as_ref(), "-f".as_ref(), config.as_os_str()];
    Server::start(program, &args, &[], bed.proxy_core, address, &folder)
}
