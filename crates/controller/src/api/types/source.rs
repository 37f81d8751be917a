//! Where a run's project is: a repository, or a folder that was sent here.

use bfgg_protocol::ContentHash;
use bfgg_source::{Entry, Packed};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// Where the project is: at a URL, or in a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Source {
    /// The Git repository's URL: https, http, ssh or scp form. Empty where there is a snapshot.
    #[serde(default)]
    pub url: String,
    /// Branch, tag or commit; the repository's default branch if absent. None of a snapshot.
    #[serde(default)]
    pub reference: Option<String>,
    /// The module's folder inside the repository, or inside the folder that was sent.
    #[serde(default)]
    pub folder: Option<String>,
    /// A folder's files, sent by `POST /api/v1/sources`, in the place of a repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<Snapshot>,
}

/// A folder as it was when it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields)]
pub struct Snapshot {
    /// The SHA-256 of the list of its files, as `POST /api/v1/sources` answers it: all agents have
    /// the same bytes.
    pub id: ContentHash,
    /// The folder's name, for people.
    pub name: String,
    /// The commit its work tree was on, in full; none where there was no git, or no commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_commit: Option<String>,
    /// Whether files differed from that commit, or were not in it.
    #[serde(default)]
    pub dirty: bool,
}

impl Source {
    /// In a few words: the URL and what of it, or the folder and its state.
    pub fn shown(&self) -> String {
        let mut text = match &self.snapshot {
            Some(snapshot) => snapshot.shown(),
            None => self.url.clone(),
        };
        if let Some(reference) = &self.reference {
            text = format!("{text} at {reference}");
        }
        match &self.folder {
            Some(folder) => format!("{text}, module {folder}"),
            None => text,
        }
    }
}

impl Snapshot {
    /// Names a folder that was packed in a run, by the id of its snapshot.
    pub fn of(packed: &Packed, id: ContentHash) -> Self {
        let git = packed.git.as_ref();
        Self {
            id,
            name: packed.shown_name(),
            base_commit: git.and_then(|git| git.commit.clone()),
            dirty: git.is_some_and(|git| git.dirty),
        }
    }

    /// `folder shop-tests, on 1a2b3c4 with uncommitted changes, snapshot 5f6e0a1b2c3d`
    pub fn shown(&self) -> String {
        let state = match (&self.base_commit, self.dirty) {
            (Some(commit), dirty) => {
                let short: String = commit.chars().take(7).collect();
                let changes = if dirty {
                    " with uncommitted changes"
                } else {
                    ""
                };
                format!("on {short}{changes}")
            }
            (None, true) => "not committed".to_owned(),
            (None, false) => "not in git".to_owned(),
        };
        format!(
            "folder {}, {state}, snapshot {}",
            self.name,
            self.id.short()
        )
    }
}

/// The files of a folder: `POST /api/v1/sources`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceOffer {
    /// All files and links, in any order.
    pub entries: Vec<Entry>,
}

/// What the controller has of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct SourceState {
    /// Its id, for [`Snapshot::id`].
    pub id: ContentHash,
    /// Files and links.
    pub files: u32,
    /// Bytes of all files.
    pub bytes: u64,
    /// Chunks that are not here: send them by `POST /api/v1/sources/{id}/chunks`. None once it is
    /// complete, and a run can be made of it.
    pub missing: Vec<ContentHash>,
}

/// What is missing still: `POST /api/v1/sources/{id}/chunks`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct SourceProgress {
    /// Chunks of this call that were taken.
    pub taken: u32,
    /// Chunks that are not here.
    pub missing: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ran_in_words() {
        let id = ContentHash::of(b"x");
        let mut snapshot = Snapshot {
            id,
            name: "shop-tests".into(),
            base_commit: Some("1a2b3c4d5e6f".repeat(4)),
            dirty: true,
        };
        let end = format!("snapshot {}", &id.to_string()[..12]);
        let changed = format!("folder shop-tests, on 1a2b3c4 with uncommitted changes, {end}");
        assert_eq!(snapshot.shown(), changed);
        let source = Source {
            folder: Some("load".into()),
            snapshot: Some(snapshot.clone()),
            ..Source::default()
        };
        assert_eq!(source.shown(), format!("{changed}, module load"));
        snapshot.dirty = false;
        assert_eq!(
            snapshot.shown(),
            format!("folder shop-tests, on 1a2b3c4, {end}")
        );
        snapshot.base_commit = None;
        assert_eq!(
            snapshot.shown(),
            format!("folder shop-tests, not in git, {end}")
        );
        let source = Source {
            url: "https://git.example/shop.git".into(),
            reference: Some("main".into()),
            ..Source::default()
        };
        assert_eq!(source.shown(), "https://git.example/shop.git at main");
    }
}
