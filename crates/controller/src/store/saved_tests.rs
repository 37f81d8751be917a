//! Saved tests, and their runs in short.

use std::collections::HashMap;

use bfgg_protocol::TestId;
use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};
use tracing::warn;

use super::{Result, Store};
use crate::api::types::{Run, RunSpec, TestRun};
use crate::vault::Places;

/// A run's row goes with its test; the run itself stays.
pub(super) const STEP: &str = "
    CREATE TABLE tests (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        json TEXT NOT NULL
    ) STRICT;
    CREATE TABLE test_runs (
        run TEXT PRIMARY KEY,
        test TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        json TEXT NOT NULL
    ) STRICT;
    CREATE INDEX test_runs_by_age ON test_runs (test, created_ms DESC);";

/// Runs of a test that are told.
const RUNS: u32 = 20;

/// A test as it is kept: its spec has no secret value in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SavedTest {
    pub(crate) id: TestId,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) labels: Vec<String>,
    pub(crate) spec: RunSpec,
    pub(crate) revision: u32,
    pub(crate) created_ms: u64,
    pub(crate) changed_ms: u64,
    /// Where the values of its secret parameters are.
    pub(crate) secrets: Places,
}

impl Store {
    /// All tests, by name. A row that cannot be read is left out.
    pub(crate) fn tests(&self) -> Result<Vec<SavedTest>> {
        let mut query = self.0.prepare("SELECT json FROM tests ORDER BY name")?;
        let rows = query.query_map([], |row| row.get::<_, String>(0))?;
        let mut tests = Vec::new();
        for json in rows {
            match serde_json::from_str(&json?) {
                Ok(test) => tests.push(test),
                Err(cause) => warn!(%cause, "a test in the database cannot be read"),
            }
        }
        Ok(tests)
    }

    pub(crate) fn test(&self, id: TestId) -> Result<Option<SavedTest>> {
        let json: Option<String> = self
            .0
            .query_row(
                "SELECT json FROM tests WHERE id = ?1",
                [id.to_string()],
                |row| row.get(0),
            )
            .optional()?;
        Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
    }

    pub(crate) fn save_test(&self, test: &SavedTest) -> Result<()> {
        let json = serde_json::to_string(test).unwrap_or_default();
        self.0.execute(
            "INSERT INTO tests (id, name, json) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET name = ?2, json = ?3",
            params![test.id.to_string(), test.name, json],
        )?;
        Ok(())
    }

    pub(crate) fn remove_test(&self, id: TestId) -> Result<()> {
        let id = id.to_string();
        self.0
            .execute("DELETE FROM test_runs WHERE test = ?1", [&id])?;
        self.0.execute("DELETE FROM tests WHERE id = ?1", [&id])?;
        Ok(())
    }

    /// Keeps a run in short, if it is of a test that is there still.
    pub(super) fn save_run_of_test(&self, run: &Run) -> Result<()> {
        let Some(test) = &run.test else {
            return Ok(());
        };
        let json = serde_json::to_string(&TestRun::of(run)).unwrap_or_default();
        self.0.execute(
            "INSERT INTO test_runs (run, test, created_ms, json)
             SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM tests WHERE id = ?2)
             ON CONFLICT (run) DO UPDATE SET json = ?4",
            params![
                run.id.to_string(),
                test.id.to_string(),
                run.created_ms.cast_signed(),
                json
            ],
        )?;
        Ok(())
    }

    /// The newest runs of a test, newest first.
    pub(crate) fn runs_of_test(&self, id: TestId) -> Result<Vec<TestRun>> {
        let mut query = self.0.prepare(
            "SELECT json FROM test_runs WHERE test = ?1 ORDER BY created_ms DESC, run DESC LIMIT ?2",
        )?;
        let rows = query.query_map(params![id.to_string(), RUNS], |row| row.get::<_, String>(0))?;
        let mut runs = Vec::new();
        for json in rows {
            runs.extend(serde_json::from_str::<TestRun>(&json?).ok());
        }
        Ok(runs)
    }

    /// The newest runs of each test, newest first.
    pub(crate) fn runs_of_tests(&self) -> Result<HashMap<TestId, Vec<TestRun>>> {
        let mut query = self.0.prepare(
            "SELECT test, json FROM (
                SELECT test, json, created_ms, run,
                    row_number() OVER (PARTITION BY test ORDER BY created_ms DESC, run DESC) AS place
                FROM test_runs
             ) WHERE place <= ?1 ORDER BY created_ms DESC, run DESC",
        )?;
        let rows = query.query_map([RUNS], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        let mut runs: HashMap<TestId, Vec<TestRun>> = HashMap::new();
        for row in rows {
            let (test, json) = row?;
            if let (Ok(test), Ok(run)) = (test.parse(), serde_json::from_str(&json)) {
                runs.entry(test).or_default().push(run);
            }
        }
        Ok(runs)
    }
}

#[cfg(test)]
mod tests {
    use bfgg_protocol::RunId;
    use serde_json::json;

    use super::*;
    use crate::api::types::{RunFigures, RunState, TestRef};

    fn spec() -> RunSpec {
        let spec = json!({"source": {"url": "https://example.org/shop.git"}});
        serde_json::from_value(spec).unwrap()
    }

    fn test(name: &str) -> SavedTest {
        SavedTest {
            id: TestId::new(),
            name: name.into(),
            description: "why".into(),
            labels: vec!["nightly".into()],
            spec: spec(),
            revision: 1,
            created_ms: 1,
            changed_ms: 1,
            secrets: Places::new(),
        }
    }

    fn run(test: &SavedTest, created_ms: u64) -> Run {
        let run = json!({
            "id": RunId::new(), "spec": spec(), "state": "running", "created_ms": created_ms,
            "started_ms": null, "ended_ms": null, "commit": null, "simulation": null, "gatling": null,
            "agents": [], "failures": [], "notes": [], "has_summary": false, "folder": "",
            "live": crate::api::types::Totals::default(),
            "test": TestRef { id: test.id, name: test.name.clone(), changed: false },
        });
        serde_json::from_value(run).unwrap()
    }

    #[test]
    fn tests_outlive_a_restart_and_their_names_differ() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bfgg.db");
        let (shop, mut other) = (test("Shop"), test("cart"));
        {
            let store = Store::open(&path).unwrap();
            store.save_test(&shop).unwrap();
            store.save_test(&other).unwrap();
            other.name = "SHOP".into();
            assert!(store.save_test(&other).is_err());
            other.name = "Zoo".into();
            other.revision = 2;
            store.save_test(&other).unwrap();
        }
        let store = Store::open(&path).unwrap();
        assert_eq!(store.tests().unwrap(), [shop.clone(), other.clone()]);
        assert_eq!(store.test(other.id).unwrap(), Some(other.clone()));
        store.remove_test(other.id).unwrap();
        assert_eq!(store.test(other.id).unwrap(), None);
        assert_eq!(store.tests().unwrap(), [shop]);
    }

    #[test]
    fn the_newest_runs_of_a_test_are_told_and_go_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("bfgg.db")).unwrap();
        let (shop, other) = (test("shop"), test("other"));
        store.save_test(&shop).unwrap();
        for created_ms in 1..=25 {
            store.save_run(&run(&shop, created_ms)).unwrap();
        }
        let mut last = run(&shop, 26);
        store.save_run(&last).unwrap();
        last.state = RunState::Finished;
        last.figures = Some(RunFigures {
            ok: 19,
            ko: 1,
            p95_ms: Some(42),
        });
        store.save_run(&last).unwrap();
        // Of a test that is gone, or never was.
        store.save_run(&run(&other, 27)).unwrap();
        let runs = store.runs_of_test(shop.id).unwrap();
        let times: Vec<u64> = runs.iter().map(|run| run.created_ms).collect();
        assert_eq!(times, (7..=26).rev().collect::<Vec<u64>>());
        assert_eq!(runs[0], TestRun::of(&last));
        assert_eq!(store.runs_of_tests().unwrap(), [(shop.id, runs)].into());
        store.remove_test(shop.id).unwrap();
        assert_eq!(store.runs_of_tests().unwrap(), HashMap::new());
        assert!(store.run(last.id).unwrap().is_some(), "the run stays");
    }
}
