//! Whether a log is whole: what was decoded against what was written, and against Gatling's own
//! totals.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::Signs;
use crate::text::grouped;

/// Whether a log is proved to be whole.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ProofState {
    /// All that was written was fetched and decoded, and it is what Gatling's console has counted.
    Complete,
    /// Nothing is known to be missing, but there is nothing to prove it by.
    #[default]
    NotProved,
    /// Something is missing.
    Incomplete,
    /// All that was written is here, but Gatling's console has counted something else.
    Differs,
}

/// Requests that ended OK and KO.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct LogTotals {
    /// OK.
    pub ok: u64,
    /// KO.
    pub ko: u64,
}

/// How much of an agent's log was told while it was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct LogTold {
    /// Cells that were acknowledged.
    pub cells: u64,
    /// The byte of the log up to which these are.
    pub to_byte: u64,
    /// They go to its end.
    pub all: bool,
}

/// What proves that one agent's log is whole, or what is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Proof {
    /// The agent's label.
    pub agent: String,
    /// Its peer id; empty for logs that no run of ours made.
    pub peer: String,
    /// What is proved.
    pub state: ProofState,
    /// Why it is no more, as a clause; empty where the log is complete.
    pub reason: String,
    /// Records decoded; null where the log is not here.
    pub records: Option<u64>,
    /// Bytes that the agent says were written.
    pub written_bytes: Option<u64>,
    /// Bytes of the log that are here.
    pub fetched_bytes: Option<u64>,
    /// Of these bytes in whole records.
    pub decoded_bytes: Option<u64>,
    /// Requests in the log.
    pub requests: Option<LogTotals>,
    /// Requests that Gatling's console has counted.
    pub console: Option<LogTotals>,
    /// What was told of it live and acknowledged.
    pub told: Option<LogTold>,
}

/// What an agent says of its log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claim {
    /// The agent's label.
    pub agent: String,
    /// Its peer id.
    pub peer: String,
    /// Bytes written; `None` if it is not known, or there is no log.
    pub written_bytes: Option<u64>,
    /// What Gatling's console has counted.
    pub console: Option<LogTotals>,
    /// Gatling ended by itself: these totals are those of the whole run.
    pub console_is_last: bool,
    /// Gatling was ended by force: what it has counted and logged at last is not known.
    pub was_cut: bool,
    /// Acknowledged cells; `None` of an agent that tells none.
    pub told: Option<LogTold>,
    /// Why the log is not here; empty if it is.
    pub missing: String,
}

/// What one log turned out to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFacts {
    /// Bytes in it; `None` if it is no file.
    pub bytes: Option<u64>,
    /// Of these bytes in whole records.
    pub decoded_bytes: u64,
    /// Records in it, without the header.
    pub records: u64,
    /// Requests in it.
    pub requests: LogTotals,
    /// The end of its last request or user, ms since 1970 on the controller's clock.
    pub last_ms: Option<i64>,
    /// What is missing, as a clause without the log's name; `None` if it ends with its last record and
    /// all of it counts.
    pub lacks: Option<String>,
    /// It ends within its last record, and lacks nothing else that is known of.
    pub ends_cut: bool,
    /// Signs of exhausted resources in its error messages.
    pub signs: Signs,
}

/// Requests that Gatling may have counted and not written yet: its buffer is of 8 KiB, and no record of a
/// request is of less than 20 bytes.
const BUFFERED: u64 = (8 << 10) / 20;

/// Whether what a log lacks is what Gatling had not written yet when it was stopped on request: its last
/// record is cut, and all before it is here.
pub(crate) fn is_cut_by_stop(claim: &Claim, log: Option<&LogFacts>) -> bool {
    let on_request = !claim.console_is_last && !claim.was_cut;
    let Some(log) = log.filter(|log| log.ends_cut && on_request) else {
        return false;
    };
    let all_here = claim.written_bytes.is_some() && claim.written_bytes == log.bytes;
    let console = claim.console.unwrap_or_default();
    let lacks = |counted: u64, logged: u64| counted.saturating_sub(logged);
    let unwritten =
        lacks(console.ok, log.requests.ok).saturating_add(lacks(console.ko, log.requests.ko));
    all_here && unwritten <= BUFFERED
}

/// Of one log, with what the agent says of it, if one does.
pub(crate) fn proof(claim: Option<&Claim>, log: Option<&LogFacts>) -> Proof {
    let (state, reason) = state(claim, log);
    Proof {
        agent: claim.map(|claim| claim.agent.clone()).unwrap_or_default(),
        peer: claim.map(|claim| claim.peer.clone()).unwrap_or_default(),
        state,
        reason,
        records: log.map(|log| log.records),
        written_bytes: claim.and_then(|claim| claim.written_bytes),
        fetched_bytes: log.and_then(|log| log.bytes),
        decoded_bytes: log.map(|log| log.decoded_bytes),
        requests: log.map(|log| log.requests),
        console: claim.and_then(|claim| claim.console),
        told: claim.and_then(|claim| claim.told),
    }
}

fn state(claim: Option<&Claim>, log: Option<&LogFacts>) -> (ProofState, String) {
    use ProofState::{Complete, Differs, Incomplete, NotProved};
    let Some(log) = log else {
        return not_here(claim);
    };
    if let Some(lacks) = &log.lacks {
        return (Incomplete, lacks.clone());
    }
    let Some(claim) = claim else {
        let reason = "its log ends with a whole record, but there are no totals of Gatling's console to \
                      compare it with";
        return (NotProved, reason.to_owned());
    };
    if let (Some(written), Some(here)) = (claim.written_bytes, log.bytes)
        && written != here
    {
        let (written, here) = (grouped(written), grouped(here));
        let reason = format!("{written} bytes of its log were written, {here} are here");
        return (Incomplete, reason);
    }
    let Some(console) = claim.console else {
        let reason = "Gatling's console has told no totals to compare its log with";
        return (NotProved, reason.to_owned());
    };
    let differ = |of: &str| {
        let LogTotals { ok, ko } = log.requests;
        format!(
            "Gatling's console has counted {} OK and {} KO{of}, its log has {} OK and {} KO",
            grouped(console.ok),
            grouped(console.ko),
            grouped(ok),
            grouped(ko)
        )
    };
    let has_more = console.ok > log.requests.ok || console.ko > log.requests.ko;
    let is_same = console == log.requests;
    match (claim.console_is_last, claim.was_cut) {
        (true, _) if is_same => (Complete, String::new()),
        (true, _) => (Differs, differ("")),
        (false, _) if has_more => (Incomplete, differ(" before it was ended")),
        (false, true) => {
            let reason = "Gatling did not end by itself, so its console has told no last totals to compare \
                          its log with";
            (NotProved, reason.to_owned())
        }
        (false, false) if is_same => (Complete, String::new()),
        (false, false) => {
            let reason = "Gatling was stopped before its console had told its last totals";
            (NotProved, reason.to_owned())
        }
    }
}

fn not_here(claim: Option<&Claim>) -> (ProofState, String) {
    let Some(claim) = claim else {
        return (ProofState::NotProved, "there is no log".to_owned());
    };
    let why = match claim.missing.as_str() {
        "" => String::new(),
        why => format!(": {why}"),
    };
    let counted = claim.console.unwrap_or_default();
    match claim.written_bytes {
        Some(0) if counted != LogTotals::default() => (
            ProofState::Incomplete,
            format!(
                "Gatling's console has counted {} OK and {} KO, but there is no log{why}",
                grouped(counted.ok),
                grouped(counted.ko)
            ),
        ),
        Some(0) => (
            ProofState::NotProved,
            "Gatling has logged nothing".to_owned(),
        ),
        Some(bytes) => {
            let bytes = grouped(bytes);
            (
                ProofState::Incomplete,
                format!("its log of {bytes} bytes is not here{why}"),
            )
        }
        None => (ProofState::NotProved, format!("there is no log of it{why}")),
    }
}
