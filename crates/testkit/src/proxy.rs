//! A network between an agent and its controller, on loopback: slow, lossy, deaf or cut.
//!
//! Loss is what it looks like above TCP: some pieces come late, by the time of a retransmission, and
//! all that follows waits for them.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

use crate::random::Random;

/// How the way is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// Bytes of the agent pass.
    pub up: bool,
    /// Bytes of the controller pass.
    pub down: bool,
    /// Added to each direction.
    pub delay: Duration,
    /// Pieces of a hundred that are lost once.
    pub loss_percent: u32,
    /// Bytes a second in each direction; 0 for all there are.
    pub bytes_per_s: u32,
    /// Changes with each cut: connections of an earlier one are closed.
    cuts: u32,
    /// New connections are taken.
    open: bool,
}

/// After this long TCP sends what was lost again.
const RETRANSMISSION: Duration = Duration::from_millis(250);
const PIECE: usize = 16 << 10;
/// Pieces on their way.
const IN_FLIGHT: usize = 256;

/// A proxy: who connects to it is connected to its target.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    way: watch::Sender<Way>,
    target: watch::Sender<SocketAddr>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// A proxy on a free port of loopback.
    pub async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let way = watch::Sender::new(Way {
            up: true,
            down: true,
            delay: Duration::ZERO,
            loss_percent: 0,
            bytes_per_s: 0,
            cuts: 0,
            open: true,
        });
        let target = watch::Sender::new(target);
        let task = tokio::spawn(accept(listener, way.subscribe(), target.subscribe()));
        Self {
            address,
            way,
            target,
            task,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the way.
    pub fn change(&self, change: impl FnOnce(&mut Way)) {
        self.way.send_modify(change);
    }

    /// No byte passes, and nobody is told.
    pub fn partition(&self) {
        self.change(|way| (way.up, way.down) = (false, false));
    }

    /// Everything passes again.
    pub fn heal(&self) {
        self.change(|way| (way.up, way.down, way.open) = (true, true, true));
    }

    /// Closes all connections; new ones are taken.
    pub fn cut(&self) {
        self.change(|way| way.cuts += 1);
    }

    /// Closes all connections, and every new one at once.
    pub fn close(&self) {
        self.change(|way| (way.cuts, way.open) = (way.cuts + 1, false));
    }

    /// New connections go elsewhere.
    pub fn redirect(&self, target: SocketAddr) {
        self.target.send_replace(target);
    }
}

async fn accept(
    listener: TcpListener,
    way: watch::Receiver<Way>,
    target: watch::Receiver<SocketAddr>,
) {
    let mut connections = JoinSet::new();
    let mut number = 0;
    while let Ok((agent, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        if !way.borrow().open {
            continue;
        }
        number += 1;
        let target = *target.borrow();
        connections.spawn(connect(agent, target, way.clone(), number));
    }
}

async fn connect(agent: TcpStream, target: SocketAddr, way: watch::Receiver<Way>, number: u64) {
    let Ok(controller) = TcpStream::connect(target).await else {
        return;
    };
    for stream in [&agent, &controller] {
        let _ = stream.set_nodelay(true);
    }
    let mut watched = way.clone();
    let cuts = watched.borrow().cuts;
    let (from_agent, to_agent) = agent.into_split();
    let (from_controller, to_controller) = controller.into_split();
    let both = async {
        tokio::join!(
            direction(
                from_agent,
                to_controller,
                way.clone(),
                |way| way.up,
                number * 2
            ),
            direction(
                from_controller,
                to_agent,
                way.clone(),
                |way| way.down,
                number * 2 + 1
            ),
        )
    };
    tokio::select! {
        _ = both => {}
        _ = watched.wait_for(|way| way.cuts != cuts) => {}
    }
}

async fn direction(
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    way: watch::Receiver<Way>,
    passes: fn(&Way) -> bool,
    seed: u64,
) {
    let (send, receive) = mpsc::channel(IN_FLIGHT);
    tokio::join!(
        take(from, send, way.clone(), seed),
        give(to, receive, way, passes)
    );
}

async fn take(
    mut from: OwnedReadHalf,
    send: mpsc::Sender<(Instant, Vec<u8>)>,
    way: watch::Receiver<Way>,
    seed: u64,
) {
    let mut random = Random::new(seed);
    let mut buffer = vec![0; PIECE];
    let mut last = Instant::now();
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let way = *way.borrow();
        let mut due = Instant::now() + way.delay;
        if random.below(100) < way.loss_percent.into() {
            due += RETRANSMISSION + way.delay * 2;
        }
        if way.bytes_per_s > 0 {
            let time = Duration::from_secs(1) * length as u32 / way.bytes_per_s;
            due = due.max(last + time);
        }
        // What follows waits.
        last = due.max(last);
        if send.send((last, buffer[..length].to_vec())).await.is_err() {
            return;
        }
    }
}

async fn give(
    mut to: OwnedWriteHalf,
    mut receive: mpsc::Receiver<(Instant, Vec<u8>)>,
    mut way: watch::Receiver<Way>,
    passes: fn(&Way) -> bool,
) {
    while let Some((due, bytes)) = receive.recv().await {
        sleep_until(due).await;
        if way.wait_for(passes).await.is_err() || to.write_all(&bytes).await.is_err() {
            return;
        }
    }
    // The end passes no deaf way either.
    let _ = way.wait_for(passes).await;
    let _ = to.shutdown().await;
}
