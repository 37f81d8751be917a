//! Starts and ends the app's parts, in a written order.
//!
//! Start: single instance, log, controller, window, tray, event loop. End: the event loop returns (quit,
//! close, a signal), the followers of events, signals and ended runs are ended, the controller shuts down, the
//! process exits.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use clap::Parser;
use tauri::async_runtime;
use tauri::{AppHandle, Manager, RunEvent, WindowEvent};
use tauri_plugin_dialog::{DialogExt, MessageDialogKind};
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::api::Api;
use crate::arguments::Arguments;
use crate::desk::{self, Desk, INPUTS, Input, Inputs};
use crate::error::Error;
use crate::folder::{self, Folders};
use crate::host::{self, Host};
use crate::notice::{self, NOTICES};
use crate::tray::Tray;
use crate::{instance, log, signals, window};

/// Runs the app until it is closed; the answer is the process's exit code.
pub(crate) fn run(arguments: Arguments) -> Result<i32, Error> {
    let config = host::config()?;
    let mut context = tauri::generate_context!();
    let base = context.config().identifier.clone();
    context.config_mut().identifier = instance::identifier(&base, &config);

    let (inputs, queue) = mpsc::channel(INPUTS);
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, arguments, _| {
            let place = Arguments::try_parse_from(arguments)
                .ok()
                .and_then(|given| given.place());
            desk::send(app, Input::Show(place));
        }))
        .plugin(tauri_plugin_window_state::Builder::new().build())
        .plugin(tauri_plugin_dialog::init())
        .invoke_handler(tauri::generate_handler![
            host::connection,
            log::open_log_folder,
            folder::send_folder,
            folder::stop_folder,
        ])
        .manage(Inputs(inputs.clone()))
        .manage(Folders::default())
        .on_window_event(|window, event| {
            if let WindowEvent::CloseRequested { api, .. } = event {
                api.prevent_close();
                desk::send(window.app_handle(), Input::Close);
            }
        })
        .build(context)?;
    log::start(&config, app.path().app_log_dir().ok().as_deref());

    // Only now: a second start has ended in `build`, before it could ask for the data folder.
    let mut opening = Some((async_runtime::block_on(Host::open(config)), inputs, queue));
    let work = Arc::new(Mutex::new(None));
    let started = Arc::clone(&work);
    let code = app.run_return(move |app, event| match event {
        RunEvent::Ready => {
            let Some((host, inputs, queue)) = opening.take() else {
                return;
            };
            match host.and_then(|host| start(app, &arguments, host, inputs, queue)) {
                Ok(task) => *lock(&started) = Some(task),
                Err(error) => fail(app, &error),
            }
        }
        // The last window is gone, or the system asks: the event loop decides.
        RunEvent::ExitRequested {
            code: None, api, ..
        } => {
            api.prevent_exit();
            desk::send(app, Input::Close);
        }
        _ => {}
    });
    let work = lock(&work).take();
    if let Some(work) = work {
        // It has ended, as it alone ends the app; this only reports a panic.
        if let Err(error) = async_runtime::block_on(work) {
            tracing::error!(%error, "the app's event loop broke");
        }
    }
    Ok(code)
}

/// The lock is held for an assignment only; a panic elsewhere leaves the value whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens the window and starts the event loop.
fn start(
    app: &AppHandle,
    arguments: &Arguments,
    host: Host,
    inputs: Sender<Input>,
    queue: Receiver<Input>,
) -> Result<async_runtime::JoinHandle<()>, Error> {
    let api = Api::new(host.connection().clone());
    app.manage(host.connection().clone());
    app.manage(api.clone());
    window::open(app, arguments.place().as_ref())?;
    let (notices, ended) = mpsc::channel(NOTICES);
    let desk = Desk {
        app: app.clone(),
        api: api.clone(),
        owns_controller: host.is_own(),
        tray: tray(app),
        notices,
    };
    let app = app.clone();
    Ok(async_runtime::spawn(async move {
        let follower = async_runtime::spawn(desk::follow(api.clone(), inputs.clone()));
        let notices = async_runtime::spawn(notice::follow(api, ended, inputs.clone()));
        let signals = async_runtime::spawn(signals::follow(inputs));
        desk.run(queue).await;
        for task in [follower, notices, signals] {
            task.abort();
            // Aborted is what it is asked to be.
            let _ = task.await;
        }
        host.close().await;
        app.exit(0);
    }))
}

/// The tray, where the desktop has one.
fn tray(app: &AppHandle) -> Option<Tray> {
    // On Linux the tray's library is loaded here, and its loader panics where it is not installed.
    match std::panic::catch_unwind(AssertUnwindSafe(|| Tray::new(app))) {
        Ok(Ok(tray)) => Some(tray),
        Ok(Err(error)) => {
            tracing::warn!(%error, "no icon in the tray");
            None
        }
        Err(_) => {
            tracing::warn!("no icon in the tray: install libayatana-appindicator3-1");
            None
        }
    }
}

/// Tells the user why there is no window, on the terminal and in a dialog, then ends.
fn fail(app: &AppHandle, error: &Error) {
    eprintln!("BFG-G could not start: {error}");
    let app = app.clone();
    app.clone()
        .dialog()
        .message(error.to_string())
        .title("BFG-G could not start")
        .kind(MessageDialogKind::Error)
        .show(move |_| app.exit(1));
}
