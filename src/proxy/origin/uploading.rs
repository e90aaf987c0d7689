//! A request with a body.
//!
//! What the visitor sends must go on to the origin even where the visitor does not read what the
//! origin answers meanwhile. So the connection is driven by a task of its own, until both ways are
//! done.

use std::future::poll_fn;

use hyper::body;
use hyper::{Request, Response};
use tokio::sync::oneshot;

use super::connection::Unanswered;
use super::fault::Fault;
use super::incoming::{Incoming, Lease};
use crate::proxy::upload::OriginBody;

type Answer = Result<Response<body::Incoming>, Unanswered>;

/// Asks on a connection. Whoever drops the future, or the answer's body, gives the connection up.
pub(super) async fn ask(
    lease: Lease,
    request: Request<OriginBody>,
) -> Result<Response<Incoming>, Fault> {
    let usage = lease.connection.usage().clone();
    let (tell, told) = oneshot::channel();
    tokio::spawn(drive(lease, request, tell));
    match told.await {
        Ok(Ok(answer)) => Ok(answer.map(Incoming::elsewhere)),
        Ok(Err(unanswered)) => Err(Fault::unanswered(unanswered, usage)),
        Err(_) => Err(Fault::Undriven),
    }
}

async fn drive(mut lease: Lease, request: Request<OriginBody>, mut tell: oneshot::Sender<Answer>) {
    let answer = tokio::select! {
        biased;
        () = tell.closed() => return,
        answer = lease.connection.ask(request) => answer,
    };
    if tell.send(answer).is_err() {
        return;
    }
    poll_fn(|cx| lease.connection.finish(cx)).await;
    lease.end();
}
