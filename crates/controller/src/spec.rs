//! What can be said of a run's spec before an agent sees it, and its secret values.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::api::types::{RunSpec, Source, TestSpec, check_rules};
use crate::error::{Refused, RefusedKind};

/// What stands in the place of a secret value.
pub(crate) const MASK: &str = "•••";
/// A shorter value cannot be masked in what programs print without spoiling all else.
const SHORTEST_SECRET: usize = 4;
/// Characters of a test's name.
const NAME: usize = 100;
/// Characters of a test's description.
const DESCRIPTION: usize = 2000;
/// Labels of a test, and the characters of one.
const LABELS: (usize, usize) = (20, 50);
/// Bytes of a parameter's name.
const PARAMETER: usize = 200;

fn bad_input(message: impl Into<String>, hint: impl Into<String>) -> Refused {
    Refused::new(RefusedKind::BadInput, "bad-input", message, hint)
}

/// What can be said of a source before an agent sees it.
pub(crate) fn check_source(source: &Source) -> Result<(), Refused> {
    let bad = |message: String, hint: &str| Err(bad_input(message, hint));
    if let Some(snapshot) = &source.snapshot {
        if !source.url.is_empty() || source.reference.is_some() {
            let hint = "Leave out url and reference, or the snapshot.";
            return bad("A snapshot and a repository are both named.".into(), hint);
        }
        let is_hash = |commit: &String| commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_word = snapshot.name.len() <= 255 && !snapshot.name.chars().any(char::is_control);
        let commit = snapshot.base_commit.as_ref();
        if !is_word || commit.is_some_and(|commit| commit.len() > 64 || !is_hash(commit)) {
            let hint = "The name is that of the folder, the commit some hex digits.";
            return bad(
                "The snapshot's name or commit is not acceptable.".into(),
                hint,
            );
        }
    } else if source.url.trim().is_empty() {
        let hint = "Give the URL you would give to git clone.";
        return bad("The repository's URL is missing.".into(), hint);
    }
    let fields = [
        ("URL", Some(&source.url)),
        ("reference", source.reference.as_ref()),
        ("folder", source.folder.as_ref()),
    ];
    for (name, value) in fields {
        let Some(value) = value else { continue };
        if value.starts_with('-') {
            let message = format!("The {name} \"{}\" begins with \"-\".", value.escape_debug());
            return bad(message, "git would take it for an option.");
        }
        if value.chars().any(char::is_control) {
            let message = format!("The {name} has a control character.");
            return bad(
                message,
                "Type it again; a line break may have been pasted with it.",
            );
        }
    }
    Ok(())
}

/// Whether a run can be made of this spec, as far as it can be told without its agents.
pub(crate) fn check_run(spec: &RunSpec) -> Result<(), Refused> {
    check_source(&spec.source)?;
    if spec.max_duration_s == 0 {
        let hint = "Leave max_duration_s out for 4 h.";
        return Err(bad_input("The maximum duration is 0 s.", hint));
    }
    if let Err(why) = check_rules(&spec.stop_if) {
        return Err(bad_input(why, ""));
    }
    if spec.dead_man_s == Some(0) {
        let hint = "Leave it out for none.";
        return Err(bad_input("The dead man's limit is 0 s.", hint));
    }
    check_secrets(spec, &BTreeSet::new())
}

/// Secret parameters have a value of their own, and one that can be masked. `known` are those whose value
/// is kept already, so that the mask may stand for it.
fn check_secrets(spec: &RunSpec, known: &BTreeSet<&str>) -> Result<(), Refused> {
    for parameter in spec.parameters.iter().filter(|own| own.secret) {
        let name = parameter.name.escape_debug();
        let same = spec
            .parameters
            .iter()
            .filter(|own| own.name == parameter.name);
        if same.count() > 1 {
            let message = format!("The parameter {name} is there twice, and secret.");
            return Err(bad_input(message, "Name each parameter once."));
        }
        if spec.divide.contains(&parameter.name) {
            let message = format!("The secret parameter {name} is to be divided.");
            return Err(bad_input(
                message,
                "Take it out of divide, or do not mark it as secret.",
            ));
        }
        if parameter.value == MASK {
            if known.contains(parameter.name.as_str()) {
                continue;
            }
            let message = format!("The value of the secret parameter {name} is not known here.");
            return Err(bad_input(message, "Type it again."));
        }
        if parameter.value.trim().chars().count() < SHORTEST_SECRET {
            let message = format!(
                "The value of the secret parameter {name} has less than {SHORTEST_SECRET} characters."
            );
            let hint =
                "Shorter ones cannot be masked in what Gatling prints: do not mark it as secret.";
            return Err(bad_input(message, hint));
        }
    }
    Ok(())
}

/// Whether a test can be kept; `known` are the secret parameters whose values are kept already.
pub(crate) fn check_test(test: &TestSpec, known: &BTreeSet<&str>) -> Result<(), Refused> {
    let plain = |text: &str| !text.chars().any(char::is_control);
    let name = test.name.trim();
    if name.is_empty() || name.chars().count() > NAME || !plain(name) {
        let message = format!("The test's name has 1 to {NAME} characters, and no line breaks.");
        return Err(bad_input(
            message,
            "Give it a name by which you find it again.",
        ));
    }
    if test.description.chars().count() > DESCRIPTION {
        let message = format!("The test's description has more than {DESCRIPTION} characters.");
        return Err(bad_input(message, "Shorten it."));
    }
    let (most, longest) = LABELS;
    if test.labels.len() > most {
        let message = format!("The test has more than {most} labels.");
        return Err(bad_input(message, "Leave some out."));
    }
    for label in &test.labels {
        let label = label.trim();
        if label.is_empty() || label.chars().count() > longest || !plain(label) {
            let message = format!(
                "The label \"{}\" does not have 1 to {longest} characters.",
                label.escape_debug()
            );
            return Err(bad_input(message, "Shorten it, or leave it out."));
        }
    }
    let spec = &test.spec;
    let mut seen = BTreeSet::new();
    for parameter in &spec.parameters {
        let own = parameter.name.as_str();
        let shown = own.escape_debug();
        let letters = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        let begins = own.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !begins || own.len() > PARAMETER || !own.bytes().all(letters) {
            let message = format!("\"{shown}\" cannot be the name of a parameter.");
            let hint = "Use letters, digits, \".\", \"_\" and \"-\", a letter first.";
            return Err(bad_input(message, hint));
        }
        if !seen.insert(own) {
            let message = format!("The parameter {shown} is there twice.");
            return Err(bad_input(message, "Name each parameter once."));
        }
    }
    for name in &spec.divide {
        let shown = name.escape_debug();
        let Some(parameter) = spec.parameters.iter().find(|own| own.name == *name) else {
            let message = format!("\"{shown}\" is to be divided but is no parameter of the test.");
            return Err(bad_input(
                message,
                "Take it out of divide, or add the parameter.",
            ));
        };
        if !parameter.secret && parameter.value.trim().parse::<u64>().is_err() {
            let message = format!(
                "Parameter {shown} is to be divided but its value \"{}\" is no whole number.",
                parameter.value.escape_debug()
            );
            return Err(bad_input(
                message,
                "Give a whole number, or take it out of divide.",
            ));
        }
    }
    check_secrets(spec, known)?;
    // What is masked is checked above.
    let mut rest = spec.clone();
    rest.parameters.retain(|own| !own.secret);
    check_run(&rest)
}

/// The values of secret parameters, by name.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Secrets(BTreeMap<String, String>);

impl Secrets {
    /// Takes them out of a spec: the mask stands in their place.
    pub(crate) fn take(spec: &mut RunSpec) -> Self {
        let secret = spec.parameters.iter_mut().filter(|own| own.secret);
        let taken = secret.map(|own| {
            let value = std::mem::replace(&mut own.value, MASK.to_owned());
            (own.name.clone(), value)
        });
        Self(taken.collect())
    }

    /// The value of a secret parameter.
    pub(crate) fn get(&self, name: &str) -> Option<&String> {
        self.0.get(name)
    }

    /// Their names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    pub(crate) fn into_values(self) -> impl Iterator<Item = (String, String)> {
        self.0.into_iter()
    }
}

/// Names alone.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
