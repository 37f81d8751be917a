//! `bfgg merge`

use std::fs::File;
use std::io::BufWriter;

use gatling_log::Version;

use crate::args::MergeArgs;
use crate::error::{CliError, exit};
use crate::logs::Logs;
use crate::view::Screen;

pub(crate) fn merge(args: &MergeArgs, screen: &Screen) -> Result<u8, CliError> {
    let version = args.gatling.as_deref().map(version).transpose()?;
    let logs = Logs::find(&args.logs, &args.offsets)?;
    if let Some(log) = logs.at(&args.out) {
        let name = &log.name;
        let message =
            format!("{name} is one of the logs and would be overwritten; -o names another file");
        return Err(CliError::Input(message));
    }
    // Beside the result and renamed: a merge that breaks off leaves no half of a log.
    let mut beside = args.out.clone().into_os_string();
    beside.push(".part");
    let beside = std::path::PathBuf::from(beside);
    let file = File::create(&beside).map_err(|cause| CliError::file("create", &beside, cause))?;
    let merged = match bfgg_report::merge(&logs.inputs, version, &mut BufWriter::new(file)) {
        Ok(merged) => merged,
        Err(cause) => {
            // It holds nothing of use.
            let _ = std::fs::remove_file(&beside);
            return Err(cause.into());
        }
    };
    std::fs::rename(&beside, &args.out)
        .map_err(|cause| CliError::file("write", &args.out, cause))?;
    for note in &merged.notes {
        screen.line(format!("note: {note}"));
    }
    screen.line(format!(
        "{} records of {} logs, for Gatling {}: {}",
        merged.records,
        logs.inputs.len() - merged.missing,
        merged.version,
        args.out.display()
    ));
    Ok(if merged.missing > 0 {
        exit::INCOMPLETE
    } else {
        exit::OK
    })
}

fn version(text: &str) -> Result<Version, CliError> {
    Version::parse(text)
        .filter(Version::writes_binary)
        .ok_or_else(|| {
            CliError::Input(format!(
                "--gatling {text}: a merged log can be of Gatling 3.13 or later, for example 3.16.0"
            ))
        })
}
