//! The app's event loop: everything that can happen to it is one enum, matched here once.

use std::time::Duration;

use bfgg_protocol::RunId;
use tauri::{AppHandle, Manager};
use tauri_plugin_dialog::{
    DialogExt, MessageDialogButtons, MessageDialogKind, MessageDialogResult,
};
use tokio::sync::mpsc::{Receiver, Sender};

use crate::api::Api;
use crate::error::Error;
use crate::place::Place;
use crate::runs::{EndedRun, RunStatus, Runs};
use crate::tray::Tray;
use crate::{log, window};

/// Inputs that may wait; they come from clicks and from one event a second.
pub(crate) const INPUTS: usize = 64;
/// Pause before the controller's events are asked for again.
const RETRY: Duration = Duration::from_secs(2);

/// Something that happened.
#[derive(Debug)]
pub(crate) enum Input {
    /// The window is wanted, perhaps on a run or on the form.
    Show(Option<Place>),
    /// The window's close button, or "Quit" in the tray.
    Close,
    /// A signal: no question is asked.
    Quit,
    /// "Stop run" in the tray.
    StopRun,
    /// "Open log folder", in the tray or on the page.
    OpenLogs,
    /// A run has ended.
    Ended(EndedRun),
    /// The controller's run is in a new state.
    Status(RunStatus),
    /// The answer to the question asked at closing.
    CloseAnswer(RunId, MessageDialogResult),
}

/// The queue of inputs, as Tauri's managed state.
pub(crate) struct Inputs(pub(crate) Sender<Input>);

/// Puts an input into the queue from a callback of the window system, which must not wait.
pub(crate) fn send(app: &AppHandle, input: Input) {
    if let Err(error) = app.state::<Inputs>().0.try_send(input) {
        tracing::warn!(%error, "an input was dropped");
    }
}

/// What the loop works with.
pub(crate) struct Desk {
    pub(crate) app: AppHandle,
    pub(crate) api: Api,
    /// Whether the controller ends with the app.
    pub(crate) owns_controller: bool,
    /// None where the desktop has no tray.
    pub(crate) tray: Option<Tray>,
    /// Runs to tell the user of, who is looking at something else.
    pub(crate) notices: Sender<EndedRun>,
}

const STOP: &str = "Stop the run, then close";
const LEAVE: &str = "Leave it running";
/// What is asked where the run is stopping or being collected.
const WAIT: &str = "Close when its result is there";
const NOW: &str = "Close now";
const BACK: &str = "Back";

impl Desk {
    /// Works until the app is to end.
    pub(crate) async fn run(self, mut inputs: Receiver<Input>) {
        let mut status = RunStatus::default();
        let mut asking = false;
        // To be closed once this run is over: the window stays until the result is there.
        let mut leaving: Option<RunId> = None;
        while let Some(input) = inputs.recv().await {
            match input {
                Input::Show(place) => self.note(window::show(&self.app, place.as_ref())),
                Input::Quit => return,
                Input::Close if asking => {}
                // Once more: now.
                Input::Close if leaving.is_some() => return,
                Input::Close => match status.active() {
                    Some(run) if self.owns_controller => {
                        asking = true;
                        self.ask(run, &status);
                    }
                    _ => return,
                },
                Input::CloseAnswer(run, answer) => {
                    asking = false;
                    let MessageDialogResult::Custom(choice) = answer else {
                        continue;
                    };
                    match choice.as_str() {
                        LEAVE | NOW => return,
                        STOP => match self.api.stop(run).await {
                            Ok(()) => leaving = Some(run),
                            Err(error) => self.could_not_stop(run, &error),
                        },
                        WAIT => leaving = Some(run),
                        _ => {}
                    }
                    // It may have ended while the question was there.
                    if leaving.is_some() && status.is_over(leaving) {
                        return;
                    }
                }
                Input::StopRun => self.stop(&status).await,
                Input::OpenLogs => log::show_folder(&self.app).await,
                Input::Ended(run) => self.tell(run),
                Input::Status(new) => {
                    if let Some(tray) = &self.tray {
                        self.note(tray.set_status(&new));
                    }
                    status = new;
                    if leaving.is_some() && status.is_over(leaving) {
                        return;
                    }
                }
            }
        }
    }

    async fn stop(&self, status: &RunStatus) {
        if let Some(run) = status.stoppable()
            && let Err(error) = self.api.stop(run.id).await
        {
            self.could_not_stop(run.id, &error);
        }
    }

    /// Has a notification shown, unless the user sees the window anyway.
    fn tell(&self, run: EndedRun) {
        if !window::is_focused(&self.app)
            && let Err(error) = self.notices.try_send(run)
        {
            tracing::debug!(%error, "there is no notification of a run's end");
        }
    }

    fn could_not_stop(&self, run: RunId, error: &Error) {
        tracing::error!(%error, %run, "the run could not be stopped");
        self.app
            .dialog()
            .message(error.to_string())
            .title("The run could not be stopped")
            .kind(MessageDialogKind::Error)
            .show(|_| ());
    }

    fn ask(&self, run: RunId, status: &RunStatus) {
        let app = self.app.clone();
        let (first, second, words) = if status.stoppable().is_some() {
            let words = "The agents go on without this window, until the run's maximum duration; \
                         its result is collected when BFG-G is open again.";
            (LEAVE, STOP, words)
        } else {
            let words = "It is nearly over. If BFG-G is closed now, its result is collected when it \
                         is open again.";
            (WAIT, NOW, words)
        };
        let mut question = self
            .app
            .dialog()
            .message(format!("{}\n\n{words}", status.text()))
            .title("A run is in progress")
            .kind(MessageDialogKind::Warning)
            .buttons(MessageDialogButtons::YesNoCancelCustom(
                // The first one is what Enter means.
                first.to_owned(),
                second.to_owned(),
                BACK.to_owned(),
            ));
        if let Some(window) = self.app.get_webview_window(window::MAIN) {
            question = question.parent(&window);
        }
        question.show_with_result(move |answer| send(&app, Input::CloseAnswer(run, answer)));
    }

    fn note(&self, outcome: tauri::Result<()>) {
        if let Err(error) = outcome {
            tracing::warn!(%error, "the window or the tray did not do as asked");
        }
    }
}

/// Follows the controller's events for ever, and reports each change of the run's state and each end.
pub(crate) async fn follow(api: Api, inputs: Sender<Input>) {
    let mut runs = Runs::default();
    loop {
        let mut last = None;
        let outcome = api
            .events(|event| {
                for run in runs.apply(&event) {
                    if let Err(error) = inputs.try_send(Input::Ended(run)) {
                        tracing::warn!(%error, "an input was dropped");
                    }
                }
                let status = runs.status();
                if last.as_ref() != Some(&status) {
                    // A full queue only means that a newer state will follow.
                    let _ = inputs.try_send(Input::Status(status.clone()));
                    last = Some(status);
                }
            })
            .await;
        if let Err(error) = outcome {
            tracing::debug!(%error, "the controller's events ended");
        }
        if inputs
            .send(Input::Status(RunStatus::Unknown))
            .await
            .is_err()
        {
            return;
        }
        tokio::time::sleep(RETRY).await;
    }
}
