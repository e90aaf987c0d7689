//! What the stories are told with: origins and visitors at the raw socket, where every byte is the
//! test's own.
//!
//! Owns no knowledge of Overprint: nothing here but `proxy`, `command` and `web_store`, which run it, may know it, so
//! that a bug in the product cannot hide in its tests. Every wait ends within [`deadline::LIMIT`] in a panic that says what was
//! awaited and what had arrived; only an origin's idle, stalled and upgraded connections last as
//! long as the test.

mod body;
mod client;
mod coding;
mod command;
mod deadline;
mod gate;
mod headers;
mod origin;
mod proxy;
mod redis;
mod request;
mod response;
mod s3;
mod script;
mod socket;
mod web_store;
mod wire;

mod selftest;

pub(crate) use client::Client;
pub(crate) use coding::Coding;
pub(crate) use command::{Done, NO_ENV, overprint};
pub(crate) use deadline::within;
pub(crate) use gate::Gate;
pub(crate) use headers::Headers;
pub(crate) use origin::{Origin, RawRequest, nobody_listens};
pub(crate) use proxy::{Proxy, Setup};
pub(crate) use redis::Redis;
pub(crate) use request::Request;
pub(crate) use response::{Response, ResponseHead};
pub(crate) use s3::{Fault, S3};
pub(crate) use script::Script;
pub(crate) use socket::End;
pub(crate) use web_store::WebStore;
pub(crate) use wire::{Cut, chunks, with_seed};
