//! Processes that are not our children, by way of `sysinfo`.

use std::ffi::OsString;
use std::path::Path;

#[cfg(not(target_os = "linux"))]
use sysinfo::Pid;
use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

/// The variable that marks every process of a run, with the run's folder as its value.
pub(crate) const RUN_FOLDER: &str = "BFGG_AGENT_RUN_FOLDER";

/// Ends the processes of a run whose supervisor was itself killed, and says how many there were.
pub(crate) fn end_run(folder: &Path) -> usize {
    let mut mark = OsString::from(format!("{RUN_FOLDER}="));
    mark.push(folder);
    let Ok(mut system) = System::new() else {
        return 0;
    };
    let what = ProcessRefreshKind::nothing()
        .with_environ(UpdateKind::Always)
        .without_tasks();
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
    let marked = system
        .processes()
        .values()
        .filter(|process| process.environ().contains(&mark));
    marked.filter(|process| process.kill()).count()
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
