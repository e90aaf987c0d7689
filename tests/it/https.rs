//! An origin behind TLS: verified by the machine's roots, and not taken on trust.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::binary::Binary;
use crate::support::within;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 31\r\n\r\n\
                        <h1 data-overprint=title>x</h1>";

#[tokio::test(flavor = "multi_thread")]
async fn an_origin_behind_tls_is_printed_upon_if_its_certificate_is_good() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("en.json"), r#"{"title": "Printed"}"#).unwrap();
    let (acceptor, root) = authority();
    let trusted = folder.path().join("root.pem");
    std::fs::write(&trusted, root).unwrap();
    let origin = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", origin.local_addr().unwrap().port());
    let served = tokio::spawn(serve(origin, acceptor));

    let proxy = Binary::start(&url, folder.path(), &[("SSL_CERT_FILE", &trusted)]).await;
    let page = within("a printed page", get(&proxy)).await;
    assert!(page.contains("Printed") && page.ends_with("\r\n0\r\n\r\n"), "{page}");
    proxy.stop().await;

    let (_, stranger) = authority();
    std::fs::write(&trusted, stranger).unwrap();
    let proxy = Binary::start(&url, folder.path(), &[("SSL_CERT_FILE", &trusted)]).await;
    let page = within("an error page", get(&proxy)).await;
    assert!(page.starts_with("HTTP/1.1 502 "), "{page}");
    assert!(!page.contains("certificate") && !page.contains("localhost"), "{page}");
    proxy.stop().await;
    served.abort();
}

/// A certificate for `localhost`, and the authority that vouches for it, as PEM.
fn authority() -> (TlsAcceptor, String) {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), authority.pem())
}

async fn serve(origin: TcpListener, acceptor: TlsAcceptor) {
    while let Ok((stream, _)) = origin.accept().await {
        let Ok(mut stream) = acceptor.accept(stream).await else { continue };
        let mut head = [0; 4096];
        let _ = stream.read(&mut head).await;
        let _ = stream.write_all(ANSWER).await;
        let _ = stream.shutdown().await;
    }
}

async fn get(proxy: &Binary) -> String {
    let mut client = TcpStream::connect(proxy.address).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nhost: www.example.com\r\nconnection: close\r\n\r\n";
    client.write_all(request).await.unwrap();
    let mut page = String::new();
    client.read_to_string(&mut page).await.unwrap();
    page
}
