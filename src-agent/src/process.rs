//! Processes that are not our children, by way of `sysinfo`.

use std::ffi::OsString;
use std::path::Path;

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, Signal, System, UpdateKind};

/// The variable that marks every process of a run, with the run's folder as its value.
pub(crate) const RUN_FOLDER: &str = "BFGG_AGENT_RUN_FOLDER";

/// Ends all processes of a run, its supervisor too.
pub(crate) fn end_run(folder: &Path) {
    let mut mark = OsString::from(format!("{RUN_FOLDER}="));
    mark.push(folder);
    // A process may start another one while we look.
    for _ in 0..5 {
        let Ok(mut system) = System::new() else {
            return;
        };
        let what = ProcessRefreshKind::nothing()
            .with_environ(UpdateKind::Always)
            .without_tasks();
        system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
        let marked = system.processes().values();
        let marked = marked.filter(|process| process.environ().contains(&mark));
        if marked.filter(|process| process.kill()).count() == 0 {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// Asks a process to end.
pub(crate) fn terminate(pid: u32) {
    let pid = Pid::from_u32(pid);
    let Ok(mut system) = System::new() else {
        return;
    };
    let what = ProcessRefreshKind::nothing();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, what);
    if let Some(process) = system.process(pid) {
        // Windows knows no such signal: there it is ended.
        process
            .kill_with(Signal::Term)
            .unwrap_or_else(|| process.kill());
    }
}

/// Process ids and parents of all processes.
#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) fn all() -> Option<System> {
    let mut system = System::new().ok()?;
    let what = ProcessRefreshKind::nothing();
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
    Some(system)
}

/// What tells a process from any other that ever had its id: `None` once it has ended.
#[cfg(not(target_os = "linux"))]
pub(crate) fn identity(pid: u32) -> Option<String> {
    let pid = Pid::from_u32(pid);
    let mut system = System::new().ok()?;
    let what = ProcessRefreshKind::nothing();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, what);
    system
        .process(pid)
        .map(|process| process.start_time().to_string())
}
