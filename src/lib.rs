//! Overprint prints published copy onto the pages of any site as they stream through.

pub mod app;
pub mod cli;
pub mod config;
pub mod content;
pub mod locale;
pub mod problem;
pub mod proxy;
mod refresh;
mod serve;
mod store;
pub mod weave;
