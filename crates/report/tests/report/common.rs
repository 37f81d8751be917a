//! What the tests share.

use std::path::{Path, PathBuf};

use bfgg_report::{Columns, Limits, LogInput, Report, ReportInput, RunClocks, Timing, build};

/// A sample that Gatling itself wrote, beside its own figures of it.
pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../gatling-log/tests/samples")
        .join(name)
}

pub(crate) fn input(logs: &[(&str, PathBuf)]) -> ReportInput {
    let log = |(name, path): &(&str, PathBuf)| LogInput {
        name: (*name).to_owned(),
        peer: String::new(),
        path: path.clone(),
        offset_ms: 0,
        length: None,
        timing: Timing::default(),
    };
    ReportInput {
        run: "test".to_owned(),
        columns: Columns::default(),
        limits: Limits::default(),
        logs: logs.iter().map(log).collect(),
        clocks: RunClocks::default(),
    }
}

/// The report of samples, each as the log of one agent.
pub(crate) fn report(samples: &[&str]) -> Report {
    let logs: Vec<_> = samples
        .iter()
        .map(|name| (*name, sample(name).join("simulation.log")))
        .collect();
    build(input(&logs)).unwrap()
}

/// A page taken apart, as the HTML standard's tokenizer would: its templates write a `<` of text as
/// `&lt;`, so that each `<` begins a tag.
pub(crate) struct Page {
    /// Each tag as it stands there.
    pub(crate) tags: Vec<String>,
    /// What is in the script elements.
    pub(crate) scripts: Vec<String>,
    /// The text between the tags: the tag before it, then the text.
    parts: Vec<(String, String)>,
}

impl Page {
    pub(crate) fn of(html: &str) -> Self {
        let (mut tags, mut scripts, mut parts) = (Vec::new(), Vec::new(), Vec::new());
        let mut rest = html;
        while let Some((_, after)) = rest.split_once('<') {
            let (tag, after) = after.split_once('>').unwrap();
            tags.push(tag.to_owned());
            let name = tag.split(' ').next().unwrap();
            let end = match name {
                "script" | "style" => after.find(&format!("</{name}")).unwrap(),
                _ => after.find('<').unwrap_or(after.len()),
            };
            match name {
                "script" => scripts.push(after[..end].to_owned()),
                "style" => {}
                _ => parts.push((tag.to_owned(), after[..end].to_owned())),
            }
            rest = &after[end..];
        }
        Self {
            tags,
            scripts,
            parts,
        }
    }

    /// What a reader sees, a line for each row, heading or paragraph; cells are parted by bars.
    pub(crate) fn text(&self) -> String {
        let mut lines = vec![String::new()];
        for (tag, text) in &self.parts {
            let name = tag.split(' ').next().unwrap_or_default();
            let line = lines.last_mut().unwrap();
            match name {
                "tr" | "h1" | "h2" | "h3" | "p" | "li" | "title" | "nav" | "dl" | "footer"
                | "section" => lines.push(String::new()),
                "td" | "th" | "dt" | "a" if !line.is_empty() => line.push_str(" | "),
                "dd" => line.push_str(": "),
                _ => {}
            }
            lines
                .last_mut()
                .unwrap()
                .push_str(text.trim_start_matches('\n'));
        }
        lines.retain(|line| !line.trim().is_empty());
        lines.join("\n")
    }
}
