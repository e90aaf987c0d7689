//! Overprint's behaviour, at its edges: the engine's bytes and the proxy's sockets.
#![cfg(test)]

mod binary;
mod cold;
mod commands;
mod demo;
mod hints;
mod hostile;
mod https;
mod layering;
mod memory;
mod messages;
mod moto;
mod operators;
mod proxy;
mod releases;
mod remembering;
mod sanitising;
mod soak;
mod support;
mod weaving;
