//! The naive peer: what hyper and lol_html make of the task in an afternoon. Plain pages only; it is
//! the bench's own program, started once more.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, HOST};
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use lol_html::html_content::ContentType;
use lol_html::send::{HtmlRewriter, Settings};
use lol_html::{OutputSink, element};

use super::bed::{Bed, write};
use super::page::{key, published_text};
use super::server::{Server, free_address};

type Texts = Arc<HashMap<String, String>>;
type Origin = Client<HttpConnector, Empty<Bytes>>;
type Body = UnsyncBoxBody<Bytes, Infallible>;

/// The argument that makes a proxy of this program.
pub(crate) const ARGUMENT: &str = "naive";

pub(crate) fn start(bed: &Bed, texts: usize) -> Server {
    let folder = bed.folder("naive");
    let content: HashMap<_, _> = (0..texts).map(|nth| (key(nth), published_text(nth))).collect();
    let content = write(&folder, "content.json", &serde_json::to_string(&content).expect("texts"));
    let (listen, origin) = (free_address(), bed.origin);
    let program = std::env::current_exe().expect("this program");
    let (listen_text, origin_text) = (listen.to_string(), origin.to_string());
    let args = [ARGUMENT.as_ref(), listen_text.as_ref(), origin_text.as_ref(), content.as_os_str()];
    Server::start(&program, &args, &[], bed.proxy_core, listen, &folder)
}

pub(crate) fn run(listen: SocketAddr, origin: SocketAddr, content: &Path) {
    let texts = std::fs::read(content).expect("content");
    let texts: Texts = Arc::new(serde_json::from_slice(&texts).expect("content"));
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen).await.expect("a port");
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client: Origin = Client::builder(TokioExecutor::new()).build(connector);
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            let (texts, client) = (Arc::clone(&texts), client.clone());
            let service = hyper::service::service_fn(move |request| {
                answer(request, client.clone(), origin, Arc::clone(&texts))
            });
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service),
            );
        }
    });
}

async fn answer(
    mut request: Request<Incoming>,
    client: Origin,
    origin: SocketAddr,
    texts: Texts,
) -> Result<Response<Body>, hyper_util::client::legacy::Error> {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = Uri::try_from(format!("http://{origin}{path}")).expect("a path");
    request.headers_mut().remove(HOST);
    let (mut head, body) = client.request(request.map(|_| Empty::new())).await?.into_parts();
    head.headers.remove(CONTENT_LENGTH);
    Ok(Response::from_parts(head, print(body, texts)))
}

/// What has been rewritten and not yet been sent.
#[derive(Clone, Default)]
struct Output(Arc<std::sync::Mutex<Vec<u8>>>);

impl OutputSink for Output {
    fn handle_chunk(&mut self, chunk: &[u8]) {
        self.0.lock().expect("one thread").extend_from_slice(chunk);
    }
}

impl Output {
    fn frame(&self) -> Result<Frame<Bytes>, Infallible> {
        Ok(Frame::data(std::mem::take(&mut *self.0.lock().expect("one thread")).into()))
    }
}

fn print(body: Incoming, texts: Texts) -> Body {
    let output = Output::default();
    let labels = element!("[data-overprint]", move |label| {
        let key = label.get_attribute("data-overprint").unwrap_or_default();
        if let Some(text) = texts.get(&key) {
            label.set_inner_content(text, ContentType::Text);
        }
        Ok(())
    });
    let settings = Settings::new_send().append_element_content_handler(labels);
    let mut rewriter = Some(HtmlRewriter::new(settings, output.clone()));
    let pieces = body.into_data_stream().map(Some).chain(stream::iter([None]));
    let frames = pieces.map(move |piece| {
        match piece {
            Some(piece) => {
                let piece = piece.expect("the origin's body");
                rewriter.as_mut().map(|rewriter| rewriter.write(&piece)).transpose().expect("HTML");
            }
            None => rewriter.take().map(HtmlRewriter::end).transpose().map(|_| ()).expect("HTML"),
        }
        output.frame()
    });
    StreamBody::new(frames).boxed_unsync()
}
