//! The database: an index of runs, and what has no folder (admitted agents, the join secret).

mod saved_tests;

use std::path::Path;

use bfgg_protocol::{PeerId, RunId, Secret};
use rusqlite::{Connection, OptionalExtension, params};
use rusqlite_migration::{M, Migrations};

use crate::ControllerError;
use crate::api::types::Run;

/// Every change of the schema is a step here, never an edit of an earlier one.
const STEPS: &[M<'static>] = &[
    M::up(
        "CREATE TABLE agents (
        peer TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        group_name TEXT,
        dial TEXT,
        admitted_ms INTEGER NOT NULL
     ) STRICT;
     CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        created_ms INTEGER NOT NULL,
        state TEXT NOT NULL,
        json TEXT NOT NULL
     ) STRICT;
     CREATE INDEX runs_by_age ON runs (created_ms DESC);
     CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;",
    ),
    M::up(
        "CREATE TABLE ignored (
            peer TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            since_ms INTEGER NOT NULL
         ) STRICT;",
    ),
    M::up(saved_tests::STEP),
];

pub(crate) use saved_tests::SavedTest;

/// An agent that was admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AdmittedAgent {
    pub(crate) peer: PeerId,
    pub(crate) name: String,
    /// The group this controller has set; `None` leaves the agent's own.
    pub(crate) group: Option<String>,
    /// `host:port` where the controller dials it, if it was added by hand.
    pub(crate) dial: Option<String>,
}

/// An agent that waits to be admitted, and whom the user does not want to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IgnoredAgent {
    pub(crate) peer: PeerId,
    pub(crate) name: String,
}

#[derive(Debug)]
pub(crate) struct Store(Connection);

type Result<T> = std::result::Result<T, rusqlite::Error>;

impl Store {
    pub(crate) fn open(path: &Path) -> std::result::Result<Self, ControllerError> {
        let failed = |cause: String| ControllerError::Database {
            path: path.to_owned(),
            cause,
        };
        let mut connection = Connection::open(path).map_err(|e| failed(e.to_string()))?;
        let prepare = |connection: &Connection| -> Result<()> {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "NORMAL")?;
            connection.busy_timeout(std::time::Duration::from_secs(2))
        };
        prepare(&connection).map_err(|e| failed(e.to_string()))?;
        Migrations::from_slice(STEPS)
            .to_latest(&mut connection)
            .map_err(|e| failed(e.to_string()))?;
        Ok(Self(connection))
    }

    pub(crate) fn agents(&self) -> Result<Vec<AdmittedAgent>> {
        let mut query = self
            .0
            .prepare("SELECT peer, name, group_name, dial FROM agents ORDER BY name")?;
        let rows = query.query_map([], |row| {
            Ok(AdmittedAgent {
                peer: PeerId::new(row.get::<_, String>(0)?),
                name: row.get(1)?,
                group: row.get(2)?,
                dial: row.get(3)?,
            })
        })?;
        rows.collect()
    }

    pub(crate) fn ignored(&self) -> Result<Vec<IgnoredAgent>> {
        let mut query = self
            .0
            .prepare("SELECT peer, name FROM ignored ORDER BY since_ms, peer")?;
        let rows = query.query_map([], |row| {
            Ok(IgnoredAgent {
                peer: PeerId::new(row.get::<_, String>(0)?),
                name: row.get(1)?,
            })
        })?;
        rows.collect()
    }

    pub(crate) fn ignore(&self, agent: &IgnoredAgent, now_ms: u64) -> Result<()> {
        self.0.execute(
            "INSERT INTO ignored (peer, name, since_ms) VALUES (?1, ?2, ?3)
             ON CONFLICT (peer) DO UPDATE SET name = ?2",
            params![agent.peer.as_str(), agent.name, now_ms.cast_signed()],
        )?;
        Ok(())
    }

    pub(crate) fn ignore_no_longer(&self, peer: &PeerId) -> Result<()> {
        self.0
            .execute("DELETE FROM ignored WHERE peer = ?1", [peer.as_str()])?;
        Ok(())
    }

    /// Who is admitted is not ignored any more.
    pub(crate) fn save_agent(&self, agent: &AdmittedAgent, now_ms: u64) -> Result<()> {
        self.0.execute(
            "INSERT INTO agents (peer, name, group_name, dial, admitted_ms)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (peer) DO UPDATE SET name = ?2, group_name = ?3, dial = ?4",
            params![
                agent.peer.as_str(),
                agent.name,
                agent.group,
                agent.dial,
                now_ms.cast_signed()
            ],
        )?;
        self.ignore_no_longer(&agent.peer)
    }

    pub(crate) fn forget_agent(&self, peer: &PeerId) -> Result<()> {
        self.0
            .execute("DELETE FROM agents WHERE peer = ?1", [peer.as_str()])?;
        self.ignore_no_longer(peer)
    }

    pub(crate) fn save_run(&self, run: &Run) -> Result<()> {
        let state = serde_json::to_value(run.state).unwrap_or_default();
        let json = serde_json::to_string(run).unwrap_or_default();
        self.0.execute(
            "INSERT INTO runs (id, created_ms, state, json) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET state = ?3, json = ?4",
            params![
                run.id.to_string(),
                run.created_ms.cast_signed(),
                state.as_str(),
                json
            ],
        )?;
        self.save_run_of_test(run)
    }

    /// The newest runs, newest first. A row that cannot be read is left out: its folder stays.
    pub(crate) fn runs(&self, limit: u32) -> Result<Vec<Run>> {
        let mut query = self
            .0
            .prepare("SELECT json FROM runs ORDER BY created_ms DESC, id DESC LIMIT ?1")?;
        let rows = query.query_map([limit], |row| row.get::<_, String>(0))?;
        let mut runs = Vec::new();
        for json in rows {
            match serde_json::from_str(&json?) {
                Ok(run) => runs.push(run),
                Err(cause) => tracing::warn!(%cause, "a run in the database cannot be read"),
            }
        }
        Ok(runs)
    }

    pub(crate) fn run(&self, id: RunId) -> Result<Option<Run>> {
        let json: Option<String> = self
            .0
            .query_row(
                "SELECT json FROM runs WHERE id = ?1",
                [id.to_string()],
                |row| row.get(0),
            )
            .optional()?;
        Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
    }

    /// The secret of the join token.
    pub(crate) fn secret(&self) -> Result<Option<Secret>> {
        let text: Option<String> = self
            .0
            .query_row(
                "SELECT value FROM settings WHERE name = 'join-secret'",
                [],
                |row| row.get(0),
            )
            .optional()?;
        Ok(text.and_then(|text| Secret::from_text(&text).ok()))
    }

    pub(crate) fn save_secret(&self, secret: &Secret) -> Result<()> {
        self.0.execute(
            "INSERT INTO settings (name, value) VALUES ('join-secret', ?1)
             ON CONFLICT (name) DO UPDATE SET value = ?1",
            [secret.to_text()],
        )?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_build_a_schema() {
        Migrations::from_slice(STEPS).validate().unwrap();
    }

    #[test]
    fn agents_and_the_secret_outlive_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bfgg.db");
        let agent = AdmittedAgent {
            peer: PeerId::new("12D3KooWa"),
            name: "lab-1".into(),
            group: Some("load".into()),
            dial: Some("192.0.2.7:7412".into()),
        };
        let secret = Secret::random().unwrap();
        {
            let store = Store::open(&path).unwrap();
            store
                .save_agent(
                    &AdmittedAgent {
                        group: None,
                        ..agent.clone()
                    },
                    1,
                )
                .unwrap();
            store.save_agent(&agent, 2).unwrap();
            store.save_secret(&secret).unwrap();
        }
        let store = Store::open(&path).unwrap();
        assert_eq!(store.agents().unwrap(), vec![agent.clone()]);
        assert_eq!(store.secret().unwrap(), Some(secret));
        store.forget_agent(&agent.peer).unwrap();
        assert_eq!(store.agents().unwrap(), vec![]);
    }

    #[test]
    fn who_is_ignored_stays_so_until_admitted_forgotten_or_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bfgg.db");
        let ignored = |n: usize| IgnoredAgent {
            peer: PeerId::new(format!("12D3KooW{n}")),
            name: format!("lab-{n}"),
        };
        {
            let store = Store::open(&path).unwrap();
            for n in 0..4 {
                store.ignore(&ignored(n), n as u64).unwrap();
            }
            store.ignore(&ignored(0), 9).unwrap();
        }
        let store = Store::open(&path).unwrap();
        assert_eq!(
            store.ignored().unwrap(),
            (0..4).map(ignored).collect::<Vec<_>>()
        );
        store.ignore_no_longer(&ignored(0).peer).unwrap();
        store.forget_agent(&ignored(1).peer).unwrap();
        let admitted = AdmittedAgent {
            peer: ignored(2).peer,
            name: "lab-2".into(),
            group: None,
            dial: None,
        };
        store.save_agent(&admitted, 10).unwrap();
        assert_eq!(store.ignored().unwrap(), vec![ignored(3)]);
    }
}
