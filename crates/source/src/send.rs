//! A packed folder's chunks as the bodies that a controller takes.

use bfgg_protocol::ContentHash;

use crate::{Packed, SourceError};

/// Bytes of chunks in one body.
const BODY: usize = 4 * 1024 * 1024;

impl Packed {
    /// Its name as it may be shown and kept: without control characters, 60 characters at most.
    pub fn shown_name(&self) -> String {
        let printable = |c: &char| !c.is_control();
        self.name.chars().filter(printable).take(60).collect()
    }

    /// Chunks by bodies, each of some 4 MiB.
    pub fn bodies(&self, missing: &[ContentHash]) -> Vec<Vec<ContentHash>> {
        let (mut bodies, mut bytes) = (Vec::<Vec<ContentHash>>::new(), usize::MAX);
        for chunk in missing {
            bytes = bytes.saturating_add(self.length(chunk) + 4);
            match bodies.last_mut() {
                Some(body) if bytes <= BODY => body.push(*chunk),
                _ => {
                    bytes = self.length(chunk) + 4;
                    bodies.push(vec![*chunk]);
                }
            }
        }
        bodies
    }

    /// Reads the chunks of one body: the length of each as 4 bytes, the highest first, and its bytes.
    ///
    /// # Errors
    /// [`SourceError::Changed`] where a file has other bytes by now.
    pub fn body(&self, chunks: &[ContentHash]) -> Result<Vec<u8>, SourceError> {
        let mut body = Vec::new();
        for chunk in chunks {
            let bytes = self.read(chunk)?;
            // A chunk has 1 MiB at most.
            let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            body.extend_from_slice(&length.to_be_bytes());
            body.extend_from_slice(&bytes);
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_sent_some_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..7u8 {
            let bytes = vec![number; 1 << 20];
            std::fs::write(folder.path().join(format!("{number}.bin")), bytes).unwrap();
        }
        let packed = crate::pack(folder.path(), &mut |_| true).unwrap();
        let all = packed.manifest.chunks();
        let calls = packed.bodies(&all);
        assert_eq!(calls.concat(), all);
        assert!(calls.len() >= 2 && packed.bodies(&[]).is_empty());
        for chunks in calls {
            let body = packed.body(&chunks).unwrap();
            assert!(body.len() <= BODY, "{}", body.len());
            let length = u32::from_be_bytes(body[..4].try_into().unwrap()) as usize;
            assert_eq!(ContentHash::of(&body[4..4 + length]), chunks[0]);
        }
    }
}
