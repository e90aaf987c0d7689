//! That a proxy does what it is measured for.

use std::io::Read as _;

use super::contender::{Contender, Expect};
use super::lab::{Fetched, Lab};
use super::page::{default_text, published_text};
use std::net::SocketAddr;

/// Asked so often: what is remembered is another way through the proxy than what is new.
const TIMES: usize = 6;

/// Ends the bench if what comes is not what is expected.
pub(crate) fn check(lab: &mut Lab, contender: &Contender, address: SocketAddr) {
    for time in 0..TIMES {
        let Contender { host, path, gzip, .. } = contender;
        let fetched = lab.fetch(address, host, path, *gzip);
        let sent = decoded(lab.origin.answers.last_body(path), path.contains("gzip"));
        if let Err(fault) = judge(contender, &fetched, &sent) {
            panic!(
                "{} is not what it should be, answer {time} to {path} at {host}: {fault}\n{}",
                contender.name, fetched.head
            );
        }
    }
}

fn judge(contender: &Contender, fetched: &Fetched, sent: &str) -> Result<(), String> {
    let coded = fetched.head.to_ascii_lowercase().contains("\r\ncontent-encoding: gzip");
    if coded != contender.gzip {
        return Err(format!("gzip should be {}", contender.gzip));
    }
    let page = decoded(&fetched.body, coded);
    match contender.expect {
        Expect::Same => same(&page, sent),
        Expect::Contains(labels) => contains(&page, labels),
        Expect::Printed(labels) | Expect::Partly { printed: labels, .. } => {
            contains(&page, labels)?;
            same(&(0..labels).fold(page, unprinted), sent)
        }
    }
}

fn contains(page: &str, labels: usize) -> Result<(), String> {
    let missing = (0..labels).find(|&nth| !page.contains(&published_text(nth)));
    missing.map_or(Ok(()), |nth| Err(format!("the text of label {nth} is not on the page")))
}

fn same(page: &str, sent: &str) -> Result<(), String> {
    let differs = page.bytes().zip(sent.bytes()).position(|(one, two)| one != two);
    if page == sent {
        return Ok(());
    }
    let at = differs.unwrap_or(page.len().min(sent.len()));
    let near = |text: &str| {
        String::from_utf8_lossy(
            &text.as_bytes()[at.saturating_sub(60).min(text.len())..(at + 60).min(text.len())],
        )
        .into_owned()
    };
    Err(format!("byte {at} differs from the origin's: {:?} for {:?}", near(page), near(sent)))
}

fn unprinted(page: String, label: usize) -> String {
    page.replacen(&published_text(label), &default_text(label), 1)
}

fn decoded(body: &[u8], gzip: bool) -> String {
    let mut text = Vec::new();
    if gzip {
        flate2::read::MultiGzDecoder::new(body).read_to_end(&mut text).expect("gzip");
    } else {
        text.extend_from_slice(body);
    }
    String::from_utf8(text).expect("UTF-8")
}
