//! Notifications of Windows and macOS. A click on one is not heard.

use notify_rust::Notification;
use tokio::sync::mpsc::{Receiver, Sender};

use super::Notice;
use crate::api::Api;
use crate::desk::Input;
use crate::runs::EndedRun;

/// Shows a notification for each run that it is told of, until nobody can tell it of any.
pub(crate) async fn follow(api: Api, mut ended: Receiver<EndedRun>, _inputs: Sender<Input>) {
    while let Some(run) = ended.recv().await {
        let notice = Notice::of(&run, &api).await;
        let showing = tokio::task::spawn_blocking(move || {
            Notification::new()
                .appname("BFG-G")
                .summary(notice.title)
                .body(&notice.body)
                .show()
                .map(drop)
        });
        match showing.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "there is no notification of a run's end"),
            Err(error) => tracing::debug!(%error, "there is no notification of a run's end"),
        }
    }
}
