//! Agents and their machines.

use std::fmt::Write;

use bfgg_controller::api::types::{Agent, Doctor, Liveness, Trust};
use bfgg_protocol::{AgentPhase, CheckStatus};
use bfgg_report::with_uncertainty;
use comfy_table::{ContentArrangement, Table, presets};

use super::text::{ago, bytes, printable};

/// The table of all agents.
pub(crate) fn agents(agents: &[Agent], now_ms: u64, width: u16) -> String {
    if agents.is_empty() {
        return "no agents yet; `bfgg token` prints the command that makes a machine join\n".into();
    }
    let mut table = self::table(width);
    table.set_header([
        "NAME", "ID", "GROUP", "HEARD", "PHASE", "ADDRESS", "JAVA", "CLOCK", "REMARK",
    ]);
    for agent in agents {
        let java = agent
            .toolchains
            .jdks
            .first()
            .map_or("none", |jdk| jdk.version.as_str());
        table.add_row([
            printable(&agent.name),
            agent.short_id.clone(),
            printable(&agent.group),
            heard(agent, now_ms),
            standing(agent),
            printable(&agent.address),
            printable(java),
            clock(agent),
            remark(agent),
        ]);
    }
    finish(&table)
}

pub(super) fn table(width: u16) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width);
    table
}

pub(super) fn finish(table: &Table) -> String {
    let mut text = String::new();
    for line in table.lines() {
        let _ = writeln!(text, "{}", line.trim());
    }
    text
}

/// Its clock against the controller's. There is no room for its drift, which is in the app.
fn clock(agent: &Agent) -> String {
    let clock = agent.clock.as_ref();
    clock.map_or_else(String::new, with_uncertainty)
}

fn heard(agent: &Agent, now_ms: u64) -> String {
    match (agent.liveness, agent.last_seen_ms) {
        (Liveness::Alive, _) => "yes".to_owned(),
        (_, 0) => "never".to_owned(),
        (Liveness::Suspect, at) => format!("late, {}", ago(at, now_ms)),
        (Liveness::Lost, at) => format!("lost, {}", ago(at, now_ms)),
    }
}

fn standing(agent: &Agent) -> String {
    match agent.trust {
        Trust::Pending | Trust::NeedsCode | Trust::NeedsToken if agent.ignored => {
            "ignored".to_owned()
        }
        Trust::NeedsCode => "needs its code".to_owned(),
        Trust::Pending => "waits to be admitted".to_owned(),
        Trust::NeedsToken => "needs a token".to_owned(),
        Trust::Admitted if agent.step.is_empty() => phase(agent.phase).to_owned(),
        Trust::Admitted => format!("{} ({})", phase(agent.phase), printable(&agent.step)),
    }
}

fn remark(agent: &Agent) -> String {
    let mut parts = Vec::new();
    if let Some(failure) = &agent.failure {
        parts.push(failure.to_string());
    }
    if let Some(lease) = &agent.lease {
        parts.push(format!(
            "busy: run {} of {}",
            lease.run, lease.controller_name
        ));
    }
    if !agent.remark.is_empty() {
        parts.push(agent.remark.clone());
    }
    printable(&parts.join("; "))
}

fn phase(phase: AgentPhase) -> &'static str {
    match phase {
        AgentPhase::Available => "available",
        AgentPhase::Fetching => "fetching",
        AgentPhase::Building => "building",
        AgentPhase::Ready => "ready",
        AgentPhase::Starting => "starting",
        AgentPhase::Armed => "armed",
        AgentPhase::Running => "running",
        AgentPhase::Stopping => "stopping",
        AgentPhase::Error => "error",
    }
}

/// One line on an agent that has come.
pub(crate) fn joined(agent: &Agent) -> String {
    let java = agent
        .toolchains
        .jdks
        .first()
        .map_or("no JDK".to_owned(), |jdk| format!("Java {}", jdk.version));
    printable(&format!(
        "agent {} ({}) joined from {}: {} cores, {}, {}, {java}",
        agent.name,
        agent.short_id,
        agent.address,
        agent.machine.cores,
        bytes(agent.machine.memory_bytes),
        agent.machine.os
    ))
}

/// What Doctor saw on an agent.
pub(crate) fn doctor(name: &str, doctor: &Doctor) -> String {
    let mut text = format!("{} ({})\n", printable(name), doctor.agent.short());
    for check in &doctor.report.checks {
        let mark = match check.status {
            CheckStatus::Pass => "ok  ",
            CheckStatus::Warn => "warn",
            CheckStatus::Fail => "FAIL",
            CheckStatus::Info => "    ",
        };
        let _ = writeln!(
            text,
            "  {mark}  {}: {}",
            printable(&check.name),
            printable(&check.value)
        );
        if !check.hint.is_empty() {
            let _ = writeln!(text, "        {}", printable(&check.hint));
        }
        // Without anything before them, to be pasted.
        for line in &check.lines {
            let _ = writeln!(text, "{}", printable(line));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use bfgg_protocol::{Check, DoctorReport, Failure, FailureCode};
    use bfgg_report::{AgentClock, ClockDrift};

    use super::*;
    use crate::view::samples;

    #[test]
    fn agents_in_every_condition() {
        let mut alive = samples::agent("lab-1", "QmLab1aaaaaaaa");
        alive.phase = AgentPhase::Building;
        alive.step = "mvn test-compile".into();
        alive.clock = Some(AgentClock {
            offset_ms: 300_000.0,
            uncertainty_ms: 0.26,
            measured_ms: 0,
            drift: Some(ClockDrift {
                ppm: -12.0,
                uncertainty_ppm: 1.5,
            }),
        });
        let mut late = samples::agent("lab-2", "QmLab2bbbbbbbb");
        late.liveness = Liveness::Suspect;
        late.last_seen_ms = 95_000;
        late.group = "north".into();
        let mut lost = samples::agent("lab\u{1b}-3", "QmLab3cccccccc");
        lost.liveness = Liveness::Lost;
        lost.last_seen_ms = 10_000;
        lost.phase = AgentPhase::Error;
        lost.toolchains.jdks.clear();
        lost.failure = Some(Failure::new(
            FailureCode::NoJdk,
            "build",
            "no JDK was found.",
            "Install JDK 17.",
        ));
        let mut pending = samples::agent("lab-4", "QmLab4dddddddd");
        pending.trust = Trust::Pending;
        let mut coded = samples::agent("lab-5", "QmLab5eeeeeeee");
        coded.trust = Trust::NeedsCode;
        let mut ignored = samples::agent("lab-6", "QmLab6ffffffff");
        ignored.trust = Trust::NeedsCode;
        ignored.ignored = true;
        let text = agents(&[alive, late, lost, pending, coded, ignored], 100_000, 150);
        insta::assert_snapshot!(text);
    }

    #[test]
    fn no_agents() {
        assert!(agents(&[], 0, 80).contains("bfgg token"));
    }

    #[test]
    fn a_doctors_report() {
        let check = |name: &str, status, value: &str, hint: &str| Check {
            name: name.into(),
            status,
            value: value.into(),
            hint: hint.into(),
            lines: Vec::new(),
        };
        let report = DoctorReport {
            checks: vec![
                check("git", CheckStatus::Pass, "2.39.5", ""),
                check(
                    "disk",
                    CheckStatus::Warn,
                    "1.2 GB free",
                    "Free at least 2 GB.",
                ),
                check("JDK", CheckStatus::Fail, "none", "Install JDK 17."),
                check("proxy", CheckStatus::Info, "none", ""),
            ],
            toolchains: Default::default(),
        };
        let agent = bfgg_protocol::PeerId::new("QmLab1aaaaaaaa");
        insta::assert_snapshot!(doctor("lab-1", &Doctor { agent, report }), @r"
        lab-1 (aaaaaaaa)
          ok    git: 2.39.5
          warn  disk: 1.2 GB free
                Free at least 2 GB.
          FAIL  JDK: none
                Install JDK 17.
                proxy: none
        ");
    }
}
