//! The bytes of every message of version 1, as agents in the field send and expect them.
//!
//! `BFGG_UPDATE=1` writes tests/golden.txt anew: for a new message or field, never for a changed
//! one, which would cut off every agent of an older release.
#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, and says where"
)]

use std::fmt::{Debug, Write as _};

use bfgg_protocol::pairing::{PairingAnswer, PairingRefusal, PairingRequest};
use bfgg_protocol::{
    AgentPhase, AgentState, BuildTool, Cell, Check, CheckStatus, ClockJump, ContentHash,
    DoctorReport, Failure, FailureCode, FileRequest, GitSource, Health, HealthSample, Indicators,
    InstanceId, Jdk, JoinToken, KeptRuns, Lease, LiveCounters, Machine, OutputAnswer, OutputPiece,
    OutputRequest, OutputStart, PeerId, Prepare, Prepared, Probe, Receipt, Refusal, RefusalCode,
    RegistrationAnswer, RegistrationRequest, RunEnd, RunExit, RunFile, RunId, Secret,
    SourceRequest, Start, Task, TaskId, TaskOutcome, TaskRequest, TaskResult, TelemetryAnswer,
    TelemetryRequest, Toolchains,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

const LIMIT: usize = 1 << 20;
const GOLDEN: &str = include_str!("golden.txt");

/// An id as text becomes an id: all are made from random bits otherwise.
fn id<T: DeserializeOwned>(last: u8) -> T {
    let mut bytes = vec![0x50]; // a CBOR byte string of 16
    bytes.extend([0x01; 15]);
    bytes.push(last);
    bfgg_protocol::decode(&bytes, LIMIT).unwrap()
}

fn run() -> RunId {
    id(1)
}

fn task() -> TaskId {
    id(2)
}

fn failure() -> Failure {
    Failure::new(FailureCode::BuildFailed, "build", "It failed.", "Look.")
}

fn jdk() -> Jdk {
    Jdk {
        home: "/jdk".into(),
        version: "17.0.9".into(),
        feature: 17,
        vendor: "Debian".into(),
    }
}

fn toolchains() -> Toolchains {
    Toolchains {
        jdks: vec![jdk()],
        git: "2.39.5".into(),
        build_tools: vec![BuildTool {
            name: "mvn".into(),
            version: "3.8.7".into(),
            path: "/usr/bin/mvn".into(),
        }],
    }
}

fn counters() -> LiveCounters {
    LiveCounters {
        run: run(),
        elapsed_s: 5,
        ok: 100,
        ko: 2,
        users_active: 3,
        users_done: 4,
        users_waiting: 5,
    }
}

struct Golden(String);

impl Golden {
    /// Encodes a message and checks that it is read back whole.
    fn add<T: Serialize + DeserializeOwned + PartialEq + Debug>(
        &mut self,
        name: &str,
        message: &T,
    ) {
        let bytes = bfgg_protocol::encode(message, LIMIT).unwrap();
        assert_eq!(bfgg_protocol::decode::<T>(&bytes, LIMIT).unwrap(), *message);
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(self.0, "{name} {hex}").unwrap();
    }
}

fn tasks(golden: &mut Golden) {
    let run = run();
    let prepare = Prepare {
        run,
        controller_name: "office".into(),
        source: GitSource {
            url: "https://example.org/shop.git".into(),
            reference: Some("main".into()),
            commit: None,
            folder: Some("load".into()),
        },
        snapshot: None,
        simulation: Some("example.Shop".into()),
        list_only: false,
    };
    let of_folder = Prepare {
        snapshot: Some(Box::new(ContentHash::of(b"files"))),
        source: GitSource {
            url: String::new(),
            reference: None,
            commit: None,
            folder: Some("load".into()),
        },
        ..prepare.clone()
    };
    let start = Start {
        run,
        parameters: vec![("users".into(), "10".into())],
        secret: Vec::new(),
        java_options: vec!["-Xmx1g".into()],
        index: 0,
        count: 2,
        max_duration_s: 3600,
        jvms_on_host: 1,
        dead_man_s: None,
    };
    let dead_man = Start {
        dead_man_s: Some(120),
        ..start.clone()
    };
    let secret = Start {
        parameters: vec![("login".into(), "hunter22".into())],
        secret: vec!["login".into()],
        ..start.clone()
    };
    for (name, what) in [
        ("prepare", Task::Prepare(prepare)),
        ("prepare-folder", Task::Prepare(of_folder)),
        ("start", Task::Start(start)),
        ("start-dead-man", Task::Start(dead_man)),
        ("start-secret", Task::Start(secret)),
        (
            "release",
            Task::Release {
                run,
                at_ms: 1_764_000_000_000,
            },
        ),
        ("stop", Task::Stop { run, force: true }),
        ("abandon", Task::Abandon { run }),
        (
            "set-group",
            Task::SetGroup {
                group: "lab".into(),
            },
        ),
        ("doctor", Task::Doctor),
        ("clock", Task::Clock),
        ("clear", Task::Clear),
        ("confirm", Task::Confirm { run }),
        ("result", Task::Result { task: task() }),
    ] {
        golden.add(
            &format!("task.{name}"),
            &TaskRequest {
                id: task(),
                task: what,
            },
        );
    }
}

fn receipts(golden: &mut Golden) {
    let prepared = Prepared {
        commit: "0123456789abcdef0123456789abcdef01234567".into(),
        build_tool: "mvn".into(),
        simulations: vec!["example.Shop".into()],
        simulation: Some("example.Shop".into()),
        jdk: jdk(),
        gatling: "3.16.0".into(),
        indicators: Indicators::default(),
        fetch_ms: 800,
        build_ms: 9000,
    };
    let doctor = DoctorReport {
        checks: vec![Check {
            name: "git".into(),
            status: CheckStatus::Pass,
            value: "2.39.5".into(),
            hint: String::new(),
            lines: Vec::new(),
        }],
        toolchains: toolchains(),
    };
    let mut raised = doctor.clone();
    raised.checks[0].lines = vec!["LimitNOFILE=1048576".into()];
    let refusal = Refusal {
        code: RefusalCode::Busy,
        message: "busy: run X since 15:06".into(),
        phase: Some(AgentPhase::Running),
    };
    for (name, receipt) in [
        ("accepted", Receipt::Accepted),
        ("refused", Receipt::Refused(refusal)),
        (
            "prepared",
            Receipt::Done(TaskResult::Prepared(Box::new(prepared))),
        ),
        ("done", Receipt::Done(TaskResult::Done)),
        ("doctor", Receipt::Done(TaskResult::Doctor(doctor.clone()))),
        ("doctor-lines", Receipt::Done(TaskResult::Doctor(raised))),
        (
            "clock",
            Receipt::Done(TaskResult::Clock {
                now_us: 1_764_000_000_000_000,
            }),
        ),
        ("failed", Receipt::Done(TaskResult::Failed(failure()))),
    ] {
        golden.add(&format!("receipt.{name}"), &receipt);
    }
}

fn registration(golden: &mut Golden) {
    let request = RegistrationRequest {
        software: "0.1.0".into(),
        oldest: 1,
        newest: 1,
        instance: id::<InstanceId>(3),
        name: "lab-1".into(),
        group: "lab".into(),
        labels: vec!["fast".into()],
        machine: Machine {
            os: "linux".into(),
            arch: "x86_64".into(),
            cores: 2,
            memory_bytes: 8 << 30,
        },
        toolchains: toolchains(),
        secret: Some(Secret::from_text("aaaqeayeaudaocajbifqydiob4").unwrap()),
        joined: true,
        shows_code: false,
        ephemeral: false,
    };
    golden.add("registration", &request);
    let announced = RegistrationRequest {
        secret: None,
        joined: false,
        shows_code: true,
        ..request.clone()
    };
    golden.add("registration.shows-code", &announced);
    for (name, answer) in [
        (
            "admitted",
            RegistrationAnswer::Admitted {
                protocol: 1,
                controller: "office".into(),
                group: Some("lab".into()),
            },
        ),
        (
            "pending",
            RegistrationAnswer::Pending {
                reason: "no token".into(),
            },
        ),
        (
            "refused",
            RegistrationAnswer::Refused {
                reason: "wrong token".into(),
                retry_after_s: 60,
            },
        ),
    ] {
        golden.add(&format!("registration.{name}"), &answer);
    }
    golden.add(
        "join-token",
        &JoinToken {
            controller: PeerId::new("12D3KooWExample"),
            secret: request.secret,
            addresses: vec!["192.0.2.7:7410".into()],
        },
    );
}

fn states(golden: &mut Golden) {
    for (index, exit) in [
        RunExit::Success,
        RunExit::AssertionsFailed,
        RunExit::Failed { status: 1 },
        RunExit::Killed { signal: 9 },
        RunExit::Stopped,
        RunExit::MaxDuration,
        RunExit::NotStarted,
    ]
    .into_iter()
    .enumerate()
    {
        let state = AgentState {
            instance: id(3),
            sequence: 7,
            name: "lab-1".into(),
            group: "lab".into(),
            phase: AgentPhase::Running,
            step: "compiling".into(),
            lease: Some(Lease {
                controller: PeerId::new("12D3KooWExample"),
                controller_name: "office".into(),
                run: run(),
                since_ms: 1_764_000_000_000,
            }),
            failure: Some(failure()),
            tasks: vec![TaskOutcome {
                task: task(),
                succeeded: Some(true),
            }],
            live: Some(counters()),
            probe: None,
            ended: Some(RunEnd {
                run: run(),
                exit,
                started_ms: 1,
                ended_ms: 2,
                console: Some(counters()),
                log_bytes: Some(4096),
                failure: None,
                probe: None,
                dead_man: false,
            }),
            kept: None,
            health: health(),
            clock_jump: None,
        };
        golden.add(&format!("state.{index}"), &state);
        if index == 0 {
            let jump = ClockJump {
                number: 1,
                at_ms: 1_764_000_000_000,
                by_ms: -3_600_000,
            };
            let jumped = AgentState {
                clock_jump: Some(jump),
                ..state
            };
            golden.add("state.jumped", &jumped);
        }
    }
}

fn health() -> Health {
    Health {
        cpu_percent: 12.5,
        steal_percent: 0.5,
        quota_percent: 25.0,
        throttled_percent: 0.25,
        jvm_percent: 8.25,
        load_1m: 1.5,
        memory_used_bytes: 1 << 30,
        memory_total_bytes: 8 << 30,
        swap_used_bytes: 1 << 20,
        heap_used_bytes: 1 << 28,
        heap_max_bytes: 1 << 30,
        gc_ms: 12,
        gc_pause_ms: 9,
        rx_bytes_s: 1_000_000,
        tx_bytes_s: 2_000_000,
        link_bits_s: 1_000_000_000,
        open_files: 300,
        open_files_limit: 65_536,
        ports_used: 120,
        ports_range: 28_232,
        sockets_established: 100,
        sockets_time_wait: 20,
        sockets_close_wait: 1,
        sockets_other: 2,
        retransmits_s: 3,
        segments_s: 4_000,
        disk_free_bytes: 100 << 30,
    }
}

fn probed(golden: &mut Golden) {
    let probe = Probe {
        run: run(),
        held: true,
        flushed: false,
        reason: "not known".into(),
        released_ms: Some(1_764_000_000_000),
        gatling_ms: Some(1_764_000_000_001),
        heap_used_bytes: 1 << 28,
        heap_max_bytes: 1 << 30,
        gc_ms: 40,
    };
    golden.add("probe", &probe);
}

fn kept(golden: &mut Golden) {
    let kept = KeptRuns {
        runs: 2,
        bytes: 1 << 30,
        end: Some(RunEnd {
            run: run(),
            exit: RunExit::Stopped,
            started_ms: 1,
            ended_ms: 2,
            console: None,
            log_bytes: Some(4096),
            failure: None,
            probe: None,
            dead_man: true,
        }),
    };
    golden.add("kept", &kept);
}

fn telemetry(golden: &mut Golden) {
    let cell = Cell {
        number: 3,
        from: 100,
        to: 2_000,
        cut_ms: 1_764_000_000_000,
        last: true,
        figures: vec![1, 2, 3],
        health: Vec::new(),
    };
    let request = TelemetryRequest {
        run: run(),
        cells: vec![cell.clone()],
    };
    golden.add("telemetry", &request);
    let sample = HealthSample {
        at_ms: 1_764_000_000_000,
        health: health(),
    };
    let request = TelemetryRequest {
        run: run(),
        cells: vec![Cell {
            health: vec![sample],
            ..cell
        }],
    };
    golden.add("telemetry.health", &request);
    for (name, answer) in [
        (
            "next",
            TelemetryAnswer::Next {
                number: 4,
                from: 2_000,
            },
        ),
        ("unwanted", TelemetryAnswer::Unwanted),
    ] {
        golden.add(&format!("telemetry.{name}"), &answer);
    }
}

fn files(golden: &mut Golden) {
    let run = run();
    for file in [
        RunFile::SimulationLog,
        RunFile::Output,
        RunFile::BuildOutput,
    ] {
        let name = file.file_name();
        golden.add(
            &format!("describe.{name}"),
            &FileRequest::Describe { run, file },
        );
    }
    let read = FileRequest::Read {
        run,
        file: RunFile::Output,
        offset: 1 << 40,
        length: 1 << 20,
    };
    golden.add("read", &read);
}

fn sources(golden: &mut Golden) {
    let (run, snapshot) = (run(), ContentHash::of(b"files"));
    let offset = 1 << 20;
    let manifest = SourceRequest::Manifest {
        run,
        snapshot,
        offset,
    };
    golden.add("source-manifest", &manifest);
    let chunks = vec![ContentHash::of(b"one"), ContentHash::of(b"two")];
    let chunks = SourceRequest::Chunks {
        run,
        snapshot,
        chunks,
    };
    golden.add("source-chunks", &chunks);
}

fn outputs(golden: &mut Golden) {
    for (name, start) in [
        ("at", OutputStart::At(1 << 40)),
        ("last", OutputStart::Last(1 << 16)),
    ] {
        let request = OutputRequest {
            run: run(),
            file: RunFile::BuildOutput,
            start,
            length: 1 << 16,
        };
        golden.add(&format!("output.{name}"), &request);
    }
    let piece = OutputPiece {
        from: 7,
        bytes: b"[INFO]\n".to_vec(),
        end: 20,
    };
    golden.add("output.piece", &OutputAnswer::Piece(piece));
    golden.add("output.missing", &OutputAnswer::Missing("None.".into()));
}

fn pairing(golden: &mut Golden) {
    let message = vec![b'A'; 33];
    golden.add("pairing.begin", &PairingRequest::Begin { message });
    let confirm = PairingRequest::Confirm {
        confirmation: vec![7; 32],
        addresses: vec!["192.0.2.7:7410".into()],
    };
    golden.add("pairing.confirm", &confirm);
    let message = vec![b'B'; 33];
    golden.add("pairing.begun", &PairingAnswer::Begun { message });
    let confirmation = vec![8; 32];
    golden.add("pairing.paired", &PairingAnswer::Paired { confirmation });
    golden.add("pairing.wrong", &PairingAnswer::Wrong { tries_left: 4 });
    for (name, refusal) in [
        ("not-waiting", PairingRefusal::NotWaiting),
        ("too-many-tries", PairingRefusal::TooManyTries),
        ("stale", PairingRefusal::Stale),
        ("unreadable", PairingRefusal::Unreadable),
        ("not-kept", PairingRefusal::NotKept),
    ] {
        let refused = PairingAnswer::Refused {
            refusal,
            retry_after_s: 60,
        };
        golden.add(&format!("pairing.{name}"), &refused);
    }
}

#[test]
fn the_bytes_of_every_message_are_those_of_version_1() {
    let mut golden = Golden(String::new());
    registration(&mut golden);
    tasks(&mut golden);
    receipts(&mut golden);
    states(&mut golden);
    files(&mut golden);
    probed(&mut golden);
    telemetry(&mut golden);
    kept(&mut golden);
    outputs(&mut golden);
    sources(&mut golden);
    pairing(&mut golden);
    if std::env::var_os("BFGG_UPDATE").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden.txt");
        std::fs::write(file, golden.0).unwrap();
        return;
    }
    for (ours, frozen) in golden.0.lines().zip(GOLDEN.lines()) {
        assert_eq!(ours, frozen);
    }
    assert_eq!(golden.0.lines().count(), GOLDEN.lines().count());
}

#[test]
fn a_field_of_a_newer_release_is_passed_over() {
    // {"describe": {"run": …, "file": "output", "later": 1}}: an older agent answers all the same.
    let request = FileRequest::Describe {
        run: run(),
        file: RunFile::Output,
    };
    let mut bytes = bfgg_protocol::encode(&request, LIMIT).unwrap();
    let map = bytes.iter().position(|byte| *byte == 0xa2).unwrap();
    bytes[map] = 0xa3;
    bytes.extend(b"\x65later\x01");
    assert_eq!(
        bfgg_protocol::decode::<FileRequest>(&bytes, LIMIT).unwrap(),
        request
    );
}
