//! `/api/v1/runs/{id}/agents/{index}/output`: what build and Gatling print on an agent, line by line.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use bfgg_net::NetError;
use bfgg_protocol::RunFile;
use tokio::time::{Instant, sleep};

use super::agents::Answer;
use super::runs::find;
use super::server::Api;
use super::types::{AgentOutput, ApiError, Run, RunAgent, RunAgentPhase, RunState};
use crate::core::agent_folder;
use crate::error::{Refused, RefusedKind};
use crate::output::{Problem, Source, Wanted, read};

/// The longest wait, s.
const LONGEST_WAIT_S: u64 = 30;
/// How often is looked for something new meanwhile.
const POLL: Duration = Duration::from_millis(300);
/// The most lines before the end.
const MOST_LAST: u64 = 10_000;

/// Which of an agent's two outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Build,
    Gatling,
}

impl What {
    fn file(self) -> RunFile {
        match self {
            Self::Build => RunFile::BuildOutput,
            Self::Gatling => RunFile::Output,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Build => "build output",
            Self::Gatling => "Gatling output",
        }
    }

    /// Whether more of it may come, as far as the controller knows. A build may be repeated until all
    /// agents are ready: for another commit.
    fn grows(self, run: &Run, agent: &RunAgent) -> bool {
        use RunAgentPhase::{Collected, Collecting, Ended, Failed};
        let has_ended = matches!(agent.phase, Ended | Collecting | Collected | Failed);
        let is_building = run.state == RunState::Preparing;
        !has_ended && !run.state.is_final() && (self == Self::Gatling || is_building)
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Asked {
    what: What,
    wanted: Wanted,
    wait: Duration,
}

/// Lines of what build or Gatling prints on one agent, by its index in the run: from the run's folder once
/// it was collected, before that from the agent. Secrets are masked on the agent already.
///
/// With `wait_s` the answer comes as soon as there is something new, or it has ended; without lines when
/// the time is over.
#[utoipa::path(get, path = "/api/v1/runs/{id}/agents/{index}/output",
    params(("id" = String, Path), ("index" = u32, Path),
        ("what" = String, Query, description = "`build` or `gatling`"),
        ("from" = Option<u64>, Query, description = "The position of the first line: `next` of the answer before. Default 0"),
        ("last" = Option<u64>, Query, description = "Instead of `from`: so many lines before the end, at most 10000"),
        ("wait_s" = Option<u64>, Query, description = "Wait up to so many seconds for something new, at most 30. Default 0")),
    responses((status = 200, body = AgentOutput), (status = 400, body = ApiError),
        (status = 404, body = ApiError), (status = 502, body = ApiError)))]
pub(super) async fn lines(
    State(api): State<Api>,
    Path((id, index)): Path<(String, String)>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer<AgentOutput> {
    let mut asked = Asked::of(&query).map_err(bad_input)?;
    let until = Instant::now() + asked.wait;
    loop {
        let run = find(&api, &id).await?;
        let found = index.parse().ok().and_then(|index: u32| {
            let mut agents = run.agents.iter();
            agents.find(|agent| agent.index == index)
        });
        let agent = found.ok_or_else(|| no_agent(&run, &index))?;
        let answer = now(&api, &run, agent, asked).await?;
        let is_news = !answer.lines.is_empty() || answer.skipped > 0 || answer.ended;
        let left = until.saturating_duration_since(Instant::now());
        if is_news || left.is_zero() {
            return Ok(Json(answer));
        }
        // From here on all is new, however few lines were wanted at first.
        if let Wanted::Last(_) = asked.wanted {
            asked.wanted = Wanted::From(answer.next);
        }
        // A caller that goes drops this future.
        tokio::select! {
            () = api.shutdown.cancelled() => return Ok(Json(answer)),
            () = sleep(POLL.min(left)) => {}
        }
    }
}

/// What there is.
async fn now(api: &Api, run: &Run, agent: &RunAgent, asked: Asked) -> Result<AgentOutput, Refused> {
    let file = asked.what.file();
    let collected = agent_folder(run, agent.index).join(file.file_name());
    let is_here = tokio::fs::try_exists(&collected).await.unwrap_or(false);
    // Known before it is read: what ends meanwhile is seen to have ended the next time.
    let grows = !is_here && asked.what.grows(run, agent);
    let source = match is_here {
        true => Source::File(collected),
        false => Source::Agent {
            handle: &api.handle,
            agent: &agent.id,
            run: run.id,
            file,
            turns: &api.reading,
        },
    };
    match read(&source, asked.wanted, grows).await {
        Ok(answer) => Ok(answer),
        // It has printed nothing yet.
        Err(Problem::Missing(_)) if grows => Ok(nothing_yet(asked.wanted)),
        Err(problem) => Err(refused(problem, agent, asked.what)),
    }
}

/// The answer where nothing is there: the position stays as it was.
fn nothing_yet(wanted: Wanted) -> AgentOutput {
    let position = match wanted {
        Wanted::From(position) => position,
        Wanted::Last(_) => 0,
    };
    AgentOutput {
        from: position,
        next: position,
        ..AgentOutput::default()
    }
}

impl Asked {
    fn of(query: &BTreeMap<String, String>) -> Result<Self, String> {
        const KNOWN: [&str; 4] = ["what", "from", "last", "wait_s"];
        if let Some(name) = query.keys().find(|name| !KNOWN.contains(&name.as_str())) {
            let name = name.escape_debug();
            return Err(format!(
                "There is no parameter \"{name}\": an output has what, from, last and wait_s."
            ));
        }
        let what = match query.get("what").map(String::as_str) {
            Some("build") => What::Build,
            Some("gatling") => What::Gatling,
            Some(other) => {
                let other = other.escape_debug();
                return Err(format!(
                    "\"{other}\" is no output: what is build or gatling."
                ));
            }
            None => return Err("The output is not named: what is build or gatling.".to_owned()),
        };
        let number = |name: &str, most: u64| match query.get(name) {
            None => Ok(None),
            Some(text) => match text.parse::<u64>() {
                Ok(number) if number <= most => Ok(Some(number)),
                _ => {
                    let text = text.escape_debug();
                    Err(format!(
                        "{name} is \"{text}\", which is no whole number from 0 to {most}."
                    ))
                }
            },
        };
        // A larger integer is none in JavaScript.
        let from = number("from", 1 << 53)?;
        let last = number("last", MOST_LAST)?;
        let wanted = match (from, last) {
            (Some(_), Some(_)) => {
                return Err("from and last exclude each other: send one of them.".to_owned());
            }
            (_, Some(count)) => Wanted::Last(usize::try_from(count).unwrap_or(usize::MAX)),
            (position, None) => Wanted::From(position.unwrap_or(0)),
        };
        let wait = number("wait_s", LONGEST_WAIT_S)?.unwrap_or(0);
        Ok(Self {
            what,
            wanted,
            wait: Duration::from_secs(wait),
        })
    }
}

fn bad_input(message: String) -> Refused {
    let hint = "GET …/output?what=gatling&last=50, then from=NEXT&wait_s=30 of each answer's next.";
    Refused::new(RefusedKind::BadInput, "bad-input", message, hint)
}

fn no_agent(run: &Run, index: &str) -> Refused {
    let (index, count) = (index.escape_debug(), run.agents.len());
    let message = format!(
        "Run {} has no agent {index}: it has {count}, from 0 on.",
        run.id
    );
    let hint = "GET /api/v1/runs/{id} lists them with their index.";
    Refused::new(RefusedKind::NotFound, "agent-unknown", message, hint)
}

fn refused(problem: Problem, agent: &RunAgent, what: What) -> Refused {
    let (name, noun) = (&agent.name, what.noun());
    match problem {
        Problem::Refused(refused) => refused,
        Problem::Missing(reason) => {
            let message = format!("There is no {noun} of {name}: {reason}.");
            let hint =
                "It never got that far, or its run is no longer kept there; its failure says why.";
            Refused::new(RefusedKind::NotFound, "output-unknown", message, hint)
        }
        Problem::Net(cause @ NetError::Unsupported { .. }) => {
            let message = format!("The {noun} of {name} cannot be followed: {cause}.");
            let hint =
                "Use the same version on the agent; the output comes when the run is collected.";
            Refused::new(RefusedKind::Agent, "agent-failed", message, hint)
        }
        Problem::Net(cause) => {
            let message = format!(
                "The {noun} of {name} is on its machine alone, and it does not answer: {cause}."
            );
            let hint = "It is here when the agent is back, or once the run is collected.";
            Refused::new(RefusedKind::Agent, "agent-unreachable", message, hint)
        }
        Problem::File(path, cause) => {
            let message = format!("{} cannot be read: {cause}.", path.display());
            let hint = "Was the run's folder moved or deleted?";
            Refused::new(RefusedKind::Internal, "disk", message, hint)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Result<Asked, String> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.filter_map(|pair| pair.split_once('='));
        Asked::of(
            &pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }

    #[test]
    fn what_is_asked_for() {
        for (query, what, wanted, wait_s) in [
            ("what=build", What::Build, Wanted::From(0), 0),
            (
                "what=gatling&from=17&wait_s=30",
                What::Gatling,
                Wanted::From(17),
                30,
            ),
            ("what=gatling&last=0", What::Gatling, Wanted::Last(0), 0),
        ] {
            let wait = Duration::from_secs(wait_s);
            assert_eq!(asked(query), Ok(Asked { what, wanted, wait }), "{query}");
        }
        for (query, says) in [
            ("", "The output is not named: what is build or gatling."),
            (
                "what=log",
                "\"log\" is no output: what is build or gatling.",
            ),
            ("what=build&since=1", "There is no parameter \"since\""),
            (
                "what=build&from=1&last=2",
                "from and last exclude each other",
            ),
            (
                "what=build&from=-1",
                "from is \"-1\", which is no whole number from 0 to",
            ),
            (
                "what=build&last=10001",
                "last is \"10001\", which is no whole number from 0 to 10000.",
            ),
            (
                "what=build&wait_s=31",
                "wait_s is \"31\", which is no whole number from 0 to 30.",
            ),
            ("what=build&wait_s=1e3", "wait_s is \"1e3\""),
        ] {
            let error = asked(query).unwrap_err();
            assert!(error.contains(says), "{query}: {error}");
        }
    }
}
