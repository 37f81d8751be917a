//! Logging for all programs: to standard error, as text or JSON.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::{LogFormat, LogSettings};

/// Starts logging to standard error. Only the first call in a process has an effect.
pub fn init(settings: &LogSettings) {
    init_to(settings, std::io::stderr, std::io::stderr().is_terminal());
}

/// Starts logging to a writer of the caller's, who says whether it may be coloured.
pub fn init_to<W>(settings: &LogSettings, writer: W, colour: bool)
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter(&settings.level))
        .with_writer(writer)
        .with_ansi(colour);
    let started = match settings.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    if started.is_err() {
        tracing::debug!("logging was started before; that stays");
    }
}

/// A level is meant for our own crates; what they use is one step quieter. libp2p's mDNS calls an
/// interface whose address is not ready yet an error; it tries again a moment later.
fn filter(level: &str) -> EnvFilter {
    let directives = match level {
        "off" | "error" => level.to_owned(),
        "warn" | "info" => format!("warn,libp2p_mdns=off,bfgg={level}"),
        "debug" => "info,bfgg=debug".to_owned(),
        "trace" => "debug,bfgg=trace".to_owned(),
        directives => directives.to_owned(),
    };
    // The setting was checked when it was read; info is for a caller who did not.
    EnvFilter::try_new(directives).unwrap_or_else(|_| EnvFilter::new("warn,bfgg=info"))
}
