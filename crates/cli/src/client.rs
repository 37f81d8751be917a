//! The controller's HTTP API, as the commands use it.

mod events;

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use bfgg_controller::api::types::{
    AddAgent, Agent, AgentOutput, ApiError, ApiToken, Doctor, Info, JoinInstructions, LoginLink,
    MadeApiToken, NewApiToken, NewLink, PairAgent, Rights, Run, RunSpec, SetGroup, SourceOffer,
    SourceProgress, SourceState, StartTest, StopRun, Test,
};
use bfgg_protocol::{ContentHash, PeerId, RunId, TestId};
use bfgg_report::Output;
use futures::StreamExt;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;

pub use events::{EventStream, Lines};

use crate::error::CliError;

/// A file of one agent's part in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentFile {
    /// simulation.log
    SimulationLog,
    /// What Gatling printed.
    Output,
}

impl AgentFile {
    fn path(self) -> &'static str {
        match self {
            Self::SimulationLog => "simulation-log",
            Self::Output => "output",
        }
    }

    /// Its name in the results folder.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::SimulationLog => "simulation.log",
            Self::Output => "output.log",
        }
    }
}

/// What prints on an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Printer {
    /// Fetching and building.
    Build,
    /// Gatling.
    Gatling,
}

impl Printer {
    /// Its name, here and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Gatling => "gatling",
        }
    }
}

/// Which lines of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputLines {
    /// From a position on.
    From(u64),
    /// So many before its end.
    Last(u32),
}

/// A client of one controller.
#[derive(Debug, Clone)]
pub struct Client {
    url: String,
    token: String,
    http: reqwest::Client,
}

impl Client {
    /// A client of the controller at `url` (`http://host:port`).
    pub fn new(url: &str, token: &str) -> Result<Self, CliError> {
        // The controller is on this computer or in the lab: a proxy would only be in the way.
        let http = reqwest::Client::builder()
            .no_proxy()
            .connect_timeout(Duration::from_secs(5))
            .build()
            .map_err(|cause| CliError::Unreachable {
                url: url.to_owned(),
                cause: chain(&cause),
            })?;
        Ok(Self {
            url: url.trim_end_matches('/').to_owned(),
            token: token.to_owned(),
            http,
        })
    }

    /// The controller's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The API's token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The controller itself.
    pub async fn info(&self) -> Result<Info, CliError> {
        self.json(self.request(Method::GET, "/info")).await
    }

    /// How a machine joins.
    pub async fn join(&self) -> Result<JoinInstructions, CliError> {
        self.json(self.request(Method::GET, "/token")).await
    }

    /// A new token.
    pub async fn rotate(&self) -> Result<JoinInstructions, CliError> {
        self.json(self.request(Method::POST, "/token/rotate")).await
    }

    /// All agents.
    pub async fn agents(&self) -> Result<Vec<Agent>, CliError> {
        self.json(self.request(Method::GET, "/agents")).await
    }

    /// A link that lets a browser in.
    pub async fn login_link(&self, rights: Rights) -> Result<LoginLink, CliError> {
        let request = self.request(Method::POST, "/login-links");
        self.json(request.json(&NewLink { rights })).await
    }

    /// The tokens that only read.
    pub async fn api_tokens(&self) -> Result<Vec<ApiToken>, CliError> {
        self.json(self.request(Method::GET, "/api-tokens")).await
    }

    /// Makes a token that only reads.
    pub async fn add_api_token(&self, name: &str) -> Result<MadeApiToken, CliError> {
        let name = name.to_owned();
        let request = self.request(Method::POST, "/api-tokens");
        self.json(request.json(&NewApiToken { name })).await
    }

    /// Takes a token back.
    pub async fn remove_api_token(&self, id: &str) -> Result<(), CliError> {
        let mut path = String::from("/api-tokens/");
        path.extend(url::form_urlencoded::byte_serialize(id.as_bytes()));
        let removed = self.answer(self.request(Method::DELETE, &path)).await;
        removed.map(drop)
    }

    /// Dials an agent.
    pub async fn add_agent(&self, address: &str) -> Result<Agent, CliError> {
        let body = AddAgent {
            address: address.to_owned(),
        };
        self.json(self.request(Method::POST, "/agents").json(&body))
            .await
    }

    /// Admits an agent.
    pub async fn admit(&self, id: &PeerId) -> Result<Agent, CliError> {
        self.json(self.request(Method::POST, &format!("/agents/{id}/admit")))
            .await
    }

    /// Pairs an agent by the code that it shows.
    pub async fn pair(&self, id: &PeerId, code: &str) -> Result<Agent, CliError> {
        let body = PairAgent {
            code: code.to_owned(),
        };
        self.json(
            self.request(Method::POST, &format!("/agents/{id}/pair"))
                .json(&body),
        )
        .await
    }

    /// Ignores an agent that waits, or does so no longer.
    pub async fn ignore(&self, id: &PeerId, ignored: bool) -> Result<Agent, CliError> {
        let method = if ignored {
            Method::POST
        } else {
            Method::DELETE
        };
        self.json(self.request(method, &format!("/agents/{id}/ignore")))
            .await
    }

    /// Forgets an agent.
    pub async fn remove(&self, id: &PeerId) -> Result<(), CliError> {
        self.answer(self.request(Method::DELETE, &format!("/agents/{id}")))
            .await
            .map(drop)
    }

    /// Puts an agent into a group.
    pub async fn set_group(&self, id: &PeerId, group: &str) -> Result<Agent, CliError> {
        let body = SetGroup {
            group: group.to_owned(),
        };
        self.json(
            self.request(Method::PUT, &format!("/agents/{id}/group"))
                .json(&body),
        )
        .await
    }

    /// Looks at an agent's machine.
    pub async fn doctor(&self, id: &PeerId) -> Result<Doctor, CliError> {
        self.json(self.request(Method::POST, &format!("/agents/{id}/doctor")))
            .await
    }

    /// Offers the files of a folder; the answer says what is missing of them.
    pub async fn offer_source(&self, offer: &SourceOffer) -> Result<SourceState, CliError> {
        self.json(self.request(Method::POST, "/sources").json(offer))
            .await
    }

    /// Sends chunks of a folder's files, each after its length as 4 bytes.
    pub async fn send_chunks(
        &self,
        id: ContentHash,
        body: Vec<u8>,
    ) -> Result<SourceProgress, CliError> {
        let request = self.request(Method::POST, &format!("/sources/{id}/chunks"));
        let request = request.header("content-type", "application/octet-stream");
        self.json(request.body(body)).await
    }

    /// Starts a run.
    pub async fn start(&self, spec: &RunSpec) -> Result<Run, CliError> {
        self.json(self.request(Method::POST, "/runs").json(spec))
            .await
    }

    /// All saved tests, by name.
    pub async fn tests(&self) -> Result<Vec<Test>, CliError> {
        self.json(self.request(Method::GET, "/tests")).await
    }

    /// Starts a saved test.
    pub async fn start_test(&self, id: TestId, start: &StartTest) -> Result<Run, CliError> {
        let request = self.request(Method::POST, &format!("/tests/{id}/runs"));
        self.json(request.json(start)).await
    }

    /// All runs, newest first.
    pub async fn runs(&self) -> Result<Vec<Run>, CliError> {
        self.json(self.request(Method::GET, "/runs")).await
    }

    /// One run.
    pub async fn run(&self, id: RunId) -> Result<Run, CliError> {
        self.json(self.request(Method::GET, &format!("/runs/{id}")))
            .await
    }

    /// Stops a run.
    pub async fn stop(&self, id: RunId, force: bool) -> Result<Run, CliError> {
        let request = self.request(Method::POST, &format!("/runs/{id}/stop"));
        self.json(request.json(&StopRun { force })).await
    }

    /// Lines of what prints on an agent; waits up to so many seconds for something new.
    pub async fn output(
        &self,
        id: RunId,
        index: u32,
        printer: Printer,
        lines: OutputLines,
        wait_s: u32,
    ) -> Result<AgentOutput, CliError> {
        let lines = match lines {
            OutputLines::From(position) => format!("from={position}"),
            OutputLines::Last(count) => format!("last={count}"),
        };
        let what = printer.name();
        let path = format!("/runs/{id}/agents/{index}/output?what={what}&{lines}&wait_s={wait_s}");
        self.json(self.request(Method::GET, &path)).await
    }

    /// A run's summary.json, as the controller keeps it.
    pub async fn summary(&self, id: RunId) -> Result<Vec<u8>, CliError> {
        let answer = self
            .answer(self.request(Method::GET, &format!("/runs/{id}/summary")))
            .await?;
        let bytes = answer
            .bytes()
            .await
            .map_err(|cause| self.unreachable(&cause))?;
        Ok(bytes.to_vec())
    }

    /// Events of everything: the first is a snapshot.
    pub async fn events(&self) -> Result<EventStream, CliError> {
        self.stream("/events").await
    }

    /// Events of one run: they end with its final state.
    pub async fn run_events(&self, id: RunId) -> Result<EventStream, CliError> {
        self.stream(&format!("/runs/{id}/events")).await
    }

    /// Writes an agent's file of a run to `path`; false if there is none. The file appears under
    /// its name only when it is whole.
    pub async fn download(
        &self,
        id: RunId,
        index: u32,
        file: AgentFile,
        path: &Path,
    ) -> Result<bool, CliError> {
        let from = format!("/runs/{id}/agents/{index}/files/{}", file.path());
        self.save(&from, path).await
    }

    /// Writes a file of a run's result (`report.html`, …) to `path`, likewise.
    pub async fn download_report(
        &self,
        id: RunId,
        file: &str,
        path: &Path,
    ) -> Result<bool, CliError> {
        self.save(&format!("/runs/{id}/files/{file}"), path).await
    }

    async fn save(&self, from: &str, path: &Path) -> Result<bool, CliError> {
        let answer = self.send(self.request(Method::GET, from)).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(false);
        }
        let mut bytes = self.checked(answer).await?.bytes_stream();
        let failed = |cause| CliError::file("write", path, cause);
        // Short writes of a command that does nothing else meanwhile.
        let mut out = Output::to(path).map_err(failed)?;
        while let Some(chunk) = bytes.next().await {
            let chunk = chunk.map_err(|cause| self.unreachable(&cause))?;
            out.write_all(&chunk).map_err(failed)?;
        }
        out.finish().map_err(failed)?;
        Ok(true)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}/api/v1{path}", self.url))
            .bearer_auth(&self.token)
    }

    async fn stream(&self, path: &str) -> Result<EventStream, CliError> {
        let answer = self.answer(self.request(Method::GET, path)).await?;
        Ok(EventStream::new(answer, &self.url))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, CliError> {
        request
            .send()
            .await
            .map_err(|cause| self.unreachable(&cause))
    }

    async fn answer(&self, request: RequestBuilder) -> Result<Response, CliError> {
        let answer = self.send(request).await?;
        self.checked(answer).await
    }

    async fn checked(&self, answer: Response) -> Result<Response, CliError> {
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let url = answer.url().to_string();
        let bytes = answer
            .bytes()
            .await
            .map_err(|cause| self.unreachable(&cause))?;
        Err(match serde_json::from_slice::<ApiError>(&bytes) {
            Ok(error) => CliError::Refused(error),
            Err(_) => CliError::NotUnderstood {
                url,
                cause: format!("HTTP status {status}"),
            },
        })
    }

    async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, CliError> {
        let answer = self.answer(request).await?;
        let url = answer.url().to_string();
        let bytes = answer
            .bytes()
            .await
            .map_err(|cause| self.unreachable(&cause))?;
        serde_json::from_slice(&bytes).map_err(|cause| CliError::NotUnderstood {
            url,
            cause: cause.to_string(),
        })
    }

    fn unreachable(&self, cause: &reqwest::Error) -> CliError {
        CliError::Unreachable {
            url: self.url.clone(),
            cause: chain(cause),
        }
    }
}

/// The innermost cause says what happened ("Connection refused"); the outer ones repeat the URL.
fn chain(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
