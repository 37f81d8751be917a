//! The files of a run in a folder of the user's.

use std::path::{Path, PathBuf};

use bfgg_controller::api::types::Run;
use bfgg_protocol::RunId;

use crate::client::{AgentFile, Client};
use crate::error::CliError;

/// Where a run's files go: `--out`, else a folder of its own under RESULTS_FOLDER, else nowhere.
pub(crate) fn folder_for(
    out: Option<&Path>,
    results: Option<&Path>,
    run: RunId,
) -> Option<PathBuf> {
    match (out, results) {
        (Some(out), _) => Some(out.to_owned()),
        (None, Some(results)) => Some(results.join(run.to_string())),
        (None, None) => None,
    }
}

/// What a result has beside its summary. A controller of an older version has none of them.
const REPORT: [&str; 3] = ["report.html", "stats.csv", "junit.xml"];

/// Puts the result (`summary.json`, `report.html`, `stats.csv`, `junit.xml`) and
/// `agents/<n>/{simulation.log, output.log}` into `out`. What no agent delivered is not there.
pub(crate) async fn fetch_files(
    client: &Client,
    run: &Run,
    summary: Option<&[u8]>,
    out: &Path,
) -> Result<(), CliError> {
    create(out).await?;
    if let Some(bytes) = summary {
        let path = out.join("summary.json");
        bfgg_report::write_whole(&path, bytes)
            .map_err(|cause| CliError::file("write", path, cause))?;
        for file in REPORT {
            client
                .download_report(run.id, file, &out.join(file))
                .await?;
        }
    }
    for agent in &run.agents {
        let folder = out.join("agents").join(agent.index.to_string());
        create(&folder).await?;
        for file in [AgentFile::SimulationLog, AgentFile::Output] {
            client
                .download(run.id, agent.index, file, &folder.join(file.file_name()))
                .await?;
        }
    }
    Ok(())
}

/// Creates the folder and tries to write into it: better told before a run than after it.
pub(crate) fn try_folder(folder: &Path) -> Result<(), CliError> {
    std::fs::create_dir_all(folder).map_err(|cause| CliError::file("create", folder, cause))?;
    tempfile::tempfile_in(folder)
        .map(drop)
        .map_err(|cause| CliError::file("write into", folder, cause))
}

async fn create(folder: &Path) -> Result<(), CliError> {
    let created = tokio::fs::create_dir_all(folder).await;
    created.map_err(|cause| CliError::file("create", folder, cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_files_go() {
        let run: RunId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        let (out, results) = (Path::new("out"), Path::new("results"));
        assert_eq!(
            folder_for(Some(out), Some(results), run),
            Some("out".into())
        );
        assert_eq!(
            folder_for(None, Some(results), run),
            Some(results.join(run.to_string()))
        );
        assert_eq!(folder_for(None, None, run), None);
    }
}
