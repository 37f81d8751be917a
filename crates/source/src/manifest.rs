//! The list of a snapshot's files.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Write;

use bfgg_protocol::ContentHash;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use crate::{MAX_BYTES, MAX_CHUNK, MAX_FILES, MAX_MANIFEST, SourceError, path};

/// The first line of a manifest's bytes.
const HEAD: &str = "bfgg-source 1";

/// A file of a snapshot, or a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Entry {
    /// From the snapshot's folder, with `/` between names.
    pub path: String,
    /// Whether it can be executed.
    #[serde(default)]
    pub executable: bool,
    /// Bytes; 0 of a link.
    #[serde(default)]
    pub size: u64,
    /// Its bytes: the SHA-256 of each chunk, in order, of 1 MiB at most. None of an empty file and
    /// of a link.
    #[serde(default)]
    pub chunks: Vec<ContentHash>,
    /// Of a link what it names, from its own folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// The files of a snapshot, by path: checked, so that they can be written to a folder of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    entries: Vec<Entry>,
}

impl Manifest {
    /// Takes entries in any order.
    ///
    /// # Errors
    /// Paths that are not accepted, that overlap or differ by case alone; links that lead out; chunks
    /// that do not fit; more of anything than is accepted.
    pub fn new(mut entries: Vec<Entry>) -> Result<Self, SourceError> {
        if entries.len() > MAX_FILES {
            return Err(SourceError::TooManyFiles);
        }
        entries
            .iter()
            .try_for_each(|entry| path::check(&entry.path))?;
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        check_tree(&entries)?;
        let out = |entry: &&Entry| {
            let link = entry.link.as_ref();
            link.is_some_and(|link| !path::leads_inside(&entry.path, link))
        };
        let links: Vec<String> = entries
            .iter()
            .filter(out)
            .map(|entry| entry.path.clone())
            .collect();
        if !links.is_empty() {
            return Err(SourceError::LinksOut { links });
        }
        let mut bytes = 0u64;
        for entry in &entries {
            check_size(entry)?;
            bytes = bytes.saturating_add(entry.size);
        }
        if bytes > MAX_BYTES {
            return Err(SourceError::TooLarge);
        }
        let manifest = Self { entries };
        if manifest.encode().len() > MAX_MANIFEST {
            return Err(SourceError::LongManifest);
        }
        Ok(manifest)
    }

    /// By path.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The same, to be passed on.
    pub fn into_entries(self) -> Vec<Entry> {
        self.entries
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(|entry| entry.size).sum()
    }

    /// Each chunk once, in the order of the files.
    pub fn chunks(&self) -> Vec<ContentHash> {
        let mut seen = HashSet::new();
        let all = self.entries.iter().flat_map(|entry| &entry.chunks);
        all.filter(|hash| seen.insert(**hash)).copied().collect()
    }

    /// What all agents of a run report: it names every byte of every file, their paths, and which of
    /// them can be executed. Where the files come from makes no difference.
    pub fn id(&self) -> ContentHash {
        ContentHash::of(&self.encode())
    }

    /// The manifest's bytes: a line for each entry, its fields with a tab between them. There is one way
    /// only to write the same files.
    pub fn encode(&self) -> Vec<u8> {
        let mut text = format!("{HEAD}\n");
        for entry in &self.entries {
            // Neither a path nor a link's target has a tab or a line break.
            let _ = match &entry.link {
                Some(target) => writeln!(text, "link\t{}\t{target}", entry.path),
                None => {
                    let kind = if entry.executable { "exec" } else { "file" };
                    let chunks: Vec<String> =
                        entry.chunks.iter().map(ToString::to_string).collect();
                    writeln!(
                        text,
                        "{kind}\t{}\t{}\t{}",
                        entry.path,
                        entry.size,
                        chunks.join(",")
                    )
                }
            };
        }
        text.into_bytes()
    }

    /// Reads a manifest's bytes, with the checks of [`Manifest::new`].
    ///
    /// # Errors
    /// As there, and for bytes that [`Manifest::encode`] would not write.
    pub fn decode(bytes: &[u8]) -> Result<Self, SourceError> {
        if bytes.len() > MAX_MANIFEST {
            return Err(SourceError::LongManifest);
        }
        let bad = |line: usize| SourceError::NoManifest { line };
        let text = std::str::from_utf8(bytes).map_err(|_| bad(1))?;
        let mut lines = text.lines();
        if lines.next() != Some(HEAD) {
            return Err(bad(1));
        }
        let mut entries = Vec::new();
        for (number, line) in lines.enumerate() {
            if entries.len() >= MAX_FILES {
                return Err(SourceError::TooManyFiles);
            }
            entries.push(entry(line).ok_or_else(|| bad(number + 2))?);
        }
        let manifest = Self::new(entries)?;
        match manifest.encode() == bytes {
            true => Ok(manifest),
            false => Err(bad(1)),
        }
    }
}

fn entry(line: &str) -> Option<Entry> {
    let mut fields = line.split('\t');
    let (kind, path) = (fields.next()?, fields.next()?.to_owned());
    let entry = match kind {
        "link" => Entry {
            path,
            executable: false,
            size: 0,
            chunks: Vec::new(),
            link: Some(fields.next()?.to_owned()),
        },
        "file" | "exec" => {
            let size = fields.next()?.parse().ok()?;
            let chunks = fields.next()?;
            let chunks = chunks.split(',').filter(|chunk| !chunk.is_empty());
            Entry {
                path,
                executable: kind == "exec",
                size,
                chunks: chunks
                    .map(|chunk| chunk.parse().ok())
                    .collect::<Option<_>>()?,
                link: None,
            }
        }
        _ => return None,
    };
    fields.next().is_none().then_some(entry)
}

/// No path is there twice, lies below a file or a link, or differs from another one, or from a part
/// of it, by case alone.
fn check_tree(entries: &[Entry]) -> Result<(), SourceError> {
    let mut ends = BTreeSet::new();
    for entry in entries {
        if !ends.insert(entry.path.as_str()) {
            return Err(overlapping(&entry.path));
        }
    }
    // Each folder and file, as a system sees it that takes upper case for lower case.
    let mut seen: HashMap<String, &str> = HashMap::new();
    for entry in entries {
        let path = entry.path.as_str();
        let cuts = path.match_indices('/').map(|(at, _)| &path[..at]);
        for folder in cuts.clone() {
            if ends.contains(folder) {
                return Err(overlapping(path));
            }
        }
        for part in cuts.chain([path]) {
            let known = seen.entry(part.to_lowercase()).or_insert(part);
            if *known != part {
                return Err(SourceError::SameInOtherCase {
                    one: (*known).to_owned(),
                    other: part.to_owned(),
                });
            }
        }
    }
    Ok(())
}

fn overlapping(path: &str) -> SourceError {
    let path = path.to_owned();
    SourceError::Overlapping { path }
}

fn check_size(entry: &Entry) -> Result<(), SourceError> {
    let count = entry.chunks.len() as u64;
    let fits = count <= entry.size
        && entry.size <= count.saturating_mul(MAX_CHUNK as u64)
        && (entry.link.is_none() || (entry.size == 0 && !entry.executable));
    match fits {
        true => Ok(()),
        false => Err(SourceError::Chunks {
            path: entry.path.clone(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> Entry {
        let chunks = match text {
            "" => Vec::new(),
            _ => vec![ContentHash::of(text.as_bytes())],
        };
        Entry {
            path: path.into(),
            executable: false,
            size: text.len() as u64,
            chunks,
            link: None,
        }
    }

    fn link(path: &str, target: &str) -> Entry {
        Entry {
            link: Some(target.into()),
            ..file(path, "")
        }
    }

    #[test]
    fn the_bytes_are_the_same_in_any_order_and_read_back() {
        let mut entries = vec![
            file("b/größe.txt", "x"),
            Entry {
                executable: true,
                ..file("mvnw", "#!/bin/sh")
            },
            file("b/empty", ""),
            link("a", "b/empty"),
        ];
        let manifest = Manifest::new(entries.clone()).unwrap();
        entries.reverse();
        assert_eq!(Manifest::new(entries).unwrap(), manifest);
        let text = String::from_utf8(manifest.encode()).unwrap();
        let [x, sh] = ["x", "#!/bin/sh"].map(|text| ContentHash::of(text.as_bytes()));
        let expected = format!(
            "bfgg-source 1\nlink\ta\tb/empty\nfile\tb/empty\t0\t\nfile\tb/größe.txt\t1\t{x}\nexec\tmvnw\t9\t{sh}\n"
        );
        assert_eq!(text, expected);
        assert_eq!(Manifest::decode(text.as_bytes()).unwrap(), manifest);
        assert_eq!(manifest.bytes(), 10);
        assert_eq!(manifest.id(), ContentHash::of(expected.as_bytes()));
    }

    #[test]
    fn what_would_harm_is_refused() {
        let many = |count: usize| {
            (0..count)
                .map(|n| file(&n.to_string(), ""))
                .collect::<Vec<_>>()
        };
        let huge = Entry {
            size: MAX_BYTES + 1,
            chunks: vec![ContentHash::of(b"x"); 5000],
            ..file("a", "")
        };
        for (entries, says) in [
            (vec![file("../a", "")], "no name"),
            (vec![file("/a", "")], "absolute"),
            (vec![file("a/.git/config", "")], "git's own"),
            (vec![file("a", ""), file("a", "x")], "twice"),
            (vec![file("a", ""), file("a/b", "")], "below"),
            // "a.x" is sorted between the two.
            (
                vec![file("a", ""), file("a.x", ""), file("a/b", "")],
                "below",
            ),
            (vec![link("a", "b"), file("a/b", "")], "below"),
            (vec![file("A", ""), file("a", "")], "upper case"),
            (
                vec![file("src/A/x", ""), file("src/a/y", "")],
                "\"src/A\" and \"src/a\"",
            ),
            (
                vec![link("a", "/etc"), link("b/c", "../../x"), link("d", "b")],
                "links lead out of the folder",
            ),
            (
                vec![Entry {
                    size: 2,
                    ..file("a", "")
                }],
                "do not fit",
            ),
            (
                vec![Entry {
                    size: 0,
                    ..file("a", "x")
                }],
                "do not fit",
            ),
            (
                vec![Entry {
                    size: 1 << 21,
                    ..file("a", "x")
                }],
                "do not fit",
            ),
            (
                vec![Entry {
                    executable: true,
                    ..link("a", "b")
                }],
                "do not fit",
            ),
            (many(MAX_FILES + 1), "more than 50000"),
            (vec![huge], "more than 4 GiB"),
        ] {
            let error = Manifest::new(entries).unwrap_err().to_string();
            assert!(error.contains(says), "{error} / {says}");
        }
        assert!(Manifest::new(many(MAX_FILES)).is_ok());
    }

    #[test]
    fn other_bytes_are_no_manifest() {
        let good = Manifest::new(vec![file("a", "x"), file("b", "")])
            .unwrap()
            .encode();
        let good = String::from_utf8(good).unwrap();
        for bad in [
            String::new(),
            "bfgg-source 2\n".into(),
            good.trim_end().to_owned(),
            good.replace("file\ta\t1", "file\ta\t01"),
            good.replace("file\ta\t1", "dir\ta\t1"),
            good.replace('\n', "\r\n"),
            good.replace("\t0\t", "\t0\t\tx"),
            good.replace("\t0\t", "\t0\t,"),
            format!("{good}\n"),
            {
                let mut lines: Vec<&str> = good.lines().collect();
                lines.swap(1, 2);
                lines.join("\n") + "\n"
            },
        ] {
            assert!(Manifest::decode(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(Manifest::decode(&[0xff, 0xfe]).is_err());
        assert!(Manifest::decode(&vec![b'x'; MAX_MANIFEST + 1]).is_err());
        assert_eq!(
            Manifest::decode(good.as_bytes()).unwrap().encode(),
            good.as_bytes()
        );
    }
}
