//! Protocol names and the versions each side speaks.

use crate::PeerId;

/// Registration, frozen: an old agent must always be able to say how old it is.
pub const REGISTRATION: &str = "/bfgg/registration/1";
/// Pairing by the code that an agent shows. As registration, open to who is not trusted yet.
pub const PAIRING: &str = "/bfgg/pairing/1";
/// Tasks from the controller to an agent.
pub const TASK: &str = "/bfgg/task/1";
/// Live figures from an agent to its run's controller.
pub const TELEMETRY: &str = "/bfgg/telemetry/1";
/// Chunks of a run's files from an agent to the controller.
pub const FILE: &str = "/bfgg/file/1";
/// Pieces of what an agent's programs print, from an agent to the controller.
pub const OUTPUT: &str = "/bfgg/output/1";
/// Files of a folder that a run is made of, from its controller to an agent.
pub const SOURCE: &str = "/bfgg/source/1";

/// The newest protocol version this build speaks.
pub const CURRENT: u16 = 1;
/// The oldest protocol version this build speaks.
pub const OLDEST: u16 = 1;

/// The largest state message, in bytes.
pub const MAX_STATE: usize = 16 * 1024;
/// The largest registration message, in bytes.
pub const MAX_REGISTRATION: usize = 64 * 1024;
/// The largest pairing message, in bytes.
pub const MAX_PAIRING: usize = 8 * 1024;
/// The largest task request or receipt, in bytes.
pub const MAX_TASK: usize = 1024 * 1024;
/// The largest telemetry message, in bytes.
pub const MAX_TELEMETRY: usize = 4 * 1024 * 1024;
/// The most samples of a machine's load in one cell.
pub const MAX_CELL_HEALTH: usize = 64;
/// The largest chunk of a file, in bytes, before compression.
pub const MAX_CHUNK: usize = 1024 * 1024;
/// The most pieces of a folder's files asked for at once.
pub const MAX_ASKED_CHUNKS: usize = 256;
/// The largest piece of an output, in bytes.
pub const MAX_OUTPUT: usize = 64 * 1024;
/// Bytes of an output that an agent keeps of its beginning, and as many of its end.
pub const OUTPUT_KEPT: u64 = 4 * 1024 * 1024;

/// The gossipsub topic on which the agents of one controller publish their state.
pub fn state_topic(controller: &PeerId) -> String {
    format!("bfgg/state/1/{controller}")
}

/// The version two sides share, if their ranges meet: the highest both speak.
pub fn shared(oldest: u16, newest: u16) -> Option<u16> {
    let version = newest.min(CURRENT);
    (version >= oldest.max(OLDEST)).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_common_version_is_used() {
        assert_eq!(shared(1, 1), Some(1));
        assert_eq!(shared(1, 9), Some(CURRENT));
        assert_eq!(shared(CURRENT + 1, CURRENT + 4), None);
        assert_eq!(shared(0, 0), None);
    }
}
