//! The listener and its connections: requests in, faults applied, the rest left to the API.

use std::error::Error as _;
use std::future::poll_fn;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use s3s::service::S3Service;
use s3s::{Body, HttpRequest, HttpResponse};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use super::answers::{self, Break};
use super::api;
use super::bucket::Bucket;
use super::faults::{Fault, Faults};
use super::log::{EndOfConnection, Seen, SharedLog};
use crate::support::within;

/// What outlives a stop. Clones are the same.
#[derive(Clone, Default)]
pub(super) struct Served {
    pub(super) bucket: Bucket,
    pub(super) faults: Faults,
    pub(super) log: SharedLog,
}

/// The store while it is plugged in.
pub(super) struct Front {
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
}

impl Front {
    /// Listens on a bound socket.
    pub(super) fn start(socket: TcpSocket, served: Served) -> Self {
        let listener = socket.listen(1024).unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(accept(listener, served, stopped));
        Self { stop: Some(stop), running }
    }

    /// Closes the listener and every connection; the address is free when this returns.
    pub(super) async fn stop(mut self) {
        drop(self.stop.take());
        within("the store to stop", &mut self.running).await.unwrap();
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn accept(listener: TcpListener, served: Served, mut stopped: oneshot::Receiver<()>) {
    let service = api::service(served.bucket.clone());
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            accepted = listener.accept() => {
                let (stream, _) = accepted.unwrap();
                connections.spawn(connection(stream, served.clone(), service.clone()));
            }
        }
    }
    connections.shutdown().await;
}

/// Serves requests until the client leaves or an answer is broken off.
async fn connection(stream: TcpStream, served: Served, service: S3Service) {
    let _end = EndOfConnection(served.log.clone());
    stream.set_nodelay(true).unwrap();
    let answering =
        service_fn(|request| Box::pin(answer(request, served.clone(), service.clone())));
    let mut serving = http1::Builder::new().serve_connection(TokioIo::new(stream), answering);
    let ended = poll_fn(|context| serving.poll_without_shutdown(context)).await;
    let mut stream = serving.into_parts().io.into_inner();
    let Err(error) = ended else { return };
    if let Some(broken) = error.source().and_then(|source| source.downcast_ref::<Break>()) {
        let write = stream.write_all(&broken.bytes);
        // The client may be gone.
        let _ = within("the client to take an answer that breaks off", write).await;
        if broken.reset {
            stream.set_zero_linger().unwrap();
        }
    }
}

async fn answer(
    request: hyper::Request<Incoming>,
    served: Served,
    service: S3Service,
) -> Result<HttpResponse, Break> {
    let seen = Seen::new(request.method().as_str(), request.uri());
    let nth = served.log.arrived(seen.clone());
    let met = served.faults.met_by(&seen.method, &seen.key);
    let (head, body) = request.into_parts();
    // What is left unread would turn a FIN into a RST.
    let body = within("the rest of a request's body", body.collect()).await;
    let Ok(body) = body else { return Err(Break::reset()) };
    let request = HttpRequest::from_parts(head, Body::from(body.to_bytes()));
    let answered = |answer: HttpResponse| {
        served.log.answered(nth, answer.status().as_u16());
        answer
    };
    // Does nothing before it is awaited.
    let serving = async { service.call(request).await.unwrap() };
    let Some(met) = met else { return Ok(answered(serving.await)) };
    match met.fault.clone() {
        Fault::Status(status) => Ok(answered(answers::error(status))),
        Fault::Redirect(location) => Ok(answered(answers::redirect(&location))),
        Fault::Garbage => Ok(answered(answers::garbage(served.bucket.get(&seen.key)))),
        Fault::Endless => Ok(answered(answers::endless())),
        Fault::Reset => Err(Break::reset()),
        Fault::NotHttp => Err(Break::not_http()),
        Fault::ResetMidBody(count) => Err(Break::cut(answered(serving.await), count, true).await),
        Fault::Truncate(count) => Err(Break::cut(answered(serving.await), count, false).await),
        Fault::Lost => {
            drop(serving.await);
            Err(Break::reset())
        }
        Fault::Held(gate) => {
            gate.pass().await;
            Ok(answered(serving.await))
        }
        Fault::Hang => {
            met.healed().await;
            Ok(answered(serving.await))
        }
    }
}
