//! The system's request to end: SIGTERM, SIGINT, a console's Ctrl+C.

use tokio::sync::mpsc::Sender;

use crate::desk::Input;

/// Waits for such a request and passes it on.
pub(crate) async fn follow(inputs: Sender<Input>) {
    match request().await {
        // A closed queue means that the app is ending already.
        Ok(()) => drop(inputs.send(Input::Quit).await),
        Err(error) => tracing::warn!(%error, "signals are not heard"),
    }
}

#[cfg(unix)]
async fn request() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

#[cfg(windows)]
async fn request() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
