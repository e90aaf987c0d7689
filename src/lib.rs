//! Overprint prints published copy onto the pages of any site as they stream through.

mod admin;
pub mod app;
pub mod cli;
pub mod config;
pub mod content;
pub mod live;
pub mod locale;
pub mod message;
pub mod metrics;
pub mod problem;
pub mod proxy;
mod publish;
pub mod refresh;
pub mod releases;
mod serve;
pub mod status;
pub mod store;
pub mod weave;
mod webhook;
