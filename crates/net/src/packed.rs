//! A file's answer as it travels: one byte that says what follows. Packing and opening are work for a
//! thread that may be busy, not for the tasks that keep connections alive.

use std::io::{self, ErrorKind};

use bfgg_protocol::FileAnswer;
use bfgg_protocol::version::MAX_CHUNK;

/// The longest answer: what zstd adds to a chunk that it cannot compress is less, and such chunks travel
/// raw.
pub(crate) const MAX_PACKED: usize = MAX_CHUNK + 64;
/// Bytes in a chunk worth the effort of compressing.
pub(crate) const COMPRESS_FROM: usize = 256;
/// zstd's fast levels are below zero. A log becomes a third of its size, twice as quickly as at level 1,
/// which makes a bit more than a quarter of it.
const LEVEL: i32 = -1;
/// A sentence.
pub(crate) const MAX_MISSING: usize = 4096;

const MISSING: u8 = 0;
const DESCRIPTION: u8 = 1;
const RAW_CHUNK: u8 = 2;
const ZSTD_CHUNK: u8 = 3;

/// The bytes of an answer. Those of a peer may be anything until they are opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Packed(Vec<u8>);

impl Packed {
    /// Bytes that came, no more than [`MAX_PACKED`].
    pub(crate) fn received(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Packs an answer, and compresses it where that makes it smaller.
    pub(crate) fn of(answer: FileAnswer) -> io::Result<Self> {
        write_answer(answer).map(Self)
    }

    /// The answer. It takes no more memory than a chunk may have.
    pub(crate) fn open(&self) -> io::Result<FileAnswer> {
        parse_answer(&self.0)
    }
}

fn invalid(cause: impl ToString) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, cause.to_string())
}

fn write_answer(answer: FileAnswer) -> io::Result<Vec<u8>> {
    Ok(match answer {
        FileAnswer::Missing(reason) => {
            let mut bytes = vec![MISSING];
            let cut = reason.floor_char_boundary(MAX_MISSING);
            bytes.extend_from_slice(&reason.as_bytes()[..cut]);
            bytes
        }
        FileAnswer::Description { size, sha256 } => {
            let mut bytes = vec![DESCRIPTION];
            bytes.extend_from_slice(&size.to_be_bytes());
            bytes.extend_from_slice(&sha256);
            bytes
        }
        FileAnswer::Chunk(chunk) if chunk.len() > MAX_CHUNK => {
            return Err(invalid(format!("a chunk of {} bytes", chunk.len())));
        }
        FileAnswer::Chunk(chunk) => {
            let small = (chunk.len() >= COMPRESS_FROM)
                .then(|| zstd::bulk::compress(&chunk, LEVEL))
                .transpose()?
                .filter(|small| small.len() < chunk.len());
            let (kind, body) = match small {
                Some(small) => (ZSTD_CHUNK, small),
                None => (RAW_CHUNK, chunk),
            };
            let mut bytes = Vec::with_capacity(body.len() + 1);
            bytes.push(kind);
            bytes.extend_from_slice(&body);
            bytes
        }
    })
}

fn parse_answer(bytes: &[u8]) -> io::Result<FileAnswer> {
    let (&kind, body) = bytes
        .split_first()
        .ok_or_else(|| invalid("an empty answer"))?;
    Ok(match kind {
        MISSING if body.len() <= MAX_MISSING => {
            FileAnswer::Missing(String::from_utf8_lossy(body).into_owned())
        }
        DESCRIPTION => {
            let (size, hash) = body
                .split_first_chunk::<8>()
                .ok_or_else(|| invalid("a cut description"))?;
            let sha256 = hash
                .try_into()
                .map_err(|_| invalid("a hash of the wrong length"))?;
            FileAnswer::Description {
                size: u64::from_be_bytes(*size),
                sha256,
            }
        }
        RAW_CHUNK if body.len() <= MAX_CHUNK => FileAnswer::Chunk(body.to_vec()),
        ZSTD_CHUNK => FileAnswer::Chunk(zstd::bulk::decompress(body, MAX_CHUNK)?),
        _ => {
            return Err(invalid(format!(
                "an unknown or oversized answer of kind {kind}"
            )));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_survive_the_wire() {
        let noise: Vec<u8> = (0..MAX_CHUNK as u64)
            .map(|i| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33) as u8)
            .collect();
        for answer in [
            FileAnswer::Missing("no such run".into()),
            FileAnswer::Description {
                size: u64::MAX,
                sha256: [7; 32],
            },
            FileAnswer::Chunk(Vec::new()),
            FileAnswer::Chunk(b"short".to_vec()),
            FileAnswer::Chunk(vec![0; MAX_CHUNK]),
            FileAnswer::Chunk(noise),
        ] {
            let bytes = write_answer(answer.clone()).unwrap();
            assert!(bytes.len() <= MAX_PACKED);
            assert_eq!(parse_answer(&bytes).unwrap(), answer);
        }
    }

    #[test]
    fn a_chunk_that_grows_beyond_the_limit_is_refused() {
        let mut bytes = vec![ZSTD_CHUNK];
        bytes.extend(zstd::bulk::compress(&vec![0; MAX_CHUNK * 4], 1).unwrap());
        assert!(parse_answer(&bytes).is_err());
        assert!(write_answer(FileAnswer::Chunk(vec![0; MAX_CHUNK + 1])).is_err());
    }

    #[test]
    fn damaged_answers_are_refused() {
        for bytes in [&[][..], &[9], &[DESCRIPTION, 1, 2], &[ZSTD_CHUNK, 1, 2, 3]] {
            assert!(parse_answer(bytes).is_err(), "{bytes:?}");
        }
    }
}
