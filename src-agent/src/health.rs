//! The health page: on loopback, off unless asked for. One line of JSON to whoever connects.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::AgentError;
use crate::state_sender::Beats;

/// A visitor gets this long.
const PATIENCE: Duration = Duration::from_secs(2);

/// Listens; the future serves until it is stopped.
pub(crate) async fn serve(
    address: SocketAddr,
    beats: watch::Receiver<Beats>,
    stop: CancellationToken,
) -> Result<impl Future<Output = ()>, AgentError> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|cause| AgentError::System {
            what: "the health page (BFGG_HEALTH)",
            cause,
        })?;
    Ok(async move {
        while let Some(visitor) = stop.run_until_cancelled(listener.accept()).await {
            let Ok((visitor, _)) = visitor else { continue };
            let page = page(&beats.borrow());
            // One at a time: it is asked by one supervisor of services, now and then.
            let _ = tokio::time::timeout(PATIENCE, answer(visitor, page)).await;
        }
    })
}

fn page(beats: &Beats) -> String {
    let controllers: Vec<_> = beats
        .iter()
        .map(|(controller, _)| controller.as_str())
        .collect();
    let phase = beats.first().map(|(_, state)| state.phase);
    serde_json::json!({ "healthy": true, "admitted_by": controllers, "phase": phase }).to_string()
}

async fn answer(mut visitor: TcpStream, page: String) -> std::io::Result<()> {
    let mut request = [0; 1024];
    // What is asked does not matter, but an answer before the question is not heard.
    let _ = visitor.read(&mut request).await?;
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        page.len()
    );
    visitor.write_all(head.as_bytes()).await?;
    visitor.write_all(page.as_bytes()).await?;
    visitor.shutdown().await
}
