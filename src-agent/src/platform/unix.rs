//! Linux and macOS (the latter untested).

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::process::{Pid, Resource, Signal, WaitOptions};

use super::Ended;

/// Makes this process the head of all that it will start: a session of its own, so that no
/// terminal's signal ends it, and (on Linux) the parent of every orphan below it, so that a child
/// which calls `setsid` cannot get away.
pub(crate) fn lead_descendants() -> io::Result<()> {
    // EPERM: already the head of a session or group, which is as good.
    match rustix::process::setsid() {
        Ok(_) | Err(rustix::io::Errno::PERM) => {}
        Err(error) => return Err(error.into()),
    }
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    Ok(())
}

/// Set once a signal asks this process to end.
pub(crate) fn interrupted() -> io::Result<Arc<AtomicBool>> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&flag))?;
    }
    Ok(flag)
}

/// Ends when a signal or the terminal asks this process to end.
pub(crate) fn asked_to_end() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hang_up.recv() => {}
        }
    })
}

/// A program and all that comes of it. This process must [`lead_descendants`] and start no other.
#[derive(Debug)]
pub(crate) struct Tree {
    head: Pid,
    ended: Option<Ended>,
}

impl Tree {
    /// Starts the program.
    pub(crate) fn spawn(mut command: Command) -> io::Result<Self> {
        let child = command.spawn()?;
        // From here on the child is reaped by `poll`, with every orphan that comes to us.
        let head = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let head = head.ok_or_else(|| io::Error::other("a process without an id"))?;
        Ok(Self { head, ended: None })
    }

    /// How the program ended, once it has.
    pub(crate) fn poll(&mut self) -> Option<Ended> {
        while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::NOHANG) {
            if pid == self.head {
                let by_signal = status.terminating_signal().map(Ended::Signal);
                self.ended = by_signal.or(status.exit_status().map(Ended::Status));
            }
        }
        self.ended
    }

    /// Whether nothing of the tree is left.
    pub(crate) fn is_gone(&mut self) -> bool {
        self.poll().is_some() && descendants().is_empty()
    }

    /// Asks everything to end.
    pub(crate) fn terminate(&mut self) {
        self.signal(Signal::TERM);
    }

    /// Ends everything that is there now; call it again until [`Tree::is_gone`].
    pub(crate) fn kill(&mut self) {
        self.signal(Signal::KILL);
    }

    fn signal(&mut self, signal: Signal) {
        self.poll();
        for pid in descendants() {
            // It may have ended in the meantime: no error. Its id is nobody else's, for those who
            // end without a parent are reaped by us alone.
            let _ = rustix::process::kill_process(pid, signal);
        }
    }
}

/// All living descendants of this process; zombies are not alive.
fn descendants() -> Vec<Pid> {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    for (pid, parent) in processes() {
        children.entry(parent).or_default().push(pid);
    }
    let mut found = Vec::new();
    let mut open = vec![rustix::process::getpid().as_raw_nonzero().get()];
    while let Some(parent) = open.pop() {
        for &pid in children.get(&parent).map(Vec::as_slice).unwrap_or_default() {
            found.extend(Pid::from_raw(pid));
            open.push(pid);
        }
    }
    found
}

/// Process and parent of all living processes.
#[cfg(target_os = "linux")]
fn processes() -> Vec<(i32, i32)> {
    let Ok(folder) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let ids = folder
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter_map(|pid: i32| {
        let stat = Stat::read(pid.unsigned_abs())?;
        (!matches!(stat.state(), "Z" | "X")).then_some((pid, stat.field(4)?.parse().ok()?))
    })
    .collect()
}

/// `/proc/<pid>/stat`, its fields numbered as in proc(5).
#[cfg(target_os = "linux")]
struct Stat(String);

#[cfg(target_os = "linux")]
impl Stat {
    fn read(pid: u32) -> Option<Self> {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The second field is a name in parentheses that may hold anything.
        Some(Self(text.rsplit_once(')')?.1.to_owned()))
    }

    fn field(&self, number: usize) -> Option<&str> {
        self.0.split_whitespace().nth(number - 3)
    }

    fn state(&self) -> &str {
        self.field(3).unwrap_or("X")
    }
}

/// What tells this process from any other that ever had its id: `None` once it has ended.
#[cfg(target_os = "linux")]
pub(crate) fn process_identity(pid: u32) -> Option<String> {
    let stat = Stat::read(pid)?;
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let living = !matches!(stat.state(), "Z" | "X");
    living.then(|| format!("{} {}", boot.trim(), stat.field(22).unwrap_or_default()))
}

#[cfg(not(target_os = "linux"))]
fn processes() -> Vec<(i32, i32)> {
    let Some(system) = crate::process::all() else {
        return Vec::new();
    };
    let pairs = system.processes().iter().filter_map(|(pid, process)| {
        let parent = i32::try_from(process.parent()?.as_u32()).ok()?;
        Some((i32::try_from(pid.as_u32()).ok()?, parent))
    });
    pairs.collect()
}

/// What tells this process from any other that ever had its id: `None` once it has ended.
#[cfg(not(target_os = "linux"))]
pub(crate) fn process_identity(pid: u32) -> Option<String> {
    crate::process::identity(pid)
}

/// Lets a program outlive this one: it leads a session of its own (see [`lead_descendants`]).
pub(crate) fn detach(_command: &mut Command) {}

/// Opens a new file that only this user can read.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

/// Puts a file in another's place, all or nothing, and makes that last.
pub(crate) fn replace(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)?;
    // The name is in the folder: without this a power cut may bring the old file back.
    File::open(to.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// How many files this process may have open, and how many it may allow itself; `None` for no limit.
pub(crate) fn open_file_limits() -> Option<(Option<u64>, Option<u64>)> {
    let limits = rustix::process::getrlimit(Resource::Nofile);
    Some((limits.current, limits.maximum))
}

/// How to call the Maven wrapper of a project, whether its file may be executed or not.
pub(crate) fn maven_wrapper(module: &Path) -> Option<(PathBuf, Vec<String>)> {
    let wrapper = module.join("mvnw");
    wrapper.is_file().then(|| {
        (
            PathBuf::from("sh"),
            vec![wrapper.to_string_lossy().into_owned()],
        )
    })
}

/// Folders whose entries may be JDKs.
pub(crate) fn jdk_folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = if cfg!(target_os = "macos") {
        [
            "/Library/Java/JavaVirtualMachines",
            "/opt/homebrew/opt",
            "/usr/local/opt",
        ]
        .map(PathBuf::from)
        .into()
    } else {
        ["/usr/lib/jvm", "/usr/java", "/opt", "/opt/java"]
            .map(PathBuf::from)
            .into()
    };
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let at_home = [
        ".sdkman/candidates/java",
        ".local/share/mise/installs/java",
        ".asdf/installs/java",
        ".jdks",
        "Library/Java/JavaVirtualMachines",
    ];
    folders.extend(
        home.iter()
            .flat_map(|home| at_home.map(|folder| home.join(folder))),
    );
    folders
}
