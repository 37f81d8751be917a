//! Many agents that are mere nodes, in one process: `fake-agents TOKEN COUNT [SECONDS NAMES EACH [HURRY]]`:
//! how long their runs take, names of requests, requests of each in a second, and how many seconds are told
//! as quickly as they are taken. They end when their input does.

use std::time::Duration;

use bfgg_testkit::node::{FakeAgent, Says};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let token = arguments.next().ok_or("the token is missing")?;
    let count: u32 = arguments.next().ok_or("the count is missing")?.parse()?;
    let numbers: Vec<u32> = arguments.map(|a| a.parse()).collect::<Result<_, _>>()?;
    let (seconds, load, hurry) = match numbers[..] {
        [] => (4, (0, 0), 0),
        [seconds, names, each] => (seconds, (names, each), 0),
        [seconds, names, each, hurry] => (seconds, (names, each), hurry),
        _ => return Err("SECONDS, NAMES and EACH belong together".into()),
    };
    let mut agents = Vec::new();
    for number in 0..count {
        let says = Says {
            runs_for: Duration::from_secs(seconds.into()),
            load,
            hurry,
            ..Says::named(format!("fake-{number:03}"))
        };
        agents.push(FakeAgent::join(&token, says).await);
    }
    let end = || std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    tokio::task::spawn_blocking(end).await??;
    Ok(())
}
