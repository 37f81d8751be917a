//! A caller of the API.

use std::pin::Pin;
use std::time::{Duration, Instant};

use bfgg_controller::Controller;
use futures::{Stream, StreamExt};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method};
use serde_json::Value;

const DEADLINE: Duration = Duration::from_secs(120);

pub(crate) struct Api {
    client: Client,
    url: String,
    token: String,
}

impl Api {
    pub(crate) fn of(controller: &Controller) -> Self {
        // One that listens on all addresses is reached at this one.
        let url = controller.url().replace("//0.0.0.0:", "//127.0.0.1:");
        let token = controller.token().to_owned();
        Self {
            client: Client::new(),
            url,
            token,
        }
    }

    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    fn at(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client
            .request(method, format!("{}/api/v1{path}", self.url))
            .bearer_auth(&self.token)
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let response = self.at(Method::GET, path).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    pub(crate) async fn bytes(&self, path: &str) -> Vec<u8> {
        self.download(path).await.1
    }

    /// The headers and the bytes of a file.
    pub(crate) async fn download(&self, path: &str) -> (HeaderMap, Vec<u8>) {
        let response = self.at(Method::GET, path).send().await.unwrap();
        let headers = response.headers().clone();
        (headers, response.bytes().await.unwrap().to_vec())
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let response = self.at(Method::POST, path).json(body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> (u16, Value) {
        let response = self.at(Method::PUT, path).json(body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// Deletes something; there is no answer but the status.
    pub(crate) async fn remove(&self, path: &str) -> (u16, Vec<u8>) {
        let response = self.at(Method::DELETE, path).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.bytes().await.unwrap().to_vec())
    }

    pub(crate) async fn delete(&self, path: &str) -> (u16, Value) {
        let response = self.at(Method::DELETE, path).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// Sends bytes.
    pub(crate) async fn send(&self, path: &str, body: Vec<u8>) -> (u16, Value) {
        let response = self.at(Method::POST, path).body(body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// The status of a request with headers of one's own.
    pub(crate) async fn raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, String)],
        body: &str,
    ) -> u16 {
        let url = format!("{}/api/v1{path}", self.url);
        let mut request = self
            .client
            .request(method.parse().unwrap(), url)
            .body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        request.send().await.unwrap().status().as_u16()
    }

    /// Asks until the answer is as wanted.
    pub(crate) async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let (_, value) = self.get(path).await;
            if wanted(&value) {
                return value;
            }
            assert!(begun.elapsed() < DEADLINE, "{path} is still {value:#}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub(crate) async fn events(&self, path: &str) -> Events {
        let response = self.at(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), 200);
        let bytes = response.bytes_stream().map(|chunk| chunk.unwrap().to_vec());
        Events {
            bytes: Box::pin(bytes),
            buffer: String::new(),
        }
    }
}

/// An open event stream.
pub(crate) struct Events {
    bytes: Pin<Box<dyn Stream<Item = Vec<u8>> + Send>>,
    buffer: String,
}

impl Events {
    /// The next event; `None` at the stream's end.
    pub(crate) async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((message, rest)) = self.buffer.split_once("\n\n") {
                let data = message.lines().find_map(|line| line.strip_prefix("data: "));
                let event = data.map(|data| serde_json::from_str(data).unwrap());
                self.buffer = rest.to_owned();
                match event {
                    Some(event) => return Some(event),
                    None => continue,
                }
            }
            let chunk = tokio::time::timeout(DEADLINE, self.bytes.next())
                .await
                .unwrap()?;
            self.buffer.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    pub(crate) async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let event = self.next().await.expect("the stream goes on");
            if wanted(&event) {
                return event;
            }
        }
    }
}
