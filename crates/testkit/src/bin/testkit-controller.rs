//! A controller in a process of its own: `testkit-controller FOLDER`. It prints the URL and the token of its
//! API, and ends when its input does.

use bfgg_controller::{Controller, Settings};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("the folder is missing")?;
    let settings = Settings::apart(folder);
    let controller = Controller::start(settings).await?;
    println!("{} {}", controller.url(), controller.token());
    let end = || std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    tokio::task::spawn_blocking(end).await??;
    controller.shutdown().await;
    Ok(())
}
