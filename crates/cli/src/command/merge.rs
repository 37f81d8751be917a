//! `bfgg merge`

use bfgg_report::{Output, ReportError};

use crate::args::MergeArgs;
use crate::error::{CliError, exit};
use crate::logs::Logs;
use crate::view::Screen;

pub(crate) fn merge(args: &MergeArgs, screen: &Screen) -> Result<u8, CliError> {
    let failed = |cause: &std::io::Error| CliError::NoReport {
        message: format!("cannot write {}: {cause}", args.out.display()),
        hint: "-o names another file; its folder is made where it is missing",
        code: exit::NOT_WRITABLE,
    };
    let logs = Logs::find(&args.logs, &args.offsets, None)?;
    logs.refuse_empty_folders()?;
    logs.spare(&args.out, "-o names another file")?;
    let mut out = Output::to(&args.out).map_err(|cause| failed(&cause))?;
    out.probe().map_err(|cause| failed(&cause))?;
    logs.tell_left_out(screen);
    let merged = match bfgg_report::merge(&logs.inputs, args.gatling.clone(), &mut out) {
        Ok(merged) => merged,
        Err(ReportError::Write { kind, cause }) => {
            return Err(failed(&std::io::Error::new(kind, cause)));
        }
        Err(other) => return Err(other.into()),
    };
    out.finish().map_err(|cause| failed(&cause))?;
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
    Ok(if merged.is_incomplete() {
        exit::INCOMPLETE
    } else {
        exit::OK
    })
}
