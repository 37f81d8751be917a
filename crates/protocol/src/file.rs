//! Files of a run, from the agent's folder to the controller's.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::RunId;

/// A file of a run that can be fetched. There is no path: nothing else can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RunFile {
    /// Gatling's own log.
    SimulationLog,
    /// What Gatling's JVM printed (capped).
    Output,
    /// What the build printed (capped).
    BuildOutput,
}

impl RunFile {
    /// The file's name in a run's folder, on both sides.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::SimulationLog => "simulation.log",
            Self::Output => "output.log",
            Self::BuildOutput => "build.log",
        }
    }
}

/// A question about a file of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileRequest {
    /// Its size and hash.
    Describe {
        /// The run.
        run: RunId,
        /// The file.
        file: RunFile,
    },
    /// Some of its bytes.
    Read {
        /// The run.
        run: RunId,
        /// The file.
        file: RunFile,
        /// First byte wanted.
        offset: u64,
        /// Bytes wanted, at most [`crate::version::MAX_CHUNK`].
        length: u32,
    },
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileAnswer {
    /// Size in bytes and SHA-256 of the whole file.
    Description {
        /// Bytes in the file.
        size: u64,
        /// Its SHA-256.
        sha256: [u8; 32],
    },
    /// Bytes from the offset asked for; fewer than asked only at the end of the file.
    Chunk(Vec<u8>),
    /// There is no such run or file here, or it could not be read: a sentence.
    Missing(String),
}

/// How a chunk's bytes travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ChunkEncoding {
    /// As they are.
    Raw,
    /// Compressed with zstd.
    Zstd,
}
