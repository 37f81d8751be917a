//! How the files of a folder lie on a stream: requests are CBOR; answers are one byte that says what
//! follows, and bytes that are compressed where that makes them fewer.

use std::io;

use bfgg_protocol::version::{MAX_ASKED_CHUNKS, MAX_CHUNK};
use bfgg_protocol::{SourceAnswer, SourceRequest};
use futures::{AsyncRead, AsyncWrite, AsyncWriteExt};
use libp2p::StreamProtocol;
use libp2p::request_response::Codec;

use super::{invalid, read_all, read_cbor, write_cbor};
use crate::packed::{COMPRESS_FROM, MAX_MISSING};

/// A hash is 66 bytes of CBOR.
const MAX_REQUEST: usize = MAX_ASKED_CHUNKS * 70 + 1024;
/// Bytes of an answer before it is compressed: each chunk has its length before it.
const MAX_ANSWER: usize = MAX_CHUNK + MAX_ASKED_CHUNKS * 4 + 8;

const MISSING: u8 = 0;
const MANIFEST: u8 = 1;
const CHUNKS: u8 = 2;
/// Added to the two above.
const COMPRESSED: u8 = 8;

#[derive(Clone)]
pub(crate) struct SourceCodec;

impl Codec for SourceCodec {
    type Protocol = StreamProtocol;
    type Request = SourceRequest;
    type Response = SourceAnswer;

    async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<SourceRequest>
    where
        T: AsyncRead + Unpin + Send,
    {
        read_cbor(io, MAX_REQUEST).await
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<SourceAnswer>
    where
        T: AsyncRead + Unpin + Send,
    {
        parse(&read_all(io, MAX_ANSWER + 1).await?)
    }

    async fn write_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        request: SourceRequest,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        write_cbor(io, request, MAX_REQUEST).await
    }

    async fn write_response<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        answer: SourceAnswer,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        io.write_all(&write(answer)?).await
    }
}

fn write(answer: SourceAnswer) -> io::Result<Vec<u8>> {
    let (kind, body) = match answer {
        SourceAnswer::Missing(reason) => {
            let cut = reason.floor_char_boundary(MAX_MISSING);
            let mut bytes = vec![MISSING];
            bytes.extend_from_slice(&reason.as_bytes()[..cut]);
            return Ok(bytes);
        }
        SourceAnswer::Manifest { size, bytes } => {
            let mut body = size.to_be_bytes().to_vec();
            body.extend_from_slice(&bytes);
            (MANIFEST, body)
        }
        SourceAnswer::Chunks(chunks) => {
            let mut body = Vec::new();
            for chunk in &chunks {
                let length = u32::try_from(chunk.len()).map_err(invalid)?;
                body.extend_from_slice(&length.to_be_bytes());
                body.extend_from_slice(chunk);
            }
            (CHUNKS, body)
        }
    };
    if body.len() > MAX_ANSWER {
        return Err(invalid(format!("an answer of {} bytes", body.len())));
    }
    let small = (body.len() >= COMPRESS_FROM)
        .then(|| zstd::bulk::compress(&body, 1))
        .transpose()?
        .filter(|small| small.len() < body.len());
    let (kind, body) = match small {
        Some(small) => (kind + COMPRESSED, small),
        None => (kind, body),
    };
    let mut bytes = Vec::with_capacity(body.len() + 1);
    bytes.push(kind);
    bytes.extend_from_slice(&body);
    Ok(bytes)
}

fn parse(bytes: &[u8]) -> io::Result<SourceAnswer> {
    let (&kind, body) = bytes
        .split_first()
        .ok_or_else(|| invalid("an empty answer"))?;
    if kind == MISSING && body.len() <= MAX_MISSING {
        let reason = String::from_utf8_lossy(body).into_owned();
        return Ok(SourceAnswer::Missing(reason));
    }
    let whole;
    let (kind, mut body) = match kind.checked_sub(COMPRESSED) {
        None => (kind, body),
        Some(kind) => {
            whole = zstd::bulk::decompress(body, MAX_ANSWER)?;
            (kind, whole.as_slice())
        }
    };
    match kind {
        MANIFEST => {
            let (size, bytes) = body
                .split_first_chunk::<8>()
                .ok_or_else(|| invalid("a cut list of files"))?;
            Ok(SourceAnswer::Manifest {
                size: u64::from_be_bytes(*size),
                bytes: bytes.to_vec(),
            })
        }
        CHUNKS => {
            let mut chunks = Vec::new();
            while let Some((length, rest)) = body.split_first_chunk::<4>() {
                let length = u32::from_be_bytes(*length) as usize;
                if length > rest.len() || chunks.len() >= MAX_ASKED_CHUNKS {
                    return Err(invalid("a cut chunk, or too many"));
                }
                let (chunk, after) = rest.split_at(length);
                chunks.push(chunk.to_vec());
                body = after;
            }
            match body.is_empty() {
                true => Ok(SourceAnswer::Chunks(chunks)),
                false => Err(invalid("a cut chunk")),
            }
        }
        _ => Err(invalid(format!("an unknown answer of kind {kind}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_survive_the_wire() {
        let mut noise = Vec::new();
        let mut state = 7u64;
        while noise.len() < MAX_CHUNK {
            state = state.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
            noise.push((state >> 56) as u8);
        }
        for answer in [
            SourceAnswer::Missing("no such run".into()),
            SourceAnswer::Manifest {
                size: u64::MAX,
                bytes: Vec::new(),
            },
            SourceAnswer::Manifest {
                size: 5,
                bytes: vec![7; MAX_CHUNK],
            },
            SourceAnswer::Chunks(Vec::new()),
            SourceAnswer::Chunks(vec![Vec::new(), b"short".to_vec(), vec![0; 70_000]]),
            SourceAnswer::Chunks(vec![vec![1; 4096]; MAX_ASKED_CHUNKS]),
            SourceAnswer::Chunks(vec![noise]),
        ] {
            let bytes = write(answer.clone()).unwrap();
            assert!(bytes.len() <= MAX_ANSWER + 1);
            assert!(parse(&bytes).unwrap() == answer);
        }
    }

    #[test]
    fn what_is_damaged_or_too_large_is_refused() {
        let mut bomb = vec![CHUNKS + COMPRESSED];
        bomb.extend(zstd::bulk::compress(&vec![0; MAX_ANSWER * 4], 1).unwrap());
        for bytes in [
            &[][..],
            &[9],
            &[77, 1],
            &[MANIFEST, 1, 2],
            &[CHUNKS, 0, 0],
            &[CHUNKS, 0, 0, 0, 2, 1],
            &[CHUNKS, 0xff, 0xff, 0xff, 0xff, 1],
            &[CHUNKS + COMPRESSED, 1, 2, 3],
            &[vec![CHUNKS], vec![0; 4 * (MAX_ASKED_CHUNKS + 1)]].concat(),
            &bomb,
        ] {
            assert!(parse(bytes).is_err(), "{:?}", &bytes[..bytes.len().min(9)]);
        }
        assert!(write(SourceAnswer::Chunks(vec![vec![0; MAX_CHUNK]; 2])).is_err());
    }
}
