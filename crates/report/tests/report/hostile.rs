//! Names that attack who reads the report: threat T7.

use std::path::Path;

use bfgg_report::{Report, build, csv, html, junit};
use gatling_log::{Encoder, Header, User, Version};
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::Event;
use tempfile::TempDir;

use crate::common::{Page, input};

const HOSTILE: [&str; 15] = [
    "<img src=x onerror=\"window.__ran=1\">",
    "</script><script>window.__ran=1</script>",
    "<!--<script>",
    "]]><x/>&amp;&#x3c;",
    "javascript:window.__ran=1",
    "\" onmouseover=\"window.__ran=1",
    "' autofocus onfocus='window.__ran=1",
    "line\u{2028}separator\u{2029}end",
    "\u{202e}gnp.exe\u{2066}",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0,\"x\"\r\n+2",
    "  -2+3",
    "nul \0 bell \u{7} escape \u{1b}[2J next \u{85}",
    "not \u{fffe} characters \u{ffff}",
    "lone \u{d7ff} surrogate",
];

const LATE: u32 = 20;

/// A log in which all that can have a name has the names given.
fn log(folder: &Path, names: &[String]) -> Report {
    let mut encoder = Encoder::new(&Header {
        version: Version::parse("3.16.0").unwrap(),
        simulation: names.concat(),
        start: 1_750_000_000_000,
        description: names.concat(),
        scenarios: names.to_vec(),
        assertions: Vec::new(),
    });
    for (scenario, name) in names.iter().enumerate() {
        encoder.user(User {
            scenario,
            starts: true,
            time: 1,
        });
        encoder.request(&[], name, 1..9, false, name);
        encoder.request(&[name, name], name, 1..9, true, "");
        encoder.group(&[name], 1..LATE, 8, true);
        encoder.error(name, 9);
    }
    // Java's text may hold half of a pair.
    let mut bytes = encoder.take();
    for index in 1..bytes.len() {
        if bytes[index - 1..=index] == [0xff, 0xd7] {
            bytes[index - 1..=index].copy_from_slice(&[0x00, 0xd8]);
        }
    }
    let path = folder.join("simulation.log");
    std::fs::write(&path, bytes).unwrap();
    let agent = names.concat();
    let mut report = build(input(&[(&agent, path)])).unwrap();
    let summary = &mut report.summary;
    summary.run = names.concat();
    summary.agents[0].peer = names.concat();
    summary.notes = names.to_vec();
    summary.assertions = names
        .iter()
        .map(|name| bfgg_report::AssertionRow {
            text: name.clone(),
            holds: false,
            undecided: false,
            actual: 1.5,
            note: Some(name.clone()),
        })
        .collect();
    report
}

fn hostile() -> Report {
    let folder = TempDir::new().unwrap();
    let names = HOSTILE.map(str::to_owned);
    log(folder.path(), &names)
}

/// The page of harmless names in their place, numbered so that their order is the same.
fn harmless() -> Report {
    let folder = TempDir::new().unwrap();
    let names: Vec<String> = (0..HOSTILE.len()).map(|n| format!("name {n}")).collect();
    log(folder.path(), &names)
}

#[test]
fn names_make_no_element_and_no_attribute() {
    let (hostile, harmless) = (html(&hostile()), html(&harmless()));
    let (hostile, harmless) = (Page::of(&hostile), Page::of(&harmless));
    assert_eq!(hostile.tags.len(), harmless.tags.len());
    for (hostile, harmless) in hostile.tags.iter().zip(&harmless.tags) {
        assert_eq!(hostile, harmless);
    }
    // Of scripts, data apart, there is one, whose hash the policy has.
    assert_eq!(hostile.scripts.len(), 2);
    assert_eq!(hostile.scripts[1], harmless.scripts[1]);
    let data: serde_json::Value = serde_json::from_str(&hostile.scripts[0]).unwrap();
    let scenarios = data["users"].as_array().unwrap();
    let shown = |name: &str| scenarios.iter().any(|own| own["scenario"] == name);
    assert!(shown(HOSTILE[0]) && shown(HOSTILE[1]), "{scenarios:?}");
    assert!(!hostile.scripts[0].contains(['<', '>', '&']));
}

#[test]
fn the_page_has_no_character_that_hides_or_reorders() {
    for page in [html(&hostile()), html(&harmless())] {
        let bad = page.chars().find(|c| {
            matches!(*c, '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
                | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        });
        assert_eq!(bad, None);
    }
}

#[test]
fn csv_has_no_formula_and_reads_back() {
    let report = hostile();
    let text = csv(&report.summary);
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), report.summary.rows.len());
    for record in &records {
        for cell in record {
            let begins = cell.trim_start().chars().next();
            assert!(!matches!(begins, Some('=' | '+' | '-' | '@')), "{cell:?}");
            assert!(!cell.contains(|c: char| c.is_control()), "{cell:?}");
        }
    }
    assert!(
        records
            .iter()
            .any(|record| &record[2] == "'=cmd|' /C calc'!A0")
    );
    assert!(records.iter().any(|record| &record[2] == "'  -2+3"));
}

#[test]
fn junit_is_xml_of_the_same_form() {
    let shape = |report: &Report| {
        let xml = junit(&report.summary);
        let bad = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{fffe}' | '\u{ffff}');
        assert!(!xml.contains(bad), "{xml:?}");
        let (mut reader, mut shape) = (Reader::from_str(&xml), Vec::new());
        reader.config_mut().check_end_names = true;
        loop {
            match reader.read_event().unwrap() {
                Event::Eof => return shape,
                Event::Start(tag) | Event::Empty(tag) => {
                    shape.push(tag.name().as_ref().to_owned());
                    for attribute in tag.attributes() {
                        let attribute = attribute.unwrap();
                        shape.push(attribute.key.as_ref().to_owned());
                        attribute.normalized_value(XmlVersion::Explicit1_0).unwrap();
                    }
                }
                _ => {}
            }
        }
    };
    assert_eq!(shape(&hostile()), shape(&harmless()));
}

/// Programs get the names as they are; what Java alone can hold is replaced.
#[test]
fn json_has_the_names_themselves() {
    let json = serde_json::to_string(&hostile().summary).unwrap();
    let back: bfgg_report::Summary = serde_json::from_str(&json).unwrap();
    for name in HOSTILE {
        // Gatling itself writes blanks for what would part the columns of a text log.
        let name = name
            .replace('\u{d7ff}', "\u{fffd}")
            .replace(['\r', '\n'], " ");
        let is_there = back.rows.iter().any(|row| row.path == [name.as_str()]);
        assert!(is_there, "{name:?}");
    }
}
