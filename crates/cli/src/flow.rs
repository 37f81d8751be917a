//! One run as a command follows it: wait for agents, start, watch, stop, fetch the files.

mod agents;
mod files;

use std::path::Path;
use std::time::{Duration, Instant};

use bfgg_controller::api::types::{Event, Run, RunSpec, RunState};
use bfgg_report::{Summary, VerdictLevel};
use jiff::tz::TimeZone;

pub(crate) use agents::wait_for_agents;
pub(crate) use files::{fetch_files, folder_for, try_folder};

use crate::client::Client;
use crate::error::{CliError, exit};
use crate::platform::Interrupts;
use crate::terminal;
use crate::view::{Screen, changes, outcome};

/// How long the controller may be away while a run is followed.
const CONTROLLER_AWAY: Duration = Duration::from_secs(30);
/// Pause between two attempts to reach it again.
const RETRY: Duration = Duration::from_secs(1);

/// A run that has ended, or that this terminal let go.
#[derive(Debug)]
pub(crate) struct Followed {
    /// Its last known state.
    pub(crate) run: Run,
    /// Ctrl-C was pressed here.
    pub(crate) stopped_here: bool,
}

/// Starts a run and follows it to its end. The first Ctrl-C stops it and still collects, the
/// second ends Gatling at once, the third lets go.
pub(crate) async fn run(
    client: &Client,
    spec: &RunSpec,
    screen: &Screen,
    interrupts: &mut Interrupts,
    mut started: impl FnMut(&Run),
) -> Result<Followed, CliError> {
    let run = client.start(spec).await?;
    started(&run);
    follow(client, run, screen, interrupts).await
}

/// Follows a run that was started to its end, as [`run`] does.
pub(crate) async fn follow(
    client: &Client,
    run: Run,
    screen: &Screen,
    interrupts: &mut Interrupts,
) -> Result<Followed, CliError> {
    let mut follower = Follower {
        client,
        screen,
        zone: TimeZone::system(),
        run: None,
        heard: Instant::now(),
    };
    follower.show(run);
    let followed = follower.follow(interrupts).await;
    screen.clear();
    followed
}

struct Follower<'a> {
    client: &'a Client,
    screen: &'a Screen,
    zone: TimeZone,
    run: Option<Run>,
    /// When the controller was last heard.
    heard: Instant,
}

impl Follower<'_> {
    fn show(&mut self, run: Run) {
        self.screen
            .lines(&changes(self.run.as_ref(), &run, &self.zone));
        self.screen.progress(&run);
        self.run = Some(run);
    }

    async fn follow(&mut self, interrupts: &mut Interrupts) -> Result<Followed, CliError> {
        let mut presses = 0u32;
        loop {
            let Some(id) = self.run.as_ref().map(|run| run.id) else {
                return Err(CliError::Interrupted);
            };
            let watched = tokio::select! {
                watched = self.watch() => watched,
                () = interrupts.next() => {
                    presses += 1;
                    if presses > 2 {
                        self.screen.line("left; the run may go on on its agents");
                        return self.end(true);
                    }
                    self.stop(id, presses > 1).await;
                    continue;
                }
            };
            match watched {
                Ok(true) => return self.end(presses > 0),
                Ok(false) => {}
                Err(error @ (CliError::Unreachable { .. } | CliError::NotUnderstood { .. })) => {
                    if self.heard.elapsed() > CONTROLLER_AWAY {
                        return Err(error);
                    }
                    tracing::warn!(%error, "the controller is away; the agents go on");
                }
                Err(error) => return Err(error),
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Reads the run's events; true once it has ended, false if the stream ended before.
    async fn watch(&mut self) -> Result<bool, CliError> {
        let Some(id) = self.run.as_ref().map(|run| run.id) else {
            return Ok(false);
        };
        let mut events = self.client.run_events(id).await?;
        while let Some(event) = events.next().await? {
            self.heard = Instant::now();
            if let Event::Run { run } = event {
                self.show(*run);
            }
            if self.run.as_ref().is_some_and(|run| run.state.is_final()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn stop(&mut self, id: bfgg_protocol::RunId, force: bool) {
        self.screen.line(if force {
            "ending Gatling at once; Ctrl-C again leaves without waiting"
        } else {
            "stopping the run, then collecting what was logged; Ctrl-C again ends Gatling at once"
        });
        match self.client.stop(id, force).await {
            Ok(run) => self.show(run),
            Err(error) => self
                .screen
                .line(format!("the run was not stopped: {error}")),
        }
    }

    fn end(&mut self, stopped_here: bool) -> Result<Followed, CliError> {
        match self.run.take() {
            Some(run) => Ok(Followed { run, stopped_here }),
            None => Err(CliError::Interrupted),
        }
    }
}

/// Fetches a run's summary.
pub(crate) async fn summary(
    client: &Client,
    run: &Run,
) -> Result<Option<(Summary, Vec<u8>)>, CliError> {
    if !run.has_summary {
        return Ok(None);
    }
    let bytes = client.summary(run.id).await?;
    let summary = serde_json::from_slice(&bytes).map_err(|cause| CliError::NotUnderstood {
        url: format!("{}/api/v1/runs/{}/summary", client.url(), run.id),
        cause: cause.to_string(),
    })?;
    Ok(Some((summary, bytes)))
}

/// Shows the end of a run, fetches its files if asked, and says how the process ends.
pub(crate) async fn finish(
    client: &Client,
    followed: &Followed,
    out: Option<&Path>,
    screen: &Screen,
    width: usize,
) -> Result<u8, CliError> {
    let run = &followed.run;
    let found = summary(client, run).await?;
    if let Some(out) = out {
        fetch_files(
            client,
            run,
            found.as_ref().map(|(_, bytes)| bytes.as_slice()),
            out,
        )
        .await?;
        screen.line(format!("the report and the logs are in {}", out.display()));
    }
    if let Some((summary, _)) = &found {
        let files = out.unwrap_or(Path::new(&run.folder));
        // The code tells how the run went, also where nobody can read of it.
        let _ = terminal::out_line(outcome(run, summary, files, width));
    }
    let assertions_hold = found
        .as_ref()
        .is_none_or(|(summary, _)| summary.assertions.iter().all(|row| row.holds));
    let level = run.verdict.as_ref().map(|verdict| verdict.level);
    Ok(exit_code(
        run.state,
        followed.stopped_here,
        level.unwrap_or_default(),
        assertions_hold,
    ))
}

/// What the process answers for a run.
pub(crate) fn exit_code(
    state: RunState,
    stopped_here: bool,
    verdict: VerdictLevel,
    assertions_hold: bool,
) -> u8 {
    match state {
        _ if stopped_here => exit::STOPPED,
        RunState::Failed => exit::COULD_NOT_RUN,
        RunState::Finished if verdict == VerdictLevel::Invalid => exit::INVALID,
        RunState::Finished if assertions_hold => exit::OK,
        RunState::Finished => exit::ASSERTIONS_FAILED,
        _ => exit::INCOMPLETE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes() {
        use VerdictLevel::{Invalid, Suspect, Valid};
        for (state, stopped_here, verdict, hold, code) in [
            (RunState::Finished, false, Valid, true, 0),
            (RunState::Finished, false, Suspect, true, 0),
            (RunState::Failed, false, Valid, true, 1),
            (RunState::Failed, false, Invalid, true, 1),
            (RunState::Finished, false, Suspect, false, 2),
            (RunState::Partial, false, Valid, true, 3),
            (RunState::Partial, false, Valid, false, 3),
            (RunState::Partial, false, Invalid, true, 3),
            (RunState::Stopped, false, Valid, true, 3),
            (RunState::Finished, false, Invalid, true, 4),
            (RunState::Finished, false, Invalid, false, 4),
            (RunState::Stopped, true, Valid, true, 130),
            (RunState::Stopped, true, Invalid, true, 130),
            (RunState::Failed, true, Valid, true, 130),
        ] {
            assert_eq!(
                exit_code(state, stopped_here, verdict, hold),
                code,
                "{state:?} {stopped_here} {verdict:?} {hold}"
            );
        }
    }
}
