//! A caller of the controller's API.

use std::time::Duration;

use bfgg_controller::Controller;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::load::{Load, PARAMETER};
use crate::wait::until;

/// Calls one controller.
#[derive(Debug, Clone)]
pub struct Api {
    client: Client,
    url: String,
    token: String,
}

impl Api {
    /// Of this controller.
    pub fn of(controller: &Controller) -> Self {
        Self::at(controller.url(), controller.token())
    }

    /// Of a controller elsewhere, by its URL and the token of its API.
    pub fn at(url: &str, token: &str) -> Self {
        Self {
            client: Client::new(),
            url: url.to_owned(),
            token: token.to_owned(),
        }
    }

    /// The status and the JSON of an answer.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let url = format!("{}/api/v1{path}", self.url);
        let mut request = self.client.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap())
    }

    /// What is there.
    pub async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, None).await.1
    }

    /// What comes of a request that is to go well.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.call(Method::POST, path, Some(body)).await;
        assert!(status < 300, "{path}: {status} {answer}");
        answer
    }

    /// The controller's events, as they come.
    pub async fn events(&self) -> reqwest::Response {
        let url = format!("{}/api/v1/events", self.url);
        let request = self.client.get(url).bearer_auth(&self.token);
        request.send().await.unwrap()
    }

    /// Everything as it is now: the first of the events. Its bytes.
    pub async fn snapshot(&self) -> usize {
        let mut response = self.events().await;
        let mut text = Vec::new();
        while !text.windows(2).any(|two| two == b"\n\n") {
            text.extend(response.chunk().await.unwrap().unwrap());
        }
        text.len()
    }

    /// The join token.
    pub async fn token(&self) -> String {
        let answer = self.get("/token").await;
        answer["token"].as_str().unwrap().to_owned()
    }

    /// Starts a run of the fake project on agents by their names, or on all; its id.
    pub async fn start(&self, url: &str, load: &Load, agents: &[&str]) -> String {
        let spec = self.spec(url, load, agents).await;
        let run = self.post("/runs", &spec).await;
        run["id"].as_str().unwrap().to_owned()
    }

    /// What starts such a run.
    pub async fn spec(&self, url: &str, load: &Load, agents: &[&str]) -> Value {
        let all = self.get("/agents").await;
        let ids: Vec<&Value> = all
            .as_array()
            .unwrap()
            .iter()
            .filter(|agent| agents.contains(&agent["name"].as_str().unwrap_or_default()))
            .map(|agent| &agent["id"])
            .collect();
        let selection = match agents {
            [] => json!({}),
            _ => json!({ "agents": ids }),
        };
        let load = serde_json::to_string(load).unwrap();
        json!({
            "source": { "url": url },
            "parameters": [{ "name": PARAMETER, "value": load }],
            "selection": selection,
            "max_duration_s": 600,
        })
    }

    /// A run.
    pub async fn run(&self, id: &str) -> Value {
        self.get(&format!("/runs/{id}")).await
    }

    /// An agent by its name; null if there is none.
    pub async fn agent(&self, name: &str) -> Value {
        let all = self.get("/agents").await;
        let found = all.as_array().unwrap().iter().find(|a| a["name"] == name);
        found.cloned().unwrap_or_default()
    }

    /// Waits until an agent is `alive`, `suspect` or `lost`.
    pub async fn liveness(&self, name: &str, wanted: &str, limit: Duration) {
        until(&format!("{name} {wanted}"), limit, async || {
            let agent = self.agent(name).await;
            (agent["liveness"] == wanted)
                .then_some(())
                .ok_or_else(|| agent["liveness"].to_string())
        })
        .await;
    }

    /// Waits until so many agents can be used.
    pub async fn available(&self, count: usize, limit: Duration) {
        until(&format!("{count} agents"), limit, async || {
            let groups = self.get("/groups").await;
            let free = |group: &Value| group["available"].as_u64().unwrap_or_default();
            let free: u64 = groups.as_array().unwrap().iter().map(free).sum();
            (free >= count as u64)
                .then_some(())
                .ok_or_else(|| format!("{groups}"))
        })
        .await;
    }

    /// Waits until a run is in a state.
    pub async fn state(&self, id: &str, wanted: &str, limit: Duration) -> Value {
        until(&format!("the run {wanted}"), limit, async || {
            let run = self.run(id).await;
            (run["state"] == wanted)
                .then_some(run.clone())
                .ok_or_else(|| format!("{run:#}"))
        })
        .await
    }

    /// Waits until a run has ended.
    pub async fn ended(&self, id: &str, limit: Duration) -> Value {
        until("the run's end", limit, async || {
            let run = self.run(id).await;
            let state = run["state"].as_str().unwrap_or_default();
            ["finished", "stopped", "partial", "failed"]
                .contains(&state)
                .then_some(run.clone())
                .ok_or_else(|| format!("{run:#}"))
        })
        .await
    }
}
