//! Waiting for something that is to come in time.

use std::time::{Duration, Instant};

/// Asks until it holds; fails after `limit` with what `still` says.
pub async fn until<T>(
    what: &str,
    limit: Duration,
    mut holds: impl AsyncFnMut() -> Result<T, String>,
) -> T {
    let begun = Instant::now();
    loop {
        match holds().await {
            Ok(found) => return found,
            Err(still) => assert!(
                begun.elapsed() < limit,
                "{what} is not so within {limit:?}: {still}"
            ),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Seconds.
pub const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
