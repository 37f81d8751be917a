//! A program of a Prepare (git, mvn, sbt) inside a process of ours that ends its whole tree.
//!
//! The agent runs itself as `bfgg-agent contain -- PROGRAM ARGUMENTS` and holds the other end of
//! its standard input. When that closes, because the task was stopped or the agent is gone, the
//! tree is ended; when the program ends, whatever it left behind is.

use std::ffi::OsString;
use std::io::{self, Read};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::platform::{self, Ended, Tree};

const TICK: Duration = Duration::from_millis(20);
/// From TERM to KILL.
const GRACE: Duration = Duration::from_secs(2);
/// How long KILL is repeated before a process is left to the system.
const KILL_LIMIT: Duration = Duration::from_secs(10);

/// The inner side: runs the program and returns its status (128 + the signal that ended it).
pub fn contain(program: OsString, arguments: Vec<OsString>) -> io::Result<i32> {
    platform::lead_descendants()?;
    let interrupted = platform::interrupted()?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    let mut tree = Tree::spawn(command)?;
    let closed = watch_input();
    let mut ending: Option<Instant> = None;
    loop {
        let status = tree.poll();
        if status.is_some() && tree.is_gone() {
            break;
        }
        let stop = closed.load(Ordering::Relaxed) || interrupted.load(Ordering::Relaxed);
        match ending {
            None if stop || status.is_some() => {
                tree.terminate();
                ending = Some(Instant::now());
            }
            Some(since) if since.elapsed() >= GRACE + KILL_LIMIT => break,
            Some(since) if since.elapsed() >= GRACE => tree.kill(),
            _ => {}
        }
        std::thread::sleep(TICK);
    }
    Ok(match tree.poll() {
        Some(Ended::Status(status)) => status,
        Some(Ended::Signal(signal)) => 128 + signal,
        None => -1,
    })
}

/// Set once standard input is at its end. The thread ends with the process.
fn watch_input() -> Arc<AtomicBool> {
    let closed = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&closed);
    std::thread::spawn(move || {
        let mut byte = [0];
        while let Ok(1..) = io::stdin().read(&mut byte) {}
        flag.store(true, Ordering::Relaxed);
    });
    closed
}
