use serde_json::Value;

use super::*;

async fn shop() -> Shop {
    Shop::start(([127, 0, 0, 1], 0).into()).await.unwrap()
}

#[tokio::test]
async fn every_page_answers_what_the_sample_project_checks() {
    let shop = shop().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let cases = [
        ("GET", "/", "", 200, "shop", "\"open\""),
        (
            "GET",
            "/api/search?q=shelf%2C%20oak",
            "",
            200,
            "products",
            "[1,9,10]",
        ),
        ("GET", "/api/products/3", "", 200, "name", "\"Product 3\""),
        (
            "GET",
            "/api/products/11",
            "",
            404,
            "error",
            "\"no such page\"",
        ),
        (
            "GET",
            "/api/products/x",
            "",
            404,
            "error",
            "\"no such page\"",
        ),
        (
            "GET",
            "/api/products/1/reviews",
            "",
            200,
            "state",
            "\"fresh\"",
        ),
        (
            "GET",
            "/api/products/9/reviews",
            "",
            200,
            "state",
            "\"stale\"",
        ),
        ("POST", "/api/cart", "{\"product\":1}", 201, "product", "1"),
        ("POST", "/api/cart", "nothing", 400, "error", ""),
        (
            "POST",
            "/api/checkout",
            "{\"product\":1}",
            200,
            "ordered",
            "1",
        ),
        (
            "POST",
            "/api/checkout",
            "{\"product\":10}",
            500,
            "error",
            "\"out of stock\"",
        ),
        ("GET", "/api/logout", "", 200, "bye", "true"),
        ("GET", "/api/cart", "", 404, "error", "\"no such page\""),
    ];
    let count = cases.len() as u64;
    for (method, path, body, status, field, value) in cases {
        let url = format!("{}{path}", shop.url());
        let request = http.request(method.parse().unwrap(), url).body(body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{method} {path}");
        let json: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        let found = json.get(field).map(ToString::to_string).unwrap_or_default();
        assert!(
            value.is_empty() || found == value,
            "{method} {path}: {found}"
        );
    }
    assert_eq!(shop.served(), count);
    shop.shutdown().await;
}

#[tokio::test]
async fn shutdown_closes_idle_connections_and_frees_the_port() {
    let shop = shop().await;
    let address = shop.address;
    let idle = TcpStream::connect(address).await.unwrap();
    shop.shutdown().await;
    assert!(TcpStream::connect(address).await.is_err());
    drop(idle);
}
