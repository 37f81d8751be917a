//! Agents and runs for the tests of the views.

use bfgg_controller::api::types::{
    Agent, Liveness, OnLoss, Run, RunAgent, RunAgentPhase, RunSpec, RunState, Selection, Source,
    Totals, Trust,
};
use bfgg_protocol::{
    AgentPhase, Health, Indicators, Jdk, Machine, PeerId, Prepared, RunId, Toolchains,
};

pub(crate) const RUN: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

pub(crate) fn jdk() -> Jdk {
    Jdk {
        home: "/jdk".into(),
        version: "17.0.15".into(),
        feature: 17,
        vendor: "Debian".into(),
    }
}

pub(crate) fn agent(name: &str, id: &str) -> Agent {
    let id = PeerId::new(id);
    Agent {
        short_id: id.short().to_owned(),
        id,
        name: name.into(),
        group: String::new(),
        labels: Vec::new(),
        address: "192.0.2.7:7412".into(),
        trust: Trust::Admitted,
        ignored: false,
        remark: String::new(),
        liveness: Liveness::Alive,
        last_seen_ms: 100_000,
        phase: AgentPhase::Available,
        step: String::new(),
        lease: None,
        kept: None,
        failure: None,
        version: "0.1.0".into(),
        machine: Machine {
            os: "Debian GNU/Linux 12".into(),
            arch: "x86_64".into(),
            cores: 4,
            memory_bytes: 16_000_000_000,
        },
        toolchains: Toolchains {
            jdks: vec![jdk()],
            git: "2.39.5".into(),
            build_tools: Vec::new(),
        },
        health: Health::default(),
        clock: None,
    }
}

pub(crate) fn prepared() -> Prepared {
    Prepared {
        commit: "0123456789abcdef0123456789abcdef01234567".into(),
        build_tool: "maven".into(),
        simulations: vec!["example.ShopSimulation".into()],
        simulation: Some("example.ShopSimulation".into()),
        jdk: jdk(),
        gatling: "3.16.0".into(),
        indicators: Indicators::default(),
        fetch_ms: 340,
        build_ms: 12_345,
    }
}

fn part(index: u32, name: &str) -> RunAgent {
    RunAgent {
        id: PeerId::new(format!("QmLab{index}aaaaaaaa")),
        name: name.into(),
        index,
        phase: RunAgentPhase::Waiting,
        step: String::new(),
        parameters: Default::default(),
        prepared: None,
        live: None,
        probe: None,
        clock: None,
        released_after_ms: None,
        end: None,
        collected_bytes: 0,
        failure: None,
        out: None,
    }
}

pub(crate) fn run() -> Run {
    Run {
        id: RUN.parse::<RunId>().unwrap(),
        spec: RunSpec {
            source: Source {
                url: "https://git.example/shop.git".into(),
                reference: Some("main".into()),
                ..Source::default()
            },
            simulation: Some("example.ShopSimulation".into()),
            parameters: Vec::new(),
            divide: Vec::new(),
            java_options: Vec::new(),
            selection: Selection::default(),
            max_duration_s: 14_400,
            on_loss: OnLoss::GoOn,
            stop_if: Vec::new(),
            dead_man_s: None,
            description: String::new(),
        },
        test: None,
        state: RunState::Preparing,
        created_ms: 1_700_000_000_000,
        started_ms: None,
        ended_ms: None,
        commit: None,
        simulation: None,
        gatling: None,
        agents: vec![part(0, "lab-1"), part(1, "lab-2")],
        live: Totals::default(),
        failures: Vec::new(),
        start: None,
        clock_steps: Vec::new(),
        notes: Vec::new(),
        stopped: None,
        events: Vec::new(),
        offered_load: Vec::new(),
        has_summary: false,
        figures: None,
        verdict: None,
        pinned: Vec::new(),
        revision: 0,
        folder: "/data/runs/1".into(),
    }
}
