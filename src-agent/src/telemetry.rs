//! Live figures: the log is read while Gatling writes it, cut into cells once a second, and told to
//! the controller of the run.
//!
//! What was cut is kept in the run's folder until the controller has it, so nothing is lost
//! when either side goes away for a while, and a restarted agent goes on where the last cell ended.

mod cells;
mod tail;

use std::time::Duration;

use bfgg_net::Node;
use bfgg_protocol::{PeerId, RunId, TelemetryAnswer, TelemetryRequest};
use tokio::sync::watch;
use tracing::{debug, warn};

use crate::run_folder::RunFolder;
use cells::Cells;
use tail::Tail;

/// How often a cell is cut, and how long one that was not taken waits.
const EVERY: Duration = Duration::from_secs(1);
/// Bytes of cells sent at once; well below what a message may have.
const TOGETHER: usize = 1 << 20;

/// Tells a run's controller what its log says, until all of it is told or is not wanted any more.
pub(crate) async fn tell(node: Node, folder: RunFolder, run: RunId, controller: PeerId) {
    let (cut, told) = watch::channel(Cut::default());
    let cutting = cut_cells(folder.clone(), cut);
    let sending = send_cells(node, folder, run, controller, told);
    // Cutting ends by itself, or where nobody wants the cells.
    tokio::join!(cutting, sending);
}

/// How far the log has been cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cut {
    /// The number of the next cell.
    next: u64,
    /// There will be no other one.
    ended: bool,
}

async fn cut_cells(folder: RunFolder, told: watch::Sender<Cut>) {
    let opening = tokio::task::spawn_blocking(move || Cutter::open(folder));
    let mut cutter = match opening.await {
        Ok(Ok(cutter)) => cutter,
        Ok(Err(cause)) => return warn!(%cause, "there will be no live figures"),
        Err(cause) => return warn!(%cause, "there will be no live figures"),
    };
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        // The disk may be slow; the heartbeat must not be.
        let cutting = tokio::task::spawn_blocking(move || {
            let cut = cutter.cut();
            (cutter, cut)
        });
        let Ok((back, cut)) = cutting.await else {
            return;
        };
        cutter = back;
        let cut = match cut {
            Ok(cut) => cut,
            Err(cause) => {
                // A full disk may get room again; the log itself is not touched.
                debug!(%cause, "no cell was cut");
                continue;
            }
        };
        if told.send(cut).is_err() || cut.ended {
            return;
        }
    }
}

async fn send_cells(
    node: Node,
    folder: RunFolder,
    run: RunId,
    controller: PeerId,
    mut told: watch::Receiver<Cut>,
) {
    // An earlier agent may have told some: what the controller wants is in its first answer.
    let mut wanted = None;
    loop {
        let cut = *told.borrow_and_update();
        if wanted.unwrap_or(0) >= cut.next {
            if cut.ended {
                let gone = tokio::task::spawn_blocking(move || Cells::remove(&folder));
                if let Ok(Err(cause)) = gone.await {
                    debug!(%cause, "the cells could not be removed");
                }
                return;
            }
            if told.changed().await.is_err() {
                return;
            }
            continue;
        }
        let at = folder.clone();
        let read = tokio::task::spawn_blocking(move || Cells::read(&at, wanted, TOGETHER)).await;
        let cells = match read {
            Ok(Ok(cells)) => cells,
            Ok(Err(cause)) => return warn!(%cause, "the live figures end here"),
            Err(_) => return,
        };
        let sent = node.telemetry(controller.clone(), TelemetryRequest { run, cells });
        match sent.await {
            Ok(TelemetryAnswer::Next { number }) if wanted != Some(number) => {
                wanted = Some(number);
                let at = folder.clone();
                let kept = tokio::task::spawn_blocking(move || Cells::kept(&at, number));
                if let Ok(Err(cause)) = kept.await {
                    debug!(%cause, "cells that are kept elsewhere could not be removed");
                }
            }
            Ok(TelemetryAnswer::Unwanted) => return debug!(%run, "no more cells are wanted"),
            // It could not keep them, or is not there now.
            Ok(TelemetryAnswer::Next { .. }) => tokio::time::sleep(EVERY).await,
            Err(cause) => {
                debug!(%cause, "the cells wait");
                tokio::time::sleep(EVERY).await;
            }
        }
    }
}

/// Cuts the log of one run.
struct Cutter {
    folder: RunFolder,
    tail: Tail,
    cells: Cells,
}

impl Cutter {
    fn open(folder: RunFolder) -> std::io::Result<Self> {
        let cells = Cells::open(&folder)?;
        let tail = Tail::new(folder.clone(), cells.to());
        Ok(Self {
            folder,
            tail,
            cells,
        })
    }

    /// A cell of what the log has more, if it has.
    fn cut(&mut self) -> std::io::Result<Cut> {
        if !self.cells.ended() {
            // Before the log is looked at: what it has then is all.
            let over = self.folder.exit()?.is_some();
            let all = self.tail.read()?;
            let end = (over && all) || self.tail.is_broken();
            if let Some((to, figures)) = self.tail.cut(end) {
                self.cells.append(to, end, &figures)?;
            }
        }
        Ok(Cut {
            next: self.cells.next(),
            ended: self.cells.ended(),
        })
    }
}
