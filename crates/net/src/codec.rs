//! How messages and file chunks lie on a stream. Every length is checked before memory is taken.

mod source;

use std::io::{self, ErrorKind};
use std::marker::PhantomData;

use bfgg_protocol::version::MAX_CHUNK;
use bfgg_protocol::{FileAnswer, FileRequest, decode, encode};
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::StreamProtocol;
use libp2p::request_response::Codec;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use source::SourceCodec;

/// Bytes in a chunk worth the effort of compressing.
const COMPRESS_FROM: usize = 256;
/// A request for a file is a few fields.
const MAX_FILE_REQUEST: usize = 1024;
/// A sentence.
const MAX_MISSING: usize = 4096;

fn invalid(cause: impl ToString) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, cause.to_string())
}

/// Reads to the end of the stream, which must come within `limit` bytes.
async fn read_all<T: AsyncRead + Unpin + Send>(io: &mut T, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io.take(limit as u64 + 1).read_to_end(&mut bytes).await?;
    if bytes.len() > limit {
        return Err(invalid(format!(
            "a message is over the limit of {limit} bytes"
        )));
    }
    Ok(bytes)
}

async fn read_cbor<M: DeserializeOwned, T: AsyncRead + Unpin + Send>(
    io: &mut T,
    limit: usize,
) -> io::Result<M> {
    decode(&read_all(io, limit).await?, limit).map_err(invalid)
}

async fn write_cbor<M: Serialize, T: AsyncWrite + Unpin + Send>(
    io: &mut T,
    message: M,
    limit: usize,
) -> io::Result<()> {
    let bytes = encode(&message, limit).map_err(invalid)?;
    // The message is dropped before the stream is awaited: it need not be Sync.
    drop(message);
    io.write_all(&bytes).await
}

/// One CBOR message each way, both capped.
pub(crate) struct CborCodec<Req, Res> {
    limit: usize,
    messages: PhantomData<fn() -> (Req, Res)>,
}

impl<Req, Res> CborCodec<Req, Res> {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            messages: PhantomData,
        }
    }
}

impl<Req, Res> Clone for CborCodec<Req, Res> {
    fn clone(&self) -> Self {
        Self::new(self.limit)
    }
}

impl<Req, Res> Codec for CborCodec<Req, Res>
where
    Req: Serialize + DeserializeOwned + Send + 'static,
    Res: Serialize + DeserializeOwned + Send + 'static,
{
    type Protocol = StreamProtocol;
    type Request = Req;
    type Response = Res;

    async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Req>
    where
        T: AsyncRead + Unpin + Send,
    {
        read_cbor(io, self.limit).await
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Res>
    where
        T: AsyncRead + Unpin + Send,
    {
        read_cbor(io, self.limit).await
    }

    async fn write_request<T>(&mut self, _: &StreamProtocol, io: &mut T, req: Req) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        write_cbor(io, req, self.limit).await
    }

    async fn write_response<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        res: Res,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        write_cbor(io, res, self.limit).await
    }
}

/// File requests are CBOR; answers are raw: one byte that says what follows.
#[derive(Clone)]
pub(crate) struct FileCodec;

const MISSING: u8 = 0;
const DESCRIPTION: u8 = 1;
const RAW_CHUNK: u8 = 2;
const ZSTD_CHUNK: u8 = 3;

impl Codec for FileCodec {
    type Protocol = StreamProtocol;
    type Request = FileRequest;
    type Response = FileAnswer;

    async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<FileRequest>
    where
        T: AsyncRead + Unpin + Send,
    {
        read_cbor(io, MAX_FILE_REQUEST).await
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<FileAnswer>
    where
        T: AsyncRead + Unpin + Send,
    {
        // zstd adds a little to what it cannot compress; such chunks travel raw.
        parse_answer(&read_all(io, MAX_CHUNK + 64).await?)
    }

    async fn write_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        req: FileRequest,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        write_cbor(io, req, MAX_FILE_REQUEST).await
    }

    async fn write_response<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        res: FileAnswer,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        io.write_all(&write_answer(res)?).await
    }
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
                .then(|| zstd::bulk::compress(&chunk, 1))
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
            assert!(bytes.len() <= MAX_CHUNK + 64);
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
