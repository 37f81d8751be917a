//! `charting.indicators`, read exactly: by the library that Gatling reads them with.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bfgg_protocol::{Failure, FailureCode, Indicators, Jdk};

use super::build::PHASE;
use crate::tool::{Call, Tools};
use crate::toolchain;

/// Run from its source by `java` itself, with the project's class path.
const SOURCE: &str = include_str!("Indicators.java");
const LIMIT: Duration = Duration::from_secs(60);

/// Reads the project's indicators. `folder` is one that may be written.
pub(crate) async fn read(
    jdk: &Jdk,
    class_path: &[PathBuf],
    tools: &Tools,
    folder: &Path,
) -> Result<Indicators, Failure> {
    let source = folder.join("Indicators.java");
    std::fs::write(&source, SOURCE).map_err(|error| super::git::disk(&source, &error))?;
    let joined = std::env::join_paths(class_path).map_err(|error| {
        Failure::new(
            FailureCode::BuildFailed,
            PHASE,
            format!("The class path is unusable: {error}."),
            "",
        )
    })?;
    let program = toolchain::java(jdk);
    let call = Call {
        phase: PHASE,
        program: &program,
        arguments: [
            "-Xshare:auto".into(),
            "-cp".into(),
            joined,
            source.into_os_string(),
        ]
        .into(),
        folder,
        environment: Vec::new(),
        limit: LIMIT,
    };
    let finished = tools.call(&call, |_| ()).await?;
    parse(&finished.stdout()).ok_or_else(|| {
        let hint = "Check gatling.charting.indicators in the project's gatling.conf.";
        let detail: String = finished
            .stderr()
            .lines()
            .take(10)
            .collect::<Vec<_>>()
            .join("\n");
        let message = "The project's gatling.conf cannot be read.";
        Failure::new(FailureCode::BuildFailed, PHASE, message, hint).with_detail(detail)
    })
}

fn parse(output: &str) -> Option<Indicators> {
    let line = output
        .lines()
        .find_map(|line| line.strip_prefix("indicators "))?;
    let numbers: Vec<u32> = line
        .split(' ')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    let [lower_bound_ms, higher_bound_ms, percentiles_milli @ ..] = numbers.as_slice() else {
        return None;
    };
    let percentiles_milli: [u32; 4] = percentiles_milli.try_into().ok()?;
    let percentiles = percentiles_milli
        .iter()
        .all(|percent| (1..=100_000).contains(percent));
    percentiles.then_some(Indicators {
        lower_bound_ms: *lower_bound_ms,
        higher_bound_ms: *higher_bound_ms,
        percentiles_milli,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_read() {
        let line = "WARNING: x\nindicators 800 1200 50000 75000 95000 99900\n";
        let indicators = Indicators {
            percentiles_milli: [50_000, 75_000, 95_000, 99_900],
            ..Indicators::default()
        };
        assert_eq!(parse(line), Some(indicators));
        for line in [
            "",
            "indicators 800",
            "indicators 800 1200 1 2 3 x",
            "indicators 800 1200 0 1 1 1",
            "indicators 1 2 1 1 1 200000",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
