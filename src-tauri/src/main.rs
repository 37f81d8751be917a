//! The BFG-G desktop app: a window on a controller.
//!
//! The window shows the bundled user interface, which speaks to the controller over its HTTP API
//! like a browser does. Native things alone are done here: window, tray, questions, shutdown.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod api;
mod app;
mod arguments;
mod desk;
mod error;
mod folder;
mod host;
mod instance;
mod link;
mod log;
mod notice;
mod place;
mod runs;
mod signals;
mod tray;
mod window;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match app::run(arguments::Arguments::parse()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("BFG-G could not start: {error}");
            ExitCode::FAILURE
        }
    }
}
