//! Every task in every phase.

use super::*;

/// `A` accepted, `D` done, else the refusal: `B`usy, wrong `P`hase, unknown `R`un, bad `I`nput,
/// unknown `T`ask.
fn letter(receipt: &Receipt) -> char {
    match receipt {
        Receipt::Accepted => 'A',
        Receipt::Done(_) => 'D',
        Receipt::Refused(refusal) => match refusal.code {
            RefusalCode::Busy => 'B',
            RefusalCode::WrongPhase => 'P',
            RefusalCode::UnknownRun => 'R',
            RefusalCode::BadInput => 'I',
            RefusalCode::UnknownTask => 'T',
            RefusalCode::NotJoined => 'N',
        },
    }
}

type Make = fn(RunId) -> Task;
/// A task, whose it is, its receipts and the phases after it, for each of [`PHASES`].
type Row = (
    &'static str,
    Make,
    bool,
    &'static str,
    [Option<AgentPhase>; 9],
);

#[test]
#[rustfmt::skip]
fn every_task_in_every_phase() {
    use AgentPhase::{Available, Fetching, Starting, Stopping};
    let rows: [Row; 17] = [
        // The columns are PHASES. What is not named stays in its phase.
        (
            "prepare",
            |run| prepare(run, false),
            true,
            "AABBABBBB",
            [
                Some(Fetching),
                Some(Fetching),
                None,
                None,
                Some(Fetching),
                None,
                None,
                None,
                None,
            ],
        ),
        (
            "prepare, another run",
            |_| prepare(RunId::new(), false),
            true,
            "AABBBBBBB",
            [
                Some(Fetching),
                Some(Fetching),
                None,
                None,
                None,
                None,
                None,
                None,
                None,
            ],
        ),
        (
            "prepare, a stranger",
            |run| prepare(run, false),
            false,
            "AABBBBBBB",
            [
                Some(Fetching),
                Some(Fetching),
                None,
                None,
                None,
                None,
                None,
                None,
                None,
            ],
        ),
        (
            "start",
            |run| start(run, 60),
            true,
            "RRPPAPPPP",
            [
                None,
                None,
                None,
                None,
                Some(Starting),
                None,
                None,
                None,
                None,
            ],
        ),
        (
            "start, no time",
            |run| start(run, 0),
            true,
            "RRIIIIIII",
            [None; 9],
        ),
        (
            "start, too long",
            |run| start(run, u32::MAX),
            true,
            "RRIIIIIII",
            [None; 9],
        ),
        (
            "start, another run",
            |_| start(RunId::new(), 60),
            true,
            "RRBBBBBBB",
            [None; 9],
        ),
        (
            "start, a stranger",
            |run| start(run, 60),
            false,
            "RRBBBBBBB",
            [None; 9],
        ),
        (
            "release",
            |run| Task::Release { run, at_ms: 7 },
            true,
            "RRPPPPDPP",
            [None; 9],
        ),
        (
            "release, a stranger",
            |run| Task::Release { run, at_ms: 7 },
            false,
            "RRBBBBBBB",
            [None; 9],
        ),
        (
            "stop",
            |run| Task::Stop { run, force: false },
            true,
            "DDAADAAAA",
            [
                None,
                None,
                None,
                None,
                Some(Available),
                Some(Stopping),
                Some(Stopping),
                Some(Stopping),
                None,
            ],
        ),
        (
            "stop, another run",
            |_| Task::Stop {
                run: RunId::new(),
                force: true,
            },
            true,
            "DDDDDDDDD",
            [None; 9],
        ),
        (
            "stop, a stranger",
            |run| Task::Stop { run, force: true },
            false,
            "DDDDDDDDD",
            [None; 9],
        ),
        (
            "abandon",
            |run| Task::Abandon { run },
            true,
            "DDAADAAPA",
            [
                None,
                None,
                None,
                None,
                Some(Available),
                Some(Stopping),
                Some(Stopping),
                None,
                None,
            ],
        ),
        ("doctor", |_| Task::Doctor, false, "AAAAAAAAA", [None; 9]),
        (
            "clear",
            |_| Task::Clear,
            true,
            "DDPPPPPPP",
            [
                None,
                Some(Available),
                None,
                None,
                None,
                None,
                None,
                None,
                None,
            ],
        ),
        (
            "result",
            |_| Task::Result {
                task: TaskId::new(),
            },
            true,
            "TTTTTTTTT",
            [None; 9],
        ),
    ];
    for (name, make, own, letters, after) in rows {
        for ((phase, expected), after) in PHASES.into_iter().zip(letters.chars()).zip(after) {
            let mut scene = Scene::in_phase(phase);
            let from = if own { owner() } else { stranger() };
            let task = request(make(scene.run));
            let receipt = scene
                .life
                .task(at(1), &from, task.clone(), &mut scene.effects);
            assert_eq!(
                letter(&receipt),
                expected,
                "{name} in {phase:?}: {receipt:?}"
            );
            assert_eq!(
                scene.life.phase(),
                after.unwrap_or(phase),
                "{name} in {phase:?}"
            );
            // The same again does nothing; what was done says so.
            if matches!(expected, 'A' | 'D') {
                let effects = scene.effects.len();
                let again = scene.life.task(at(2), &from, task, &mut scene.effects);
                assert_eq!(letter(&again), expected, "{name} in {phase:?}, again");
                assert_eq!(scene.effects.len(), effects, "{name} in {phase:?}, again");
            } else {
                assert!(
                    scene.effects.is_empty(),
                    "a refusal has no effect: {name} in {phase:?}"
                );
            }
        }
    }
}
