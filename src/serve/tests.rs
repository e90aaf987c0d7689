//! Stories of clients at a real socket.

mod drains;
mod limits;
mod stalls;
mod support;
