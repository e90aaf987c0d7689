//! Overprint's behaviour, at its edges: the engine's bytes and the proxy's sockets.

mod weaving;
