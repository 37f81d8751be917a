//! The TypeScript types of the API are checked in and must be those of the Rust types.
//!
//! `BFGG_UPDATE=1 cargo test -p bfgg-controller --test typescript` writes them anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at the first surprise"
)]

use std::collections::BTreeMap;
use std::path::Path;

use bfgg_controller::api::types;
use bfgg_report::{LiveFigures, Series, Summary};
use ts_rs::{Config, TS};

const GENERATED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/api/generated");

fn files(folder: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return BTreeMap::new();
    };
    entries
        .map(|entry| {
            let entry = entry.unwrap();
            let text = std::fs::read_to_string(entry.path()).unwrap();
            (entry.file_name().into_string().unwrap(), text)
        })
        .collect()
}

#[test]
fn typescript_types_are_current() {
    let folder = tempfile::tempdir().unwrap();
    // Integers stay at or below 2^53, so JavaScript's number holds them.
    let config = Config::new()
        .with_out_dir(folder.path())
        .with_large_int("number");
    types::Event::export_all(&config).unwrap();
    types::JoinInstructions::export_all(&config).unwrap();
    types::Group::export_all(&config).unwrap();
    types::AddAgent::export_all(&config).unwrap();
    types::PairAgent::export_all(&config).unwrap();
    types::SetGroup::export_all(&config).unwrap();
    types::PrepareSpec::export_all(&config).unwrap();
    types::PrepareResult::export_all(&config).unwrap();
    types::StopRun::export_all(&config).unwrap();
    types::ApiError::export_all(&config).unwrap();
    types::AgentOutput::export_all(&config).unwrap();
    types::Doctor::export_all(&config).unwrap();
    types::Caller::export_all(&config).unwrap();
    types::LogIn::export_all(&config).unwrap();
    types::LoggedIn::export_all(&config).unwrap();
    types::NewLink::export_all(&config).unwrap();
    types::LoginLink::export_all(&config).unwrap();
    types::NewApiToken::export_all(&config).unwrap();
    types::MadeApiToken::export_all(&config).unwrap();
    types::Sample::export_all(&config).unwrap();
    types::SourceOffer::export_all(&config).unwrap();
    types::SourceState::export_all(&config).unwrap();
    types::SourceProgress::export_all(&config).unwrap();
    Summary::export_all(&config).unwrap();
    Series::export_all(&config).unwrap();
    LiveFigures::export_all(&config).unwrap();
    types::TestSpec::export_all(&config).unwrap();
    types::StartTest::export_all(&config).unwrap();
    types::RunStretch::export_all(&config).unwrap();
    types::NoteSpec::export_all(&config).unwrap();
    types::RunHealth::export_all(&config).unwrap();
    let wanted = files(folder.path());
    if std::env::var_os("BFGG_UPDATE").is_some() {
        let _ = std::fs::remove_dir_all(GENERATED);
        std::fs::create_dir_all(GENERATED).unwrap();
        for (name, text) in &wanted {
            std::fs::write(Path::new(GENERATED).join(name), text).unwrap();
        }
    }
    let found = files(Path::new(GENERATED));
    assert!(!wanted.is_empty());
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        wanted.keys().collect::<Vec<_>>(),
        "run this test with BFGG_UPDATE=1"
    );
    for (name, text) in wanted {
        assert_eq!(
            found[&name], text,
            "{name} differs; run this test with BFGG_UPDATE=1"
        );
    }
}
