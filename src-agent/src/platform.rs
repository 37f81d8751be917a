//! What differs by operating system. The Unix branch is tested on Linux; what macOS does
//! differently is untested, as is the Windows branch.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(not(target_os = "linux"))]
use elsewhere as load;
#[cfg(target_os = "linux")]
use linux as load;
#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(crate) use load::{Meter, counting_us, ephemeral_ports, kernel_setting};
pub(crate) use system::{
    Tree, asked_to_end, detach, interrupted, jdk_folders, lead_descendants, maven_wrapper,
    open_file_limits, open_private, process_identity, replace,
};

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// By itself, with a status.
    Status(i32),
    /// By a signal.
    #[cfg_attr(windows, expect(dead_code, reason = "Windows has no signals"))]
    Signal(i32),
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Status(status) => write!(f, "status {status}"),
            Self::Signal(signal) => write!(f, "signal {signal}"),
        }
    }
}

/// The name of a program's file: with `.exe` on Windows.
pub(crate) fn executable(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

/// Free bytes for this user where `path` is, or will be: the nearest folder that exists counts.
pub(crate) fn free_space(path: &std::path::Path) -> std::io::Result<u64> {
    let there = path.ancestors().find(|folder| folder.exists());
    fs4::available_space(there.unwrap_or(path))
}
