//! What the load goes to: it answers all, and counts.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::gatling::{now_ms, until};

#[derive(Clone)]
pub(crate) struct Shop {
    address: String,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    served: AtomicU64,
    first_ms: AtomicU64,
}

impl Shop {
    /// Open as long as the test runs.
    pub(crate) fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let counts = Arc::new(Counts::default());
        let shared = Arc::clone(&counts);
        thread::spawn(move || {
            for visitor in listener.incoming().flatten() {
                let counts = Arc::clone(&shared);
                thread::spawn(move || serve(visitor, &counts));
            }
        });
        Self { address, counts }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Requests answered.
    pub(crate) fn served(&self) -> u64 {
        self.counts.served.load(Ordering::SeqCst)
    }

    /// Requests whose answers have arrived: by the next request Gatling has heard of these.
    pub(crate) fn answered(&self) -> u64 {
        let answered = self.served();
        until("some more requests", || self.served() > answered + 1);
        answered
    }

    /// When somebody first came, ms since 1970.
    pub(crate) fn first_ms(&self) -> Option<u64> {
        Some(self.counts.first_ms.load(Ordering::SeqCst)).filter(|ms| *ms > 0)
    }
}

fn serve(mut visitor: TcpStream, counts: &Counts) {
    let now = now_ms();
    let _ = counts
        .first_ms
        .compare_exchange(0, now, Ordering::SeqCst, Ordering::SeqCst);
    let mut seen: Vec<u8> = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = visitor.read(&mut buffer) {
        seen.extend(&buffer[..length]);
        while let Some(end) = seen.windows(4).position(|four| four == b"\r\n\r\n") {
            seen.drain(..end + 4);
            counts.served.fetch_add(1, Ordering::SeqCst);
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
            if visitor.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }
}
