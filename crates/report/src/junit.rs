//! The assertions for CI servers.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::{AssertionRow, Summary, printable};

/// The assertions as JUnit's XML: a case for each, failed with the figure in the message, or in error
/// where it could not be decided. Notes are the suite's output.
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
    let tests = summary.assertions.len().to_string();
    let count = |of: fn(&AssertionRow) -> bool| {
        let rows = summary.assertions.iter();
        rows.filter(|row| of(row)).count().to_string()
    };
    let failures = count(|row| !row.holds && !row.undecided);
    let errors = count(|row| row.undecided);
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

/// Without the characters that XML cannot hold. Line ends are escaped too: a parser would make
/// blanks of them.
fn legal(text: &str) -> String {
    printable(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
