//! `bfgg logs`

use std::pin::pin;
use std::time::{Duration, Instant};

use bfgg_config::ControllerConfig;
use bfgg_controller::api::types::{Run, RunAgent};
use bfgg_protocol::RunId;
use futures::StreamExt;
use tokio::sync::mpsc;

use super::runs::one;
use crate::args::{LastLines, LogsArgs};
use crate::client::{Client, OutputLines, Printer};
use crate::connection;
use crate::error::{CliError, exit};
use crate::platform::Interrupts;
use crate::terminal;
use crate::view::{self, Screen};

/// How long the controller waits for something new, s.
const WAIT_S: u32 = 25;
/// Pause before an agent or the controller that is away is asked again.
const RETRY: Duration = Duration::from_secs(2);
/// How long the controller may be away.
const CONTROLLER_AWAY: Duration = Duration::from_secs(30);
/// Answers that wait to be printed.
const QUEUE: usize = 64;

pub(crate) async fn logs(
    config: &ControllerConfig,
    args: &LogsArgs,
    screen: &Screen,
) -> Result<u8, CliError> {
    let mut interrupts = Interrupts::new()?;
    let client = connection::find(config).await?;
    tokio::select! {
        shown = show(&client, args, screen) => shown.map(|()| exit::OK),
        // To leave is how following is meant to end.
        () = interrupts.next() => Ok(exit::OK),
    }
}

/// One output.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Output {
    index: u32,
    agent: String,
    printer: Printer,
    label: String,
}

async fn show(client: &Client, args: &LogsArgs, screen: &Screen) -> Result<(), CliError> {
    let run = one(client, &args.run).await?;
    let outputs = choose(&run, args)?;
    // One after the other, unless they grow.
    let at_once = if args.follow { outputs.len() } else { 1 };
    let (texts, mut queue) = mpsc::channel(QUEUE);
    let (client, id) = (client, run.id);
    let reading = async move {
        let reading = outputs.iter().map(|output| {
            let texts = texts.clone();
            async move {
                (
                    output,
                    Reader {
                        client,
                        id,
                        output,
                        args,
                        texts,
                    }
                    .read()
                    .await,
                )
            }
        });
        let all = futures::stream::iter(reading).buffered(at_once.max(1));
        let ends: Vec<_> = all
            .map(|(output, end)| (output.clone(), end))
            .collect()
            .await;
        ends
    };
    let printing = async move {
        while let Some(text) = queue.recv().await {
            if !terminal::out_while_read(text)? {
                break;
            }
        }
        Ok::<(), CliError>(())
    };
    let (mut reading, mut printing) = (pin!(reading), pin!(printing));
    let mut ends = None;
    loop {
        tokio::select! {
            all = &mut reading, if ends.is_none() => ends = Some(all),
            printed = &mut printing => {
                printed?;
                break;
            }
        }
    }
    // None: nobody reads any more.
    let Some(ends) = ends else { return Ok(()) };
    conclude(ends, args, screen)
}

/// The outputs that are meant, builds first.
fn choose(run: &Run, args: &LogsArgs) -> Result<Vec<Output>, CliError> {
    let is_meant = |agent: &&RunAgent, name: &String| {
        agent.name == *name || (!name.is_empty() && agent.id.as_str().ends_with(name.as_str()))
    };
    let has = |name: &String| run.agents.iter().any(|agent| is_meant(&agent, name));
    if let Some(name) = args.agents.iter().find(|name| !has(name)) {
        let names: Vec<&str> = run.agents.iter().map(|agent| agent.name.as_str()).collect();
        let (name, names) = (view::printable(name), view::printable(&names.join(", ")));
        return Err(CliError::Input(format!(
            "run {} has no agent \"{name}\": it has {names}",
            run.id
        )));
    }
    let both = args.build == args.gatling;
    let printers = [
        (Printer::Build, both || args.build),
        (Printer::Gatling, both || args.gatling),
    ];
    let mut outputs = Vec::new();
    for agent in &run.agents {
        let meant = args.agents.is_empty() || args.agents.iter().any(|name| is_meant(&agent, name));
        let twice = run
            .agents
            .iter()
            .filter(|other| other.name == agent.name)
            .count()
            > 1;
        for (printer, _) in printers.iter().filter(|(_, chosen)| meant && *chosen) {
            outputs.push(Output {
                index: agent.index,
                agent: match twice {
                    true => format!("{} ({})", agent.name, agent.id.short()),
                    false => agent.name.clone(),
                },
                printer: *printer,
                label: String::new(),
            });
        }
    }
    let names: Vec<(&str, &str)> = outputs
        .iter()
        .map(|output| (output.agent.as_str(), output.printer.name()))
        .collect();
    for (label, output) in view::labels(&names).into_iter().zip(&mut outputs) {
        output.label = label;
    }
    Ok(outputs)
}

/// What was read of one output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    Something,
    Nothing,
}

/// Reads one output.
struct Reader<'a> {
    client: &'a Client,
    id: RunId,
    output: &'a Output,
    args: &'a LogsArgs,
    texts: mpsc::Sender<String>,
}

impl Reader<'_> {
    /// Reads to the end, or, without following, to what there is now.
    async fn read(self) -> Result<Read, CliError> {
        let mut lines = match self.args.lines {
            LastLines::All => OutputLines::From(0),
            LastLines::Last(count) => OutputLines::Last(count),
        };
        let wait_s = if self.args.follow { WAIT_S } else { 0 };
        let mut read = Read::Nothing;
        let mut end = None;
        let mut away: Option<Instant> = None;
        loop {
            let Output {
                index,
                printer,
                label,
                ..
            } = self.output;
            let answer = self
                .client
                .output(self.id, *index, *printer, lines, wait_s)
                .await;
            let answer = match answer {
                Ok(answer) => answer,
                Err(error) if self.args.follow => {
                    let since = *away.get_or_insert_with(Instant::now);
                    self.wait_for_return(error, since).await?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            away = None;
            let asked = match lines {
                OutputLines::From(position) => Some(position),
                OutputLines::Last(_) => None,
            };
            let text = view::lines(label, &answer, asked);
            if !text.is_empty() {
                read = Read::Something;
                if self.texts.send(text).await.is_err() {
                    return Ok(read);
                }
            }
            // What is printed while it is read would never come to an end.
            let end = *end.get_or_insert(answer.end);
            let is_there = end > 0 && answer.next >= end;
            // The last lines reach to the end. A line that goes on has no end yet.
            let is_now = asked.is_none_or(|position| is_there || answer.next <= position);
            if answer.ended || (!self.args.follow && is_now) {
                return Ok(read);
            }
            lines = OutputLines::From(answer.next);
        }
    }

    /// Waits where the agent or the controller may come back, and says so at first.
    async fn wait_for_return(&self, error: CliError, since: Instant) -> Result<(), CliError> {
        let may_come_back = match &error {
            CliError::Unreachable { .. } => since.elapsed() < CONTROLLER_AWAY,
            CliError::Refused(refused) if refused.code == "agent-unreachable" => {
                // Once it has ended an agent may be away for ever.
                let run = self.client.run(self.id).await;
                run.map_or(true, |run| !run.state.is_final())
            }
            _ => false,
        };
        if !may_come_back {
            return Err(error);
        }
        if since.elapsed() < RETRY {
            let note = format!(
                "{}[bfgg] {}; trying again\n",
                self.output.label,
                error.shown()
            );
            // Nobody reads: the next line will tell.
            let _ = self.texts.send(note).await;
        }
        tokio::time::sleep(RETRY).await;
        Ok(())
    }
}

/// Says what could not be read. It is an error where nothing could.
fn conclude(
    ends: Vec<(Output, Result<Read, CliError>)>,
    args: &LogsArgs,
    screen: &Screen,
) -> Result<(), CliError> {
    let any = ends.iter().any(|(_, end)| end.is_ok());
    let something = ends
        .iter()
        .any(|(_, end)| matches!(end, Ok(Read::Something)));
    let mut failed: Vec<(Output, CliError)> = ends
        .into_iter()
        .filter_map(|(output, end)| Some((output, end.err()?)))
        .collect();
    if !any {
        // What is merely not there says less than another cause.
        failed.sort_by_key(|(_, error)| is_unknown(error));
        return match failed.into_iter().next() {
            Some((_, error)) => Err(error),
            None => Ok(()),
        };
    }
    // A Gatling that never came to print is worth a word only where its output was asked for.
    let asked_for_one = args.build != args.gatling;
    for (_, error) in failed
        .iter()
        .filter(|(_, error)| asked_for_one || !is_unknown(error))
    {
        screen.line(format!("note: {error}"));
    }
    if !something && args.lines != LastLines::Last(0) {
        screen.line(match args.follow {
            true => "nothing was printed",
            false => "nothing is printed yet; --follow waits for it",
        });
    }
    Ok(())
}

fn is_unknown(error: &CliError) -> bool {
    matches!(error, CliError::Refused(refused) if refused.code == "output-unknown")
}

#[cfg(test)]
mod tests;
