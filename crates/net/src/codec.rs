//! How messages lie on a stream. Every length is checked before memory is taken.

mod source;

use std::io::{self, ErrorKind};
use std::marker::PhantomData;

use bfgg_protocol::{FileRequest, decode, encode};
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use libp2p::StreamProtocol;
use libp2p::request_response::Codec;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use source::SourceCodec;

use crate::packed::{MAX_PACKED, Packed};

/// A request for a file is a few fields.
const MAX_FILE_REQUEST: usize = 1024;

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

/// File requests are CBOR; answers are packed already.
#[derive(Clone)]
pub(crate) struct FileCodec;

impl Codec for FileCodec {
    type Protocol = StreamProtocol;
    type Request = FileRequest;
    type Response = Packed;

    async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<FileRequest>
    where
        T: AsyncRead + Unpin + Send,
    {
        read_cbor(io, MAX_FILE_REQUEST).await
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Packed>
    where
        T: AsyncRead + Unpin + Send,
    {
        read_all(io, MAX_PACKED).await.map(Packed::received)
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
        res: Packed,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        io.write_all(res.bytes()).await
    }
}
