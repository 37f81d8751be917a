//! The demo's shop: a small HTTP server on loopback that the sample project puts under load.
//!
//! Some answers are slow and some fail, always for the same products, so that a run's failures
//! can be counted on: reviews of product 9 are stale, checkout of product 10 answers 500.

mod pages;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

/// A running shop.
#[derive(Debug)]
pub struct Shop {
    address: SocketAddr,
    served: Arc<AtomicU64>,
    end: CancellationToken,
    task: JoinHandle<()>,
}

impl Shop {
    /// Starts it at `address`; port 0 picks a free one.
    pub async fn start(address: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let end = CancellationToken::new();
        let served = Arc::new(AtomicU64::new(0));
        let task = tokio::spawn(accept(listener, Arc::clone(&served), end.clone()));
        Ok(Self {
            address,
            served,
            end,
            task,
        })
    }

    /// Its address for `-DbaseUrl`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests answered so far.
    pub fn served(&self) -> u64 {
        self.served.load(Ordering::Relaxed)
    }

    /// Closes all connections and waits until nothing of it is left.
    pub async fn shutdown(self) {
        self.end.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the demo's shop broke");
        }
    }
}

async fn accept(listener: TcpListener, served: Arc<AtomicU64>, end: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, Arc::clone(&served), end.clone()));
                }
                Err(error) => {
                    // Out of descriptors, most likely: let some connections end first.
                    tracing::warn!(%error, "the demo's shop could not take a connection");
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next() => {}
            () = end.cancelled() => break,
        }
    }
    while connections.join_next().await.is_some() {}
}

async fn serve(stream: TcpStream, served: Arc<AtomicU64>, end: CancellationToken) {
    let answer = service_fn(move |request| {
        let served = Arc::clone(&served);
        async move {
            let number = served.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Infallible>(pages::answer(request, number).await)
        }
    });
    // Small answers go out at once: Nagle's wait for an acknowledgement is no response time.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
    tokio::select! {
        // A client that goes away in the middle is its own affair.
        _ = connection => {}
        () = end.cancelled() => {}
    }
}

#[cfg(test)]
mod tests;
