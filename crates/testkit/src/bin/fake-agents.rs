//! Many agents that are mere nodes, in one process: `fake-agents TOKEN COUNT`. They end when their input
//! does.

use std::time::Duration;

use bfgg_testkit::node::{FakeAgent, Says};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let token = arguments.next().ok_or("the token is missing")?;
    let count: u32 = arguments.next().ok_or("the count is missing")?.parse()?;
    let mut agents = Vec::new();
    for number in 0..count {
        let says = Says {
            runs_for: Duration::from_secs(4),
            ..Says::named(format!("fake-{number:03}"))
        };
        agents.push(FakeAgent::join(&token, says).await);
    }
    let end = || std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    tokio::task::spawn_blocking(end).await??;
    Ok(())
}
