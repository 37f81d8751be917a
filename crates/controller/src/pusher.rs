//! The task pusher: a task goes to an agent until its end is known.
//!
//! Tasks are idempotent by their id, so that the same request both begins the work and, sent
//! again, asks what came of it. That the work is done shows in the agent's heartbeat.

use std::time::Duration;

use bfgg_net::{NetError, Node};
use bfgg_protocol::{
    AgentState, Failure, FailureCode, PeerId, Receipt, Refusal, RefusalCode, Task, TaskId,
    TaskRequest, TaskResult,
};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::clock::{Clock, Offset, Patience};

/// Exchanges of which the best measures a clock.
const EXCHANGES: u32 = 8;
/// Our own clock differs from the time that passed by more, µs: it was set.
const OWN_STEP_US: u64 = 50_000;

/// Between two tries of an agent that does not answer.
const PAUSE: Duration = Duration::from_secs(1);
/// An agent that was heard can be silent this long before a task is given up.
const SILENCE: Duration = Duration::from_secs(30);
/// One try takes this long at most.
const TRY: Duration = Duration::from_secs(12);
/// Asked again after this long even where no heartbeat says that the task has ended.
const ASK_AGAIN: Duration = Duration::from_secs(10);

/// Pushes a task and waits for its end.
///
/// # Errors
/// The agent refuses the task, or has not answered for 30 s.
pub(crate) async fn push(
    node: &Node,
    agent: &PeerId,
    name: &str,
    id: TaskId,
    task: Task,
    mut state: watch::Receiver<Option<AgentState>>,
) -> Result<TaskResult, Failure> {
    let phase = phase_of(&task);
    let request = TaskRequest { id, task };
    let mut patience = Patience::new(SILENCE, TRY);
    loop {
        match node.task(agent.clone(), request.clone()).await {
            Ok(Receipt::Done(result)) => return Ok(result),
            Ok(Receipt::Refused(refusal)) => return Err(refused(name, phase, refusal)),
            Ok(Receipt::Accepted) => {
                // Either the heartbeat says so, or it is time to ask.
                let _ = tokio::time::timeout(ASK_AGAIN, ended(&mut state, id)).await;
                patience.renew();
            }
            Err(cause) if patience.is_over() => return Err(silent(name, phase, &cause)),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn ended(state: &mut watch::Receiver<Option<AgentState>>, id: TaskId) {
    let says_so = |state: &Option<AgentState>| {
        let tasks = state
            .as_ref()
            .map(|state| &state.tasks[..])
            .unwrap_or_default();
        tasks
            .iter()
            .any(|outcome| outcome.task == id && outcome.succeeded.is_some())
    };
    if state.wait_for(says_so).await.is_err() {
        // The agent was removed: only asking can tell.
        std::future::pending::<()>().await;
    }
}

fn phase_of(task: &Task) -> &'static str {
    match task {
        Task::Prepare(_) => "prepare",
        Task::Start(_) | Task::Release { .. } => "start",
        Task::Stop { .. } | Task::Abandon { .. } => "stop",
        Task::Confirm { .. } => "collect",
        Task::SetGroup { .. } => "set group",
        Task::Doctor => "doctor",
        Task::Clock => "clock",
        Task::Clear => "clear",
        Task::Result { .. } => "result",
    }
}

fn refused(name: &str, phase: &str, refusal: Refusal) -> Failure {
    let (code, hint) = match refusal.code {
        RefusalCode::Busy => (
            FailureCode::Busy,
            "Wait for that run, stop it, or choose other agents.",
        ),
        RefusalCode::NotJoined => (
            FailureCode::AgentLost,
            "Start the agent with this controller's join token (`bfgg token` prints the command).",
        ),
        RefusalCode::UnknownRun => (FailureCode::RunLost, "Start the run again."),
        RefusalCode::BadInput => (FailureCode::BadInput, "Correct it and start again."),
        RefusalCode::WrongPhase | RefusalCode::UnknownTask => (FailureCode::Internal, ""),
    };
    Failure::new(
        code,
        phase,
        format!("{name} refused: {}", refusal.message),
        hint,
    )
}

fn silent(name: &str, phase: &str, cause: &NetError) -> Failure {
    Failure::new(
        FailureCode::AgentLost,
        phase,
        format!(
            "{name} did not answer for {} s: {cause}.",
            SILENCE.as_secs()
        ),
        "See whether the machine is up and reaches the controller.",
    )
}

/// Measures an agent's clock against ours: the exchange with the shortest round trip of several
/// is the best, its uncertainty half that trip. `None` if the agent did not answer.
pub(crate) async fn measure_clock(node: &Node, agent: &PeerId, mut clock: Clock) -> Option<Offset> {
    let mut best: Option<Offset> = None;
    for _ in 0..EXCHANGES {
        let (sent, began) = (crate::clock::wall_us(), Instant::now());
        let request = TaskRequest {
            id: TaskId::new(),
            task: Task::Clock,
        };
        let Ok(Receipt::Done(TaskResult::Clock { now_us })) =
            node.task(agent.clone(), request).await
        else {
            continue;
        };
        let uncertainty_us = u64::try_from(began.elapsed().as_micros() / 2).unwrap_or(u64::MAX);
        // Set in the midst of it, our clock would be taken for the agent's.
        let took = crate::clock::wall_us().abs_diff(sent);
        if took.abs_diff(uncertainty_us.saturating_mul(2)) > OWN_STEP_US {
            continue;
        }
        let ours = i128::from(sent) + i128::from(uncertainty_us);
        let offset_us = i64::try_from(i128::from(now_us) - ours).ok()?;
        if best.is_none_or(|best| uncertainty_us < best.uncertainty_us) {
            best = Some(Offset {
                at: clock.now(),
                offset_us,
                uncertainty_us,
            });
        }
    }
    best
}
