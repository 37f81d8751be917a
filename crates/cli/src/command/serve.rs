//! `bfgg serve`

use bfgg_config::ControllerConfig;
use bfgg_controller::Settings;
use bfgg_controller::api::types::Rights;

use crate::connection::{Session, settings};
use crate::error::{CliError, exit};
use crate::platform::Interrupts;
use crate::terminal;
use crate::view::Screen;

/// A controller until Ctrl-C or a request to end. Runs in progress go on on their agents.
pub(crate) async fn serve(config: &ControllerConfig, screen: &Screen) -> Result<u8, CliError> {
    let mut interrupts = Interrupts::new()?;
    let settings = Settings {
        keep_local_agent: true,
        ..settings(config)?
    };
    let session = Session::start(settings).await?;
    let told = tell(config, &session).await;
    let mut ended = told.map(|()| exit::OK);
    if ended.is_ok() {
        tokio::select! {
            () = interrupts.next() => {
                screen.line("ending; runs in progress go on on their agents");
            }
            () = session.broken() => ended = Err(CliError::Broken),
        }
    }
    session.close().await;
    ended
}

async fn tell(config: &ControllerConfig, session: &Session) -> Result<(), CliError> {
    let client = &session.client;
    let info = client.info().await?;
    let join = client.join().await?;
    terminal::out_line(format!(
        "controller {} ({}) is up",
        info.name,
        info.peer.short()
    ))?;
    let link = client.login_link(Rights::All).await?;
    for url in link.urls {
        terminal::out_line(format!("  page:          {url}"))?;
    }
    terminal::out_line(
        "                 (lets one browser in, once, within 15 minutes; `bfgg access link` prints a new one)",
    )?;
    terminal::out_line(format!(
        "  API:           {} (its token is in {})",
        client.url(),
        config.data_folder.join("controller.json").display()
    ))?;
    terminal::out_line(format!("  agents:        {}", info.addresses.join(", ")))?;
    terminal::out_line(format!("  its key:       {}", info.identity))?;
    for warning in &info.warnings {
        terminal::out_line(format!("  warning:       {warning}"))?;
    }
    terminal::out_line(
        "on each machine that shall run Gatling (the token admits whoever has it):",
    )?;
    terminal::out_line(format!("  {}", join.command))?;
    Ok(())
}
