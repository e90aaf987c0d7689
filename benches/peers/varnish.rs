//! Varnish with ESI: pages come from the origin every time, what they include from its cache.

use std::path::Path;

use super::bed::{Bed, write};
use super::server::{Server, free_address};

pub(crate) fn start(bed: &Bed, program: &Path) -> Server {
    let folder = bed.folder("varnish");
    let (address, origin) = (free_address(), bed.origin);
    let config = format!(
        "vcl 4.1;
backend default {{ .host = \"{}\"; .port = \"{}\"; }}
sub vcl_recv {{
  if (req.url ~ \"^/fragment/\") {{ return (hash); }}
  return (pass);
}}
sub vcl_backend_response {{
  if (bereq.url ~ \"^/fragment/\") {{ set beresp.ttl = 1d; }}
  else {{ set beresp.uncacheable = true; set beresp.do_esi = true; }}
}}
",
        origin.ip(),
        origin.port()
    );
    let config = write(&folder, "esi.vcl", &config);
    let (address_text, state) = (address.to_string(), folder.join("state"));
    let args = [
        "-j".as_ref(),
        "none".as_ref(),
        "-F".as_ref(),
        "-a".as_ref(),
        address_text.as_ref(),
        "-f".as_ref(),
        config.as_os_str(),
        "-s".as_ref(),
        "malloc,256m".as_ref(),
        "-n".as_ref(),
        state.as_os_str(),
    ];
    Server::start(program, &args, &[], bed.proxy_core, address, &folder)
}
