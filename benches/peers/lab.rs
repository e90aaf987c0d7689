//! The loop of the bench's core: one thread and one epoll for origin and visitors, so that what
//! drives a proxy costs less than the proxy.

use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};

use super::crowd::{Crowd, Visitor};
use super::origin::{Origin, Wants};

/// Visitors are told from the origin's connections by these bits.
const LISTENER: u64 = 1 << 40;
const ORIGIN: u64 = 1 << 41;

/// How long an answer may take before something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Lab {
    pub(crate) origin: Origin,
    epoll: OwnedFd,
    events: Vec<Event>,
    writing: Vec<bool>,
}

/// An answer in full.
pub(crate) struct Fetched {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Lab {
    pub(crate) fn new(origin: Origin) -> Self {
        let epoll = epoll::create(CreateFlags::CLOEXEC).expect("an epoll");
        add(&epoll, &origin.listener, LISTENER);
        Self { origin, epoll, events: Vec::with_capacity(256), writing: Vec::new() }
    }

    /// `count` visitors, connected.
    pub(crate) fn join(&self, crowd: &mut Crowd, count: usize, mss: Option<u32>) {
        for _ in 0..count {
            let visitor = crowd.join(mss);
            add(&self.epoll, &crowd.visitors[visitor].stream, visitor as u64);
        }
    }

    /// Hears no more of a visitor, whatever comes for it.
    pub(crate) fn ignore(&self, crowd: &Crowd, visitor: usize) {
        epoll::delete(&self.epoll, &crowd.visitors[visitor].stream).expect("a visitor");
    }

    /// Waits for something to happen, and serves it.
    pub(crate) fn turn(&mut self, crowd: &mut Crowd, timeout: Duration) {
        let timeout = Timespec {
            tv_sec: timeout.as_secs().cast_signed(),
            tv_nsec: timeout.subsec_nanos().into(),
        };
        let mut events = std::mem::take(&mut self.events);
        events.clear();
        // A signal ends the wait early, which is no harm.
        let _ = epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&timeout));
        for event in &events {
            match event.data.u64() {
                LISTENER => self.accept(),
                place if place & ORIGIN != 0 => self.serve((place ^ ORIGIN) as usize),
                visitor => crowd.ready(visitor as usize),
            }
        }
        self.events = events;
    }

    /// One answer, over a connection of its own.
    pub(crate) fn fetch(
        &mut self,
        address: SocketAddr,
        host: &str,
        path: &str,
        gzip: bool,
    ) -> Fetched {
        let mut crowd = Crowd::new(address, host, path, gzip);
        crowd.body = Some(Vec::new());
        self.join(&mut crowd, 1, None);
        crowd.ask(0, Instant::now());
        self.until(&mut crowd, |crowd| !crowd.done.is_empty());
        Fetched { head: crowd.head, body: crowd.body.unwrap_or_default() }
    }

    /// Lets visitors have what they asked for.
    pub(crate) fn finish(&mut self, crowd: &mut Crowd) {
        self.until(crowd, |crowd| crowd.visitors.iter().all(Visitor::at_rest));
    }

    /// Turns until something is so.
    pub(crate) fn until(&mut self, crowd: &mut Crowd, so: impl Fn(&Crowd) -> bool) {
        let began = Instant::now();
        while !so(crowd) {
            assert!(began.elapsed() < PATIENCE, "the proxy does not answer");
            self.turn(crowd, Duration::from_millis(100));
        }
    }

    fn accept(&mut self) {
        while let Some(place) = self.origin.accept() {
            if let Some(stream) = self.origin.stream(place) {
                add(&self.epoll, stream, ORIGIN | place as u64);
            }
            self.writing.resize(self.writing.len().max(place + 1), false);
            self.writing[place] = false;
        }
    }

    fn serve(&mut self, place: usize) {
        let wants = self.origin.ready(place);
        let Some(stream) = self.origin.stream(place) else { return };
        let writing = wants == Wants::Writing;
        // Almost always the same as before: an answer goes out in one go.
        if writing != self.writing[place] {
            self.writing[place] = writing;
            let flags = if writing { EventFlags::OUT } else { EventFlags::IN };
            let data = EventData::new_u64(ORIGIN | place as u64);
            epoll::modify(&self.epoll, stream, data, flags).expect("a connection");
        }
    }
}

fn add(epoll: &OwnedFd, source: impl AsFd, data: u64) {
    epoll::add(epoll, source, EventData::new_u64(data), EventFlags::IN).expect("an epoll");
}
