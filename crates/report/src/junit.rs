//! The assertions and the verdict for CI servers.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::{AssertionRow, Summary, Verdict, VerdictLevel, printable};

/// The name of the verdict's case.
const VERDICT: &str = "The figures can be believed";

/// The assertions as JUnit's XML: a case for each, failed with the figure in the message, or in error
/// where it could not be decided. A last case is the verdict: it fails where that is INVALID; what makes
/// it SUSPECT is the output of a case that passes. Notes are the suite's output.
#[must_use]
pub fn junit(summary: &Summary) -> String {
    let mut out = Writer::new_with_indent(Vec::new(), b' ', 2);
    // Nothing can fail: it goes to memory.
    let _ = write(&mut out, summary);
    let mut text = String::from_utf8_lossy(&out.into_inner()).into_owned();
    text.push('\n');
    text
}

fn write(out: &mut Writer<Vec<u8>>, summary: &Summary) -> std::io::Result<()> {
    let simulation = legal(&summary.simulation);
    let verdict = summary.verdict.as_ref();
    let tests = (summary.assertions.len() + usize::from(verdict.is_some())).to_string();
    let count =
        |of: fn(&AssertionRow) -> bool| summary.assertions.iter().filter(|row| of(row)).count();
    let is_invalid = verdict.is_some_and(|verdict| verdict.level == VerdictLevel::Invalid);
    let failures = count(|row| !row.holds && !row.undecided) + usize::from(is_invalid);
    let (failures, errors) = (failures.to_string(), count(|row| row.undecided).to_string());
    let seconds = format!(
        "{}.{:03}",
        summary.duration_ms / 1000,
        summary.duration_ms % 1000
    );
    let counts = [
        ("name", simulation.as_str()),
        ("tests", &tests),
        ("failures", &failures),
        ("errors", &errors),
        ("time", &seconds),
    ];
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    out.create_element("testsuites")
        .with_attributes(counts)
        .write_inner_content(|out| {
            out.create_element("testsuite")
                .with_attributes(counts)
                .with_attribute(("timestamp", summary.started.trim_end_matches('Z')))
                .write_inner_content(|out| {
                    for row in &summary.assertions {
                        case(out, &simulation, row)?;
                    }
                    if let Some(verdict) = verdict {
                        judged(out, &simulation, verdict)?;
                    }
                    if !summary.notes.is_empty() {
                        let notes: Vec<String> =
                            summary.notes.iter().map(|note| legal(note)).collect();
                        let notes = notes.join("\n");
                        out.create_element("system-out")
                            .write_text_content(BytesText::new(&notes))?;
                    }
                    Ok(())
                })?;
            Ok(())
        })?;
    Ok(())
}

fn case(out: &mut Writer<Vec<u8>>, simulation: &str, row: &AssertionRow) -> std::io::Result<()> {
    let name = legal(&row.text);
    let case = out.create_element("testcase").with_attributes([
        ("classname", simulation),
        ("name", &name),
        ("time", "0"),
    ]);
    if row.holds {
        return case.write_empty().map(|_| ());
    }
    let element = if row.undecided { "error" } else { "failure" };
    let message = legal(&row.found());
    case.write_inner_content(|out| {
        out.create_element(element)
            .with_attributes([("message", message.as_str()), ("type", "assertion")])
            .write_empty()?;
        Ok(())
    })?;
    Ok(())
}

fn judged(out: &mut Writer<Vec<u8>>, simulation: &str, verdict: &Verdict) -> std::io::Result<()> {
    let case = out.create_element("testcase").with_attributes([
        ("classname", simulation),
        ("name", VERDICT),
        ("time", "0"),
    ]);
    if verdict.findings.is_empty() {
        return case.write_empty().map(|_| ());
    }
    let word = verdict.level.word();
    let lines = verdict
        .findings
        .iter()
        .map(|finding| legal(&finding.text()));
    let lines: Vec<String> = std::iter::once(word.to_owned()).chain(lines).collect();
    let text = lines.join("\n");
    let first = verdict.findings.first().map(|first| legal(&first.text()));
    case.write_inner_content(|out| {
        if verdict.level == VerdictLevel::Invalid {
            let message = format!("{word}: {}", first.unwrap_or_default());
            out.create_element("failure")
                .with_attributes([("message", message.as_str()), ("type", "verdict")])
                .write_text_content(BytesText::new(&text))?;
        } else {
            out.create_element("system-out")
                .write_text_content(BytesText::new(&text))?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Without the characters that XML cannot hold. Line ends are escaped too: a parser would make
/// blanks of them.
fn legal(text: &str) -> String {
    printable(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
