//! The answer to a head that never became a request: it could not be read, or did not come in time.

use std::net::IpAddr;

use hyper::StatusCode;
use tracing::info;

use super::super::access::Id;
use super::{BadRequest, Failure};

/// The bytes of the answer to a client at `address`. The exchange is over with it, so the access
/// log has its line here.
pub(crate) fn refuse(status: StatusCode, address: IpAddr) -> Vec<u8> {
    let failure = match status {
        StatusCode::REQUEST_TIMEOUT => Failure::Timeout,
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Failure::HeadTooLarge,
        _ => Failure::BadRequest(BadRequest::Unreadable),
    };
    let id = Id::new().to_string();
    let (status, outcome) = (failure.status().as_u16(), failure.name());
    info!(target: "overprint::access", %id, client = %address, status, outcome, "request");
    failure.bytes(&id)
}

impl Failure {
    fn bytes(self, id: &str) -> Vec<u8> {
        let head = self.page(id, None, true);
        let mut bytes = format!("HTTP/1.1 {}\r\n", head.status()).into_bytes();
        for (name, value) in head.headers() {
            for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                bytes.extend_from_slice(part);
            }
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(self.html(id).as_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_whole_answer_with_a_page() {
        for (given, sent) in [(408, "408 Request Timeout"), (431, "431 "), (414, "400 Bad Request")]
        {
            let status = StatusCode::from_u16(given).unwrap();
            let text = String::from_utf8(refuse(status, IpAddr::from([127, 0, 0, 1]))).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with(&format!("HTTP/1.1 {sent}")), "{head}");
            assert!(head.contains(&format!("\r\ncontent-length: {}", body.len())), "{head}");
            assert!(head.contains("\r\nconnection: close"), "{head}");
            assert!(body.contains("<h1>") && body.contains("request "), "{body}");
        }
    }
}
