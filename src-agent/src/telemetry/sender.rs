//! A run's cells are told to its controller.

use std::time::Duration;

use bfgg_net::NetError;
use bfgg_protocol::{Cell, RunId, TelemetryAnswer, TelemetryRequest};
use tokio::sync::{mpsc, oneshot, watch};
use tracing::{debug, info};

use super::cells::Cells;
use super::cutter::{Cut, Recut};
use crate::clock::wall_ms;
use crate::run_folder::RunFolder;

/// Bytes of cells sent at once; well below what a message may have.
const TOGETHER: usize = 1 << 20;
/// After a failure it is tried again so soon, then after twice as long, and so on.
const SOON: Duration = Duration::from_secs(1);
/// The longest pause where the controller does not answer.
const NO_ANSWER: Duration = Duration::from_secs(30);
/// The longest pause where it could not keep the cells: its disk may get room.
const NOT_KEPT: Duration = Duration::from_secs(8);
/// A run that ended so long ago is not told any more, ms.
const GIVE_UP_MS: u64 = 24 * 3600 * 1000;

/// Tells the cells of one run.
pub(super) struct Sender {
    folder: RunFolder,
    run: RunId,
    told: watch::Receiver<Option<Cut>>,
    recut: mpsc::Sender<Recut>,
    pause: Duration,
    /// Cells below this number were removed.
    forgotten: u64,
}

/// The cell that the controller wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wanted {
    number: u64,
    /// The byte of the log at which it begins.
    from: u64,
}

/// What there is of what is wanted.
enum Next {
    Cells(Vec<Cell>),
    /// Nothing new yet.
    Wait,
    /// It has to be cut again.
    Recut,
    /// The controller has all.
    Told,
}

impl Sender {
    pub(super) fn new(
        folder: RunFolder,
        run: RunId,
        told: watch::Receiver<Option<Cut>>,
        recut: mpsc::Sender<Recut>,
    ) -> Self {
        Self {
            folder,
            run,
            told,
            recut,
            pause: SOON,
            forgotten: 0,
        }
    }

    /// Sends cells by `ask`, until the controller has all or wants no more, or nobody can be told
    /// any more. Whether the cells are of no more use.
    pub(super) async fn send<F>(mut self, ask: impl Fn(TelemetryRequest) -> F) -> bool
    where
        F: Future<Output = Result<TelemetryAnswer, NetError>>,
    {
        let run = self.run;
        // After each failure it is asked what is wanted, before anything is read.
        let mut wanted: Option<Wanted> = None;
        loop {
            let cells = match wanted {
                None => Vec::new(),
                Some(next) => match self.next(next).await {
                    Next::Cells(cells) => cells,
                    Next::Told => return true,
                    Next::Wait => match self.told.changed().await {
                        Ok(()) => continue,
                        Err(_) => return false,
                    },
                    Next::Recut => {
                        if !self.cut_again(next).await {
                            self.wait(NOT_KEPT).await;
                        }
                        continue;
                    }
                },
            };
            let asked = cells.is_empty();
            match ask(TelemetryRequest { run, cells }).await {
                Ok(TelemetryAnswer::Next { number, from }) => {
                    let next = Wanted { number, from };
                    let stands = !asked && wanted == Some(next);
                    wanted = Some(next);
                    if stands {
                        self.wait(NOT_KEPT).await;
                    } else {
                        self.pause = SOON;
                        self.forget(number).await;
                    }
                }
                Ok(TelemetryAnswer::Unwanted) => {
                    debug!(%run, "no more cells are wanted");
                    return true;
                }
                Err(cause @ NetError::Unsupported { .. }) => {
                    info!(%run, %cause, "there are no live figures");
                    return true;
                }
                Err(NetError::Closed) => return false,
                Err(cause) => {
                    debug!(%run, %cause, "the cells wait");
                    wanted = None;
                    if self.is_over().await {
                        return true;
                    }
                    // That costs nothing, and the connection may be there any moment.
                    if matches!(cause, NetError::NotConnected(_)) {
                        self.pause = SOON;
                    }
                    self.wait(NO_ANSWER).await;
                }
            }
        }
    }

    async fn wait(&mut self, longest: Duration) {
        self.pause = self.pause.min(longest);
        tokio::time::sleep(self.pause).await;
        self.pause *= 2;
    }

    async fn next(&mut self, wanted: Wanted) -> Next {
        let Some(cut) = *self.told.borrow_and_update() else {
            return Next::Wait;
        };
        let Wanted { number, from } = wanted;
        if number == cut.next && from == cut.to {
            return if cut.ended { Next::Told } else { Next::Wait };
        }
        if number >= cut.next || number < cut.oldest {
            return Next::Recut;
        }
        let folder = self.folder.clone();
        let reading = move || Cells::read(&folder, number..cut.next, from, TOGETHER);
        match tokio::task::spawn_blocking(reading).await {
            Ok(cells) if !cells.is_empty() => Next::Cells(cells),
            _ => Next::Recut,
        }
    }

    /// Has the cells cut anew; whether that could be done.
    async fn cut_again(&mut self, wanted: Wanted) -> bool {
        let Wanted { number, from } = wanted;
        let (done, is_done) = oneshot::channel();
        let recut = Recut { number, from, done };
        if self.recut.send(recut).await.is_err() || is_done.await.is_err() {
            return false;
        }
        self.forgotten = number;
        true
    }

    /// The controller has all below a number. The newest cell stays: it says where the next one
    /// begins.
    async fn forget(&mut self, below: u64) {
        let Some(cut) = *self.told.borrow() else {
            return;
        };
        let below = below.min(cut.next.saturating_sub(1));
        let gone = self.forgotten.max(cut.oldest)..below;
        if gone.is_empty() {
            return;
        }
        let folder = self.folder.clone();
        match tokio::task::spawn_blocking(move || Cells::forget(&folder, gone)).await {
            Ok(Ok(())) => self.forgotten = below,
            Ok(Err(cause)) => debug!(%cause, "cells that are kept elsewhere could not be removed"),
            Err(cause) => debug!(%cause, "cells that are kept elsewhere could not be removed"),
        }
    }

    /// Whether the run ended too long ago, or its folder was cleared.
    async fn is_over(&self) -> bool {
        let folder = self.folder.clone();
        let looking = move || match folder.exit() {
            Ok(Some(exit)) => exit.ended_ms.saturating_add(GIVE_UP_MS) < wall_ms(),
            _ => !folder.path().exists(),
        };
        tokio::task::spawn_blocking(looking).await.unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use bfgg_protocol::version::MAX_TELEMETRY;
    use bfgg_protocol::{PeerId, decode};
    use bfgg_stats::Figures;

    use super::super::cutter::cut_cells;
    use super::super::rig::{Rig, sample, whole};
    use super::*;
    use crate::gauge::Samples;

    const FAST: Duration = Duration::from_millis(5);

    /// Tells a run's cells to `answer`; whether they are of no more use then.
    async fn tell(
        rig: &Rig,
        answer: impl Fn(Vec<Cell>) -> Result<TelemetryAnswer, NetError>,
    ) -> bool {
        let (cut, told) = watch::channel(None);
        let (recut, wanted) = mpsc::channel(1);
        let sender = Sender::new(rig.folder.clone(), RunId::new(), told, recut);
        let cutting = cut_cells(rig.folder.clone(), 0, Samples::default(), FAST, cut, wanted);
        let ask = |request: TelemetryRequest| std::future::ready(answer(request.cells));
        tokio::join!(cutting, sender.send(ask)).1
    }

    /// A controller that keeps what it is told.
    #[derive(Default)]
    struct Kept(Mutex<Vec<Cell>>);

    impl Kept {
        fn take(&self, cells: Vec<Cell>) -> TelemetryAnswer {
            let mut kept = self.0.lock().unwrap();
            for cell in cells {
                if cell.number == kept.len() as u64 {
                    assert_eq!(cell.from, kept.last().map_or(0, |last| last.to));
                    kept.push(cell);
                }
            }
            TelemetryAnswer::Next {
                number: kept.len() as u64,
                from: kept.last().map_or(0, |last| last.to),
            }
        }

        fn sum(&self) -> Figures {
            let mut sum = Figures::default();
            for cell in self.0.lock().unwrap().iter() {
                sum.merge(decode(&cell.figures, MAX_TELEMETRY).unwrap());
            }
            sum
        }
    }

    fn ended() -> (Rig, Vec<u8>) {
        let (rig, log) = (Rig::new(true), sample("3.16.0"));
        rig.release(true);
        rig.append(&log);
        rig.end(wall_ms());
        (rig, log)
    }

    #[tokio::test]
    async fn a_controller_that_lost_cells_gets_them_again_from_the_log() {
        let (rig, log) = (Rig::new(true), sample("3.16.0"));
        rig.release(true);
        let half = log.len() / 2;
        rig.append(&log[..half]);
        let kept = Kept::default();
        let known = Mutex::new(0);
        let all = tell(&rig, |cells| {
            let asked = cells.is_empty();
            let answer = kept.take(cells);
            let mut known = known.lock().unwrap();
            if *known == 0 && !asked {
                // The agent has removed them by the next answer.
                rig.append(&log[half..]);
                rig.end(wall_ms());
                *known = 1;
            } else if *known == 1 && !asked {
                kept.0.lock().unwrap().clear();
                *known = 2;
                return Ok(kept.take(Vec::new()));
            }
            Ok(answer)
        });
        assert!(all.await);
        assert_eq!(*known.lock().unwrap(), 2);
        assert_eq!(kept.sum(), whole(&log));
    }

    #[tokio::test]
    async fn an_agent_that_lost_cells_cuts_them_again() {
        let (rig, log) = ended();
        let kept = Kept::default();
        assert!(tell(&rig, |cells| Ok(kept.take(cells))).await);
        // All but what the controller had first.
        let all = kept.0.lock().unwrap().clone();
        assert_eq!(all.len(), 1);
        let before = Kept::default();
        before.take(vec![Cell {
            to: 0,
            last: false,
            figures: bfgg_protocol::encode(&Figures::default(), 1 << 20).unwrap(),
            ..all[0].clone()
        }]);
        assert!(tell(&rig, |cells| Ok(before.take(cells))).await);
        assert_eq!(before.sum(), whole(&log));
        assert_eq!(before.0.lock().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn telling_ends_where_nobody_can_be_told() {
        let (peer, protocol) = (PeerId::new("c"), "telemetry");
        let unsupported = || NetError::Unsupported {
            peer: peer.clone(),
            protocol,
        };
        let (rig, _) = ended();
        assert!(tell(&rig, |_| Err(unsupported())).await);
        assert!(tell(&rig, |_| Ok(TelemetryAnswer::Unwanted)).await);
        assert!(!tell(&rig, |_| Err(NetError::Closed)).await);
        // It ended more than a day ago.
        rig.end(wall_ms() - GIVE_UP_MS - 1000);
        let gone = || NetError::NotConnected(peer.clone());
        assert!(tell(&rig, |_| Err(gone())).await);
        // Its folder was cleared.
        let (rig, _) = ended();
        std::fs::remove_dir_all(rig.folder.path()).unwrap();
        assert!(tell(&rig, |_| Err(gone())).await);
    }

    #[tokio::test]
    async fn after_a_failure_nothing_is_read_before_the_controller_is_there() {
        let (rig, log) = ended();
        let kept = Kept::default();
        let asked = Mutex::new(Vec::new());
        let all = tell(&rig, |cells| {
            let mut asked = asked.lock().unwrap();
            asked.push(cells.len());
            match asked.len() {
                2 => Err(NetError::TimedOut(PeerId::new("c"))),
                _ => Ok(kept.take(cells)),
            }
        });
        assert!(all.await);
        assert_eq!(*asked.lock().unwrap(), [0, 1, 0, 1]);
        assert_eq!(kept.sum(), whole(&log));
    }
}
