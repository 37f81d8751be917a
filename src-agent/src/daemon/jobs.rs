//! The work that the state machine asks for. Each job tells its end to the loop.

use std::time::Duration;

use bfgg_protocol::{
    AgentPhase, Failure, FailureCode, PeerId, Prepare, Prepared, RunId, Toolchains,
};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use super::Said;
use crate::gauge::Samples;
use crate::life::{Effect, Input, TaskKey};
use crate::prepare::{self, Answering, Ask, Built};
use crate::run_folder::{Control, RunFolder};
use crate::runner::{self, Host};
use crate::tool::Tools;
use crate::{doctor, keeping, process, telemetry, toolchain};

pub(super) struct Jobs {
    host: Host,
    say: mpsc::Sender<Said>,
    /// `None` until they were looked for.
    toolchains: watch::Sender<Option<Toolchains>>,
    preparing: CancellationToken,
    prepares: JoinSet<()>,
    others: JoinSet<()>,
}

impl Jobs {
    pub(super) fn new(host: Host, say: mpsc::Sender<Said>) -> Self {
        Self {
            host,
            say,
            toolchains: watch::Sender::new(None),
            preparing: CancellationToken::new(),
            prepares: JoinSet::new(),
            others: JoinSet::new(),
        }
    }

    pub(super) fn toolchains(&self) -> Toolchains {
        self.toolchains.borrow().clone().unwrap_or_default()
    }

    /// Does what the state machine wants.
    pub(super) fn apply(&mut self, effect: Effect, start_up_ms: Option<u64>) {
        match effect {
            Effect::Prepare(controller, prepare) => self.prepare(controller, *prepare),
            Effect::CancelPrepare => self.preparing.cancel(),
            Effect::Launch(launching) => {
                let (host, tell) = (self.host.clone(), self.lives());
                self.others
                    .spawn(runner::run(host, *launching, start_up_ms, tell));
            }
            Effect::Control { run, control } => self.control(run, &control),
            Effect::Contact { run, control } => {
                if let Err(cause) = self.folder(run).write_control(&control) {
                    warn!(%run, %cause, "the supervisor cannot be told that the controller is heard");
                }
            }
            Effect::Abort(run) => {
                warn!(%run, "the supervisor does not stop; the run is ended by force");
                let folder = self.folder(run);
                self.others
                    .spawn_blocking(move || process::end_run(folder.path()));
            }
            Effect::Examine(key) => self.examine(key),
            Effect::Confirm(run) => {
                let folder = self.folder(run);
                if folder.path().is_dir()
                    && let Err(error) = keeping::confirm(folder.path())
                {
                    warn!(%run, %error, "cannot be marked as fetched");
                }
                self.look_at_kept();
            }
        }
    }

    /// Begins to look for all tools; the loop is told, and so is who waits.
    pub(super) fn look_for_tools(&mut self) -> impl Future<Output = Toolchains> + use<> {
        let (named, toolchains) = (self.host.places.named.clone(), self.toolchains.clone());
        let tools = Tools::new(&self.host.program);
        let (say, mut found) = (self.say.clone(), self.toolchains.subscribe());
        self.others.spawn(async move {
            toolchains.send_replace(Some(toolchain::find(&named, &tools).await));
            let _ = say.send(Said::Toolchains).await;
        });
        async move {
            let found = found.wait_for(Option::is_some).await;
            found
                .ok()
                .and_then(|found| found.clone())
                .unwrap_or_default()
        }
    }

    /// Sees what the kept runs take, and deletes those that are kept long enough.
    pub(super) fn look_at_kept(&mut self) {
        let (places, tell) = (self.host.places.clone(), self.lives());
        self.others.spawn(async move {
            let looking = tokio::task::spawn_blocking(move || {
                keeping::expire(&places.results, places.keep);
                keeping::unconfirmed(&places.results).bytes
            });
            if let Ok(bytes) = looking.await {
                tell.send(Input::Kept { bytes }).await;
            }
        });
    }

    /// Follows a run that an earlier agent started.
    pub(super) fn follow(&mut self, run: RunId, controller: PeerId) {
        let (folder, tell) = (self.folder(run), self.lives());
        let (node, reserve) = (self.host.node.clone(), self.host.places.reserve);
        let samples = self.samples();
        self.others.spawn(runner::follow(
            node, folder, run, controller, reserve, samples, tell,
        ));
    }

    /// Tells the live figures of a run that has ended.
    pub(super) fn tell(&mut self, run: RunId, controller: PeerId) {
        let (folder, node) = (self.folder(run), self.host.node.clone());
        let reserve = self.host.places.reserve;
        let samples = self.samples();
        self.others.spawn(telemetry::tell(
            node, folder, run, controller, reserve, samples,
        ));
    }

    /// Where samples of the load wait for a run's cells.
    pub(super) fn samples(&self) -> Samples {
        self.host.samples.clone()
    }

    fn folder(&self, run: RunId) -> RunFolder {
        RunFolder::of(&self.host.places.results, run)
    }

    /// A sender of inputs alone.
    fn lives(&self) -> Tell {
        Tell(self.say.clone())
    }

    fn prepare(&mut self, controller: PeerId, request: Prepare) {
        self.preparing = CancellationToken::new();
        let (host, tell, say) = (self.host.clone(), self.lives(), self.say.clone());
        let tools = Tools {
            agent: host.program.clone(),
            cancel: self.preparing.clone(),
        };
        let toolchains = self.toolchains.clone();
        self.prepares.spawn(async move {
            let run = request.run;
            let node = host.node.clone();
            let ask = move |question| -> Answering {
                let (node, controller) = (node.clone(), controller.clone());
                Box::pin(async move { node.source(controller, question).await })
            };
            let first = preparation(&request, &host, &tools, &toolchains, &ask, &say).await;
            let result = match first {
                // A tool may have been installed since we looked.
                Err(failure) if is_missing_tool(&failure) => {
                    toolchains
                        .send_replace(Some(toolchain::find(&host.places.named, &tools).await));
                    let _ = say.send(Said::Toolchains).await;
                    preparation(&request, &host, &tools, &toolchains, &ask, &say).await
                }
                other => other,
            };
            if let Err(failure) = &result {
                warn!(%run, %failure, "prepare failed");
            }
            tell.send(Input::Prepared {
                run,
                result: result.map(Box::new),
            })
            .await;
        });
    }

    fn examine(&mut self, key: TaskKey) {
        let (places, tell, say) = (self.host.places.clone(), self.lives(), self.say.clone());
        let toolchains = self.toolchains.clone();
        let tools = Tools::new(&self.host.program);
        self.others.spawn(async move {
            let report = doctor::examine(&places, &tools).await;
            toolchains.send_replace(Some(report.toolchains.clone()));
            let _ = say.send(Said::Toolchains).await;
            tell.send(Input::Examined { key, report }).await;
        });
    }

    /// Tells the supervisor. Where the disk has no room even for that, the supervisor is asked by
    /// a signal to end the run: a run that cannot be stopped is worse.
    fn control(&self, run: RunId, control: &Control) {
        let folder = self.folder(run);
        if let Err(cause) = folder.create().and_then(|()| folder.write_control(control)) {
            error!(%run, %cause, "the supervisor cannot be told; it is asked to end the run");
            if let Ok(Some(supervisor)) = folder.supervisor()
                && supervisor.is_alive()
            {
                process::terminate(supervisor.pid);
            }
        }
    }

    /// Forgets jobs that have ended.
    pub(super) fn reap(&mut self) {
        while self.prepares.try_join_next().is_some() {}
        while self.others.try_join_next().is_some() {}
    }

    /// Ends a Prepare with its process tree; leaves the runs to their supervisors.
    pub(super) async fn end(mut self, limit: Duration) {
        self.preparing.cancel();
        let ended = async { while self.prepares.join_next().await.is_some() {} };
        if tokio::time::timeout(limit, ended).await.is_err() {
            warn!("a Prepare did not end in time; its process tree ends with this process");
        }
        self.prepares.shutdown().await;
        self.others.abort_all();
    }
}

/// Sends inputs to the loop.
#[derive(Debug, Clone)]
pub(crate) struct Tell(mpsc::Sender<Said>);

impl Tell {
    pub(crate) async fn send(&self, input: Input) {
        // The loop has ended: nobody needs it.
        let _ = self.0.send(Said::Life(input)).await;
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

async fn preparation(
    request: &Prepare,
    host: &Host,
    tools: &Tools,
    toolchains: &watch::Sender<Option<Toolchains>>,
    ask: &Ask,
    say: &mpsc::Sender<Said>,
) -> Result<(Prepared, Built), Failure> {
    let mut looked = toolchains.subscribe();
    let looked = tools
        .cancel
        .run_until_cancelled(looked.wait_for(Option::is_some))
        .await;
    let Some(Ok(found)) = looked.map(|found| found.map(|found| found.clone())) else {
        return Err(crate::tool::stopped("prepare"));
    };
    let run = request.run;
    let progress = |phase: AgentPhase, step: &str| {
        let input = Input::Progress {
            run,
            phase,
            step: step.to_owned(),
        };
        // The next step says more.
        let _ = say.try_send(Said::Life(input));
    };
    prepare::prepare(
        request,
        &host.places,
        tools,
        &found.unwrap_or_default(),
        ask,
        &progress,
    )
    .await
}

fn is_missing_tool(failure: &Failure) -> bool {
    matches!(
        failure.code,
        FailureCode::NoJdk | FailureCode::JdkTooOld | FailureCode::NoBuildTool
    )
}
