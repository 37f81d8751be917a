//! The icon in the tray: show the window, see the run, stop it, open the log folder, quit.

use tauri::AppHandle;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::TrayIconBuilder;

use crate::desk::Input;
use crate::runs::RunStatus;

const SHOW: &str = "show";
const STATUS: &str = "status";
const STOP: &str = "stop";
const LOGS: &str = "logs";
const QUIT: &str = "quit";

/// The tray's entries that change.
pub(crate) struct Tray {
    status: MenuItem<tauri::Wry>,
    stop: MenuItem<tauri::Wry>,
}

impl Tray {
    /// Puts the icon into the tray.
    pub(crate) fn new(app: &AppHandle) -> tauri::Result<Self> {
        let show = MenuItem::with_id(app, SHOW, "Show BFG-G", true, None::<&str>)?;
        let status = MenuItem::with_id(app, STATUS, RunStatus::Idle.text(), false, None::<&str>)?;
        let stop = MenuItem::with_id(app, STOP, "Stop run", false, None::<&str>)?;
        let logs = MenuItem::with_id(app, LOGS, "Open log folder", true, None::<&str>)?;
        let quit = MenuItem::with_id(app, QUIT, "Quit", true, None::<&str>)?;
        let line = PredefinedMenuItem::separator(app)?;
        let menu = Menu::with_items(
            app,
            &[&show, &line, &status, &stop, &line, &logs, &line, &quit],
        )?;
        let mut tray = TrayIconBuilder::with_id("main")
            .menu(&menu)
            .tooltip("BFG-G")
            .on_menu_event(|app, event| {
                if let Some(input) = input_of(event.id().as_ref()) {
                    crate::desk::send(app, input);
                }
            });
        if let Some(icon) = app.default_window_icon() {
            tray = tray.icon(icon.clone());
        }
        tray.build(app)?;
        Ok(Self { status, stop })
    }

    /// Shows what the controller is doing.
    pub(crate) fn set_status(&self, status: &RunStatus) -> tauri::Result<()> {
        self.status.set_text(status.text())?;
        self.stop.set_enabled(status.stoppable().is_some())
    }
}

fn input_of(item: &str) -> Option<Input> {
    match item {
        SHOW => Some(Input::Show(None)),
        STOP => Some(Input::StopRun),
        LOGS => Some(Input::OpenLogs),
        QUIT => Some(Input::Close),
        _ => None,
    }
}
