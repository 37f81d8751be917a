//! The agent on this computer: started, found again, ended.

use bfgg_protocol::JoinToken;
use tracing::{info, warn};

use super::Core;
use crate::api::types::{ApiError, LocalAgent, LocalAgentState};
use crate::error::{Refused, RefusedKind};
use crate::local_agent::refused;

impl Core {
    /// The one that was wanted when the controller ended.
    pub(super) fn resume_local_agent(&mut self) {
        if self.keep_local_agent && self.local.is_wanted() {
            self.start_local_agent();
        }
    }

    /// Starts it, unless it is there.
    pub(super) fn start_local_agent(&mut self) -> LocalAgent {
        if self.local.is_child() {
            // One that is ending is started again when it has ended.
            let view = LocalAgent {
                state: LocalAgentState::On,
                problem: None,
                ..self.local_view.clone()
            };
            self.show_local_agent(view);
        } else {
            let view = match self.local.start(&self.local_token()) {
                Ok(()) => LocalAgent {
                    state: LocalAgentState::On,
                    // That of an earlier start; a first one is known when it has come up.
                    agent: self.local.peer(),
                    problem: None,
                },
                Err(refused) => failed(&refused),
            };
            self.show_local_agent(view);
        }
        self.local_view.clone()
    }

    /// Ends it for good.
    pub(super) fn stop_local_agent(&mut self) -> Result<LocalAgent, Refused> {
        if self.runs_locally() {
            return Err(Refused::new(
                RefusedKind::Conflict,
                "busy",
                "A run goes on with the agent on this computer.",
                "Stop the run first.",
            ));
        }
        let disk = |cause: std::io::Error| {
            refused(
                &format!("The agent on this computer could not be asked to end: {cause}."),
                "Free some space, and try again.",
            )
        };
        self.local.forget().map_err(disk)?;
        if self.local_view.state == LocalAgentState::On {
            self.local.ask_to_end().map_err(disk)?;
        }
        let off = LocalAgent {
            agent: self.local_view.agent.clone(),
            ..LocalAgent::off()
        };
        self.show_local_agent(off);
        Ok(self.local_view.clone())
    }

    /// The child has ended.
    pub(super) fn local_agent_ended(&mut self, how: &str) {
        if self.local_view.state != LocalAgentState::On {
            return;
        }
        if self.local.is_ending() {
            self.start_local_agent();
            return;
        }
        if self.local.is_left() {
            info!("the agent on this computer is one that an earlier controller left");
            return;
        }
        let message = format!("The agent on this computer {how}");
        let hint = "Its whole log is agent.log in the folder local-agent of the data folder.";
        self.show_local_agent(failed(&refused(&message, hint)));
    }

    /// Once in a tick: who it is, whether one that is no child of ours is still there, and whether one
    /// that is to end has heard it.
    pub(super) fn watch_local_agent(&mut self) {
        self.local.remind();
        if self.local_view.state != LocalAgentState::On {
            return;
        }
        if !self.local.is_child() && !self.local.is_left() {
            // The one that was left was just ending.
            self.start_local_agent();
        } else if self.local_view.agent.is_none() {
            let agent = self.local.peer();
            self.show_local_agent(LocalAgent {
                agent,
                ..self.local_view.clone()
            });
        }
    }

    /// At the end of the controller: it ends, too, unless a run goes on.
    pub(super) async fn end_local_agent(&mut self) {
        // One that this controller does not want may be another's, whose run goes on.
        let own = self.local_view.state != LocalAgentState::Off || self.local.is_child();
        if own && !self.runs_locally() {
            self.local.end().await;
        }
    }

    fn runs_locally(&self) -> bool {
        let own = self.local_view.agent.clone().or_else(|| self.local.peer());
        own.is_some_and(|own| {
            let active = self.runs.values();
            active
                .filter(|run| !run.shown.state.is_final())
                .flat_map(|run| &run.shown.agents)
                .any(|agent| agent.id == own)
        })
    }

    fn show_local_agent(&mut self, view: LocalAgent) {
        if let Some(problem) = &view.problem {
            warn!("{}", problem.message);
        }
        if self.local_view != view {
            self.local_view = view;
            self.publish_local_agent();
        }
    }

    /// A token with the one address that is sure to work.
    fn local_token(&self) -> String {
        JoinToken {
            controller: self.info.peer.clone(),
            secret: Some(self.secret.clone()),
            addresses: vec![format!("127.0.0.1:{}", self.port)],
        }
        .to_string()
    }
}

fn failed(refused: &Refused) -> LocalAgent {
    LocalAgent {
        state: LocalAgentState::Failed,
        agent: None,
        problem: Some(ApiError {
            code: refused.code.to_owned(),
            message: refused.message.clone(),
            hint: refused.hint.clone(),
        }),
    }
}
