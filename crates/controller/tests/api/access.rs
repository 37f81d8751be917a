//! Who is let in, and what they may do.

use std::time::Duration;

use bfgg_controller::Controller;
use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::scripted::{Api, settings};
use crate::spec;

/// A browser that was let in.
struct Browser {
    client: Client,
    url: String,
    cookie: String,
    key: String,
}

impl Browser {
    /// Opens a login link as the page does.
    async fn open(controller: &Controller, link: &Value) -> Result<Self, StatusCode> {
        let url = link["urls"][0].as_str().unwrap();
        let (page, code) = url.split_once("/#code=").unwrap();
        assert_eq!(page, controller.url());
        let client = Client::new();
        let answer = client
            .post(format!("{page}/api/v1/login"))
            .json(&json!({ "code": code }))
            .send()
            .await
            .unwrap();
        if answer.status() != StatusCode::OK {
            return Err(answer.status());
        }
        let set = answer.headers()[SET_COOKIE].to_str().unwrap().to_owned();
        for part in ["HttpOnly", "SameSite=Strict", "Path=/api/v1/"] {
            assert!(set.contains(part), "{set}");
        }
        let cookie = set.split(';').next().unwrap().to_owned();
        let url = page.to_owned();
        let answer: Value = answer.json().await.unwrap();
        let key = answer["key"].as_str().unwrap().to_owned();
        Ok(Self {
            client,
            url,
            cookie,
            key,
        })
    }

    /// What a request of the page is answered.
    async fn asks(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> StatusCode {
        let with_key = [&[("x-bfgg-session", self.key.as_str())], headers].concat();
        self.sends(method, path, &with_key).await
    }

    /// What a request with the cookie and these headers is answered.
    async fn sends(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> StatusCode {
        let url = format!("{}/api/v1{path}", self.url);
        let mut request = self.client.request(method, url);
        // A page on another port may have set one of the same name.
        let (name, _) = self.cookie.split_once('=').unwrap();
        request = request.header(COOKIE, format!("other=1; {name}=foreign; {}", self.cookie));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap().status()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_lets_a_browser_in_and_no_other_page_uses_that() {
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let (status, link) = api.post("/login-links", &json!({})).await;
    assert_eq!(status, 200, "{link}");
    let browser = Browser::open(&controller, &link).await.unwrap();
    let again = Browser::open(&controller, &link).await;
    assert_eq!(again.err(), Some(StatusCode::UNAUTHORIZED), "it is used up");

    // The cookie alone is nothing: browsers send it to every port of the host.
    let own = controller.url().to_owned();
    let origin = ORIGIN.as_str();
    for headers in [
        vec![],
        vec![(origin, own.as_str())],
        vec![("x-bfgg-session", "wrong")],
        vec![
            ("authorization", "Bearer wrong"),
            ("x-bfgg-session", browser.key.as_str()),
        ],
    ] {
        let found = browser.sends(Method::POST, "/token/rotate", &headers).await;
        assert_eq!(found, 401, "{headers:?}");
    }
    for (method, path, headers, wanted) in [
        (Method::GET, "/agents", vec![], 200),
        (
            Method::GET,
            "/agents",
            vec![(origin, "http://evil.example")],
            403,
        ),
        (Method::POST, "/token/rotate", vec![(origin, "null")], 403),
        (
            Method::POST,
            "/token/rotate",
            vec![(origin, "http://127.0.0.1:1")],
            403,
        ),
        (
            Method::POST,
            "/token/rotate",
            vec![(origin, own.as_str())],
            200,
        ),
        (Method::DELETE, "/login", vec![(origin, own.as_str())], 204),
        (Method::GET, "/agents", vec![], 401),
    ] {
        let found = browser.asks(method.clone(), path, &headers).await;
        assert_eq!(found.as_u16(), wanted, "{method} {path} {headers:?}");
    }

    // What is open ends when all browsers are logged out.
    let (_, link) = api.post("/login-links", &json!({})).await;
    let browser = Browser::open(&controller, &link).await.unwrap();
    let events = browser
        .client
        .get(format!("{own}/api/v1/events"))
        .header(COOKIE, &browser.cookie)
        .header("x-bfgg-session", &browser.key)
        .send()
        .await
        .unwrap();
    assert_eq!(events.status(), 200);
    let owner = [("authorization", api.bearer())];
    assert_eq!(api.raw("DELETE", "/sessions", &owner, "").await, 204);
    tokio::time::timeout(Duration::from_secs(60), events.bytes())
        .await
        .expect("the stream ends")
        .unwrap();
    assert_eq!(browser.asks(Method::GET, "/agents", &[]).await, 401);
    controller.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_only_look_changes_nothing_and_lets_nobody_in() {
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let (status, made) = api
        .post("/api-tokens", &json!({"name": " the wall "}))
        .await;
    assert_eq!((status, &made["token"]["name"]), (201, &json!("the wall")));
    let bearer = format!("Bearer {}", made["secret"].as_str().unwrap());
    let token = [
        ("authorization", bearer),
        ("content-type", "application/json".into()),
    ];
    let (_, link) = api.post("/login-links", &json!({"rights": "read"})).await;
    let browser = Browser::open(&controller, &link).await.unwrap();
    let own = controller.url().to_owned();
    let ours = [(ORIGIN.as_str(), own.as_str())];

    let spec = spec().to_string();
    for (method, path, wanted) in [
        ("GET", "/agents", 200),
        ("GET", "/runs", 200),
        ("GET", "/caller", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/token", 403),
        ("GET", "/api-tokens", 403),
        ("POST", "/token/rotate", 403),
        ("POST", "/login-links", 403),
        ("POST", "/api-tokens", 403),
        ("POST", "/runs", 403),
        ("POST", "/local-agent", 403),
        ("POST", "/sources", 403),
        ("DELETE", "/sessions", 403),
    ] {
        let found = api.raw(method, path, &token, &spec).await;
        assert_eq!(found, wanted, "{method} {path} by token");
        let method: Method = method.parse().unwrap();
        let found = browser.asks(method.clone(), path, &ours).await;
        assert_eq!(found.as_u16(), wanted, "{method} {path} by link");
    }
    assert_eq!(browser.asks(Method::DELETE, "/login", &ours).await, 204);

    // Both outlive a restart, until they are taken back.
    controller.shutdown().await;
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    assert_eq!(api.raw("GET", "/agents", &token, "").await, 200);
    let (_, tokens) = api.get("/api-tokens").await;
    assert_eq!(tokens, json!([made["token"]]));
    let path = format!("/api-tokens/{}", made["token"]["id"].as_str().unwrap());
    let owner = [("authorization", api.bearer())];
    assert_eq!(api.raw("DELETE", &path, &owner, "").await, 204);
    assert_eq!(api.raw("DELETE", &path, &owner, "").await, 404);
    assert_eq!(api.raw("GET", "/agents", &token, "").await, 401);
    let name = "x".repeat(101);
    for name in ["", "  ", "a\nb", &name] {
        let (status, error) = api.post("/api-tokens", &json!({ "name": name })).await;
        assert_eq!(
            (status, &error["code"]),
            (400, &json!("bad-input")),
            "{name:?}"
        );
    }
    controller.shutdown().await;
}
