//! Lines of agents' outputs.

use std::fmt::Write;

use bfgg_controller::api::types::AgentOutput;

use super::text::{bytes, printable};

/// What stands before the lines of each output: as much of the agent's name and of what prints as is
/// needed to tell them apart.
pub(crate) fn labels(outputs: &[(&str, &str)]) -> Vec<String> {
    let differ = |part: fn(&(&str, &str)) -> String| {
        let first = outputs.first().map(part);
        outputs.iter().any(|own| Some(part(own)) != first)
    };
    let agents = differ(|own| printable(own.0));
    let printers = differ(|own| own.1.to_owned());
    let whole = outputs
        .iter()
        .map(|(agent, printer)| match (agents, printers) {
            (true, true) => format!("{} {printer}", printable(agent)),
            (true, false) => printable(agent),
            (false, true) => (*printer).to_owned(),
            (false, false) => String::new(),
        });
    let whole: Vec<String> = whole.collect();
    let width = whole
        .iter()
        .map(|label| console::measure_text_width(label))
        .max()
        .unwrap_or(0);
    let padded = whole.iter().map(|label| match width {
        0 => String::new(),
        _ => format!(
            "{} | ",
            console::pad_str(label, width, console::Alignment::Left, None)
        ),
    });
    padded.collect()
}

/// The lines of an answer, one below the other. `asked` is the position they were asked from.
pub(crate) fn lines(label: &str, output: &AgentOutput, asked: Option<u64>) -> String {
    let mut text = String::new();
    if output.skipped > 0 {
        let _ = writeln!(
            text,
            "{label}[bfgg] {} are not kept here",
            bytes(output.skipped)
        );
    }
    if asked.is_some_and(|asked| output.next < asked) {
        let _ = writeln!(text, "{label}[bfgg] it begins anew");
    }
    for line in &output.lines {
        let _ = writeln!(text, "{label}{}", printable(line));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_says_what_is_needed() {
        for (outputs, expected) in [
            (&[][..], &[][..]),
            (&[("lab-1", "gatling")], &[""]),
            (
                &[("lab-1", "build"), ("lab-1", "gatling")],
                &["build   | ", "gatling | "],
            ),
            (
                &[("lab-1", "build"), ("laboratory", "build")],
                &["lab-1      | ", "laboratory | "],
            ),
            (
                &[
                    ("lab-1", "build"),
                    ("lab-1", "gatling"),
                    ("l\u{1b}2", "build"),
                ],
                &[
                    "lab-1 build    | ",
                    "lab-1 gatling  | ",
                    "l\\u{1b}2 build | ",
                ],
            ),
        ] {
            assert_eq!(labels(outputs), expected);
        }
    }

    #[test]
    fn lines_with_their_label_and_what_is_missing() {
        let output = AgentOutput {
            from: 1_500_100,
            lines: vec!["[INFO] ok".into(), "\u{1b}[2J".into()],
            next: 1_500_120,
            skipped: 1_500_000,
            ended: false,
            end: 1_500_120,
        };
        let text = "a | [bfgg] 1.50 MB are not kept here\na | [INFO] ok\na | \\u{1b}[2J\n";
        assert_eq!(lines("a | ", &output, Some(100)), text);
        let anew = AgentOutput {
            lines: vec!["one".into()],
            next: 4,
            ..AgentOutput::default()
        };
        assert_eq!(lines("", &anew, Some(9)), "[bfgg] it begins anew\none\n");
        assert_eq!(lines("", &AgentOutput::default(), Some(0)), "");
    }
}
