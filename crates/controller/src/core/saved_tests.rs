//! Saved tests: kept in the database, told to viewers with what came of their runs.

use bfgg_protocol::{ContentHash, TestId};
use tracing::warn;

use super::Core;
use crate::api::types::{Run, Test, TestRun};
use crate::error::{Refused, RefusedKind};
use crate::store::SavedTest;

/// A test is in each viewer's snapshot: there is an end to them.
const MOST: usize = 500;

impl Core {
    pub(super) fn list_tests(&self) -> Vec<Test> {
        let read = || -> Result<Vec<Test>, rusqlite::Error> {
            let mut runs = self.store.runs_of_tests()?;
            let tests = self.store.tests()?.into_iter();
            let views = tests.map(|test| {
                let runs = runs.remove(&test.id).unwrap_or_default();
                self.view_of_test(test, runs)
            });
            Ok(views.collect())
        };
        read().unwrap_or_else(|cause| {
            warn!(%cause, "the database cannot be read");
            Vec::new()
        })
    }

    pub(super) fn find_test(&self, id: TestId) -> Result<Test, Refused> {
        let test = self.saved_test(id)?;
        let runs = self.store.runs_of_test(id).map_err(unreadable)?;
        Ok(self.view_of_test(test, runs))
    }

    pub(super) fn saved_test(&self, id: TestId) -> Result<SavedTest, Refused> {
        let found = self.store.test(id).map_err(unreadable)?;
        found.ok_or_else(|| Refused::no_test(id))
    }

    /// Whether there is room for it, and no other test has its name.
    pub(super) fn may_save_test(&self, id: TestId, name: &str) -> Result<(), Refused> {
        let tests = self.store.tests().map_err(unreadable)?;
        let same = |test: &&SavedTest| test.id != id && test.name.eq_ignore_ascii_case(name);
        if let Some(other) = tests.iter().find(same) {
            let message = format!("There is a test \"{}\" already.", other.name);
            let hint = "Give another name, or change that test.";
            return Err(Refused::new(
                RefusedKind::Conflict,
                "test-name-taken",
                message,
                hint,
            ));
        }
        if tests.len() >= MOST && !tests.iter().any(|test| test.id == id) {
            let message = format!("There are {MOST} tests, and no more are kept.");
            let hint = "Delete some.";
            return Err(Refused::new(
                RefusedKind::Conflict,
                "too-many-tests",
                message,
                hint,
            ));
        }
        Ok(())
    }

    pub(super) fn save_test(&mut self, test: SavedTest) -> Result<Test, Refused> {
        self.may_save_test(test.id, &test.name)?;
        self.store.save_test(&test).map_err(unwritten)?;
        let view = self.find_test(test.id)?;
        self.publish_test(view.clone());
        Ok(view)
    }

    pub(super) fn remove_test(&mut self, id: TestId) -> Result<(), Refused> {
        self.saved_test(id)?;
        self.store.remove_test(id).map_err(unwritten)?;
        self.publish_test_removed(id);
        Ok(())
    }

    /// Tells viewers of the test of a run that has changed, if it was started from one that is there still.
    pub(super) fn publish_test_of(&mut self, run: &Run) {
        let Some(test) = &run.test else { return };
        if let Ok(test) = self.find_test(test.id) {
            self.publish_test(test);
        }
    }

    /// Snapshots of folders that tests are made of.
    pub(super) fn snapshots_of_tests(&self) -> Vec<ContentHash> {
        let tests = self.store.tests().unwrap_or_else(|cause| {
            warn!(%cause, "the database cannot be read");
            Vec::new()
        });
        let snapshots = tests
            .into_iter()
            .filter_map(|test| test.spec.source.snapshot);
        snapshots.map(|snapshot| snapshot.id).collect()
    }

    fn view_of_test(&self, test: SavedTest, runs: Vec<TestRun>) -> Test {
        Test {
            secrets: self.vault.told(&test.secrets),
            id: test.id,
            name: test.name,
            description: test.description,
            labels: test.labels,
            spec: test.spec,
            revision: test.revision,
            created_ms: test.created_ms,
            changed_ms: test.changed_ms,
            runs,
        }
    }
}

fn unreadable(cause: rusqlite::Error) -> Refused {
    let message = format!("The database cannot be read: {cause}.");
    Refused::new(RefusedKind::Internal, "internal", message, "")
}

fn unwritten(cause: rusqlite::Error) -> Refused {
    let message = format!("The test could not be written into the database: {cause}.");
    let hint = "Free some space, or look at the data folder.";
    Refused::new(RefusedKind::Internal, "disk", message, hint)
}
