//! Live figures: the log is read while Gatling writes it, cut into cells once a second, and told to
//! the controller of the run.
//!
//! What was cut is kept in the run's folder until the controller has it, so nothing is lost
//! when either side goes away for a while, and a restarted agent goes on where the last cell ended.
//! The log has it all still: what is not there any more is cut again.

mod cells;
mod cutter;
#[cfg(test)]
mod rig;
mod sender;
mod tail;

use std::time::Duration;

use bfgg_net::Node;
use bfgg_protocol::{PeerId, RunId};
use tokio::sync::{mpsc, watch};
use tracing::debug;

use crate::gauge::Samples;
use crate::run_folder::RunFolder;
use cells::Cells;
use sender::Sender;

pub(crate) use cutter::is_untold;

/// How often a cell is cut.
const EVERY: Duration = Duration::from_secs(1);

/// Tells a run's controller what its log says, until all of it is told or is not wanted any more.
/// While the run goes on, `reserve` bytes of the disk are left to its log.
pub(crate) async fn tell(
    node: Node,
    folder: RunFolder,
    run: RunId,
    controller: PeerId,
    reserve: u64,
    samples: Samples,
) {
    let (cut, told) = watch::channel(None);
    let (recut, wanted) = mpsc::channel(1);
    let cutting = cutter::cut_cells(folder.clone(), reserve, samples, EVERY, cut, wanted);
    let ask = move |request| {
        let (node, controller) = (node.clone(), controller.clone());
        async move { node.telemetry(controller, request).await }
    };
    let sender = Sender::new(folder.clone(), run, told, recut);
    // Cutting ends where nobody sends any more.
    let ((), over) = tokio::join!(cutting, sender.send(ask));
    if over {
        let removing = tokio::task::spawn_blocking(move || Cells::remove(&folder));
        if let Ok(Err(cause)) = removing.await {
            debug!(%run, %cause, "the cells could not be removed");
        }
    }
}
