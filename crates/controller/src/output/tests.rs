//! Lines of files as agents hand them over.

use bfgg_protocol::gap_note;
use bfgg_protocol::version::OUTPUT_KEPT;

use super::*;

/// A file with this in it; it goes with the folder.
fn file(bytes: &[u8]) -> (tempfile::TempDir, Source<'static>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("output.log");
    std::fs::write(&path, bytes).unwrap();
    (folder, Source::File(path))
}

/// An answer but for its end, which is that of what there is.
async fn ask(source: &Source<'_>, wanted: Wanted, grows: bool) -> AgentOutput {
    let mut answer = read(source, wanted, grows).await.unwrap();
    let end = source.end().await.unwrap();
    assert_eq!(std::mem::take(&mut answer.end), end);
    answer
}

fn answer(from: u64, lines: &[&str], next: u64, skipped: u64, ended: bool) -> AgentOutput {
    AgentOutput {
        from,
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        next,
        skipped,
        ended,
        end: 0,
    }
}

#[tokio::test]
async fn lines_by_position_and_from_the_end() {
    use Wanted::{From, Last};
    let (_folder, source) = file(b"one\ntwo\nthree\nfou");
    for (wanted, grows, expected) in [
        (
            From(0),
            false,
            answer(0, &["one", "two", "three", "fou"], 17, 0, true),
        ),
        (
            From(0),
            true,
            answer(0, &["one", "two", "three"], 14, 0, false),
        ),
        (From(8), true, answer(8, &["three"], 14, 0, false)),
        (From(14), true, answer(14, &[], 14, 0, false)),
        (From(14), false, answer(14, &["fou"], 17, 0, true)),
        (From(17), false, answer(17, &[], 17, 0, true)),
        // It was begun anew since.
        (
            From(99),
            false,
            answer(0, &["one", "two", "three", "fou"], 17, 0, true),
        ),
        (Last(2), false, answer(8, &["three", "fou"], 17, 0, true)),
        (Last(2), true, answer(4, &["two", "three"], 14, 0, false)),
        (
            Last(99),
            true,
            answer(0, &["one", "two", "three"], 14, 0, false),
        ),
        (Last(0), true, answer(14, &[], 14, 0, false)),
        (Last(0), false, answer(17, &[], 17, 0, true)),
    ] {
        assert_eq!(
            ask(&source, wanted, grows).await,
            expected,
            "{wanted:?} {grows}"
        );
    }
    let (_folder, empty) = file(b"");
    for wanted in [From(0), Last(5)] {
        assert_eq!(ask(&empty, wanted, false).await, answer(0, &[], 0, 0, true));
    }
}

#[tokio::test]
async fn a_gap_is_told_and_comes_between_answers() {
    let mut head = "0123456789\n".repeat(OUTPUT_KEPT as usize / 11 + 1);
    head.truncate(OUTPUT_KEPT as usize);
    let text = format!("{head}{}il end\nlast\n", gap_note(1000));
    let (_folder, source) = file(text.as_bytes());
    let at = OUTPUT_KEPT;
    let before = ask(&source, Wanted::From(at - 15), false).await;
    // The line that the gap cut is given as it is.
    assert_eq!(
        before,
        answer(at - 15, &["0123456789", "0123"], at, 0, false)
    );
    let after = ask(&source, Wanted::From(at), false).await;
    assert_eq!(
        after,
        answer(at + 1000, &["il end", "last"], at + 1012, 1000, true)
    );
    // The end is not looked for beyond a gap.
    let last = ask(&source, Wanted::Last(10), false).await;
    assert_eq!(
        last,
        answer(at + 1000, &["il end", "last"], at + 1012, 0, true)
    );
}

#[tokio::test]
async fn following_takes_bounded_steps_and_loses_nothing() {
    let whole: Vec<String> = (0..100_000).map(|n| format!("line {n}")).collect();
    let (_folder, source) = file((whole.join("\n") + "\n").as_bytes());
    let (mut next, mut found) = (0, Vec::new());
    loop {
        let answer = ask(&source, Wanted::From(next), false).await;
        assert!(answer.from == next && answer.next - next <= MOST + 64 * 1024);
        next = answer.next;
        found.extend(answer.lines);
        if answer.ended {
            break;
        }
    }
    assert_eq!(found, whole);
    let last = ask(&source, Wanted::Last(20_000), false).await;
    assert_eq!(last.lines, whole[80_000..]);
}

#[tokio::test]
async fn a_line_that_never_ends_holds_nothing_up() {
    let (_folder, source) = file(&vec![b'x'; 3 * 1024 * 1024]);
    let (mut next, mut found) = (0, 0);
    for _ in 0..20 {
        let answer = ask(&source, Wanted::From(next), true).await;
        assert!(answer.lines.iter().all(|line| line.len() <= lines::LONGEST));
        found += answer.lines.iter().map(String::len).sum::<usize>();
        next = answer.next;
    }
    assert_eq!(
        (found, next),
        (
            3 * 1024 * 1024 - lines::LONGEST,
            3 * 1024 * 1024 - lines::LONGEST as u64
        )
    );
    let last = ask(&source, Wanted::Last(3), true).await;
    assert_eq!(last.lines.len(), 3);
}
