//! The simulations of a project, read from its class files.

use std::collections::HashMap;
use std::path::Path;

use bfgg_protocol::{Failure, FailureCode};
use cafebabe::{ClassAccessFlags, ParseOptions};

/// The classes that a simulation extends, in Scala's and in Java's API.
const ROOTS: [&str; 2] = [
    "io/gatling/core/scenario/Simulation",
    "io/gatling/javaapi/core/Simulation",
];
/// No class file of a simulation is as large as this, bytes.
const MAX_CLASS: u64 = 4 * 1024 * 1024;

#[derive(Debug)]
struct Class {
    parent: Option<String>,
    concrete: bool,
}

/// All simulations in folders of classes, sorted.
pub(crate) fn find<'a>(folders: impl Iterator<Item = &'a Path>) -> Vec<String> {
    let mut classes = HashMap::new();
    for folder in folders {
        read_folder(folder, &mut classes);
    }
    let mut found: Vec<String> = classes
        .iter()
        .filter(|(name, class)| class.concrete && extends_simulation(name, &classes))
        .map(|(name, _)| name.replace('/', "."))
        .collect();
    found.sort();
    found
}

fn extends_simulation(name: &str, classes: &HashMap<String, Class>) -> bool {
    let mut at = name;
    // A damaged class file may extend itself by a detour.
    for _ in 0..=classes.len() {
        let Some(parent) = classes.get(at).and_then(|class| class.parent.as_deref()) else {
            return false;
        };
        if ROOTS.contains(&parent) {
            return true;
        }
        at = parent;
    }
    false
}

fn read_folder(root: &Path, classes: &mut HashMap<String, Class>) {
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match entry.metadata() {
                // Links are not followed.
                Ok(meta) if meta.is_dir() => open.push(path),
                Ok(meta) if meta.is_file() && meta.len() <= MAX_CLASS && is_class(&path) => {
                    read_class(&path, classes);
                }
                _ => {}
            }
        }
    }
}

fn is_class(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "class")
}

fn read_class(path: &Path, classes: &mut HashMap<String, Class>) {
    let Ok(bytes) = std::fs::read(path) else {
        return;
    };
    let mut options = ParseOptions::default();
    options.parse_bytecode(false);
    match cafebabe::parse_class_with_options(&bytes, &options) {
        Ok(class) => {
            let no_instance = ClassAccessFlags::ABSTRACT | ClassAccessFlags::INTERFACE;
            let parent = class.super_class.as_ref().map(ToString::to_string);
            let concrete = !class.access_flags.intersects(no_instance);
            classes
                .entry(class.this_class.to_string())
                .or_insert(Class { parent, concrete });
        }
        Err(error) => tracing::debug!(path = %path.display(), %error, "not a class file"),
    }
}

/// The simulation to run: the one named, or the only one.
pub(crate) fn choose(found: &[String], named: Option<&str>) -> Result<String, Failure> {
    let failure =
        |code, message: String, hint: String| Err(Failure::new(code, "build", message, hint));
    let list = || found.join("\n");
    match (named, found) {
        (_, []) => failure(
            FailureCode::NoSimulation,
            "The project has no simulation.".to_owned(),
            "A simulation is a class in the project's tests that extends Gatling's Simulation."
                .to_owned(),
        ),
        (Some(named), _) if found.iter().any(|class| class == named) => Ok(named.to_owned()),
        (Some(named), _) => {
            let shown: String = named
                .chars()
                .filter(|c| !c.is_control())
                .take(200)
                .collect();
            let hint = match nearest(found, named) {
                Some(near) => format!("Did you mean {near}?"),
                None => format!("The project has: {}.", found.join(", ")),
            };
            let message = format!("The project has no simulation \"{shown}\".");
            let failed: Result<String, Failure> =
                failure(FailureCode::UnknownSimulation, message, hint);
            failed.map_err(|failure| failure.with_detail(list()))
        }
        (None, [only]) => Ok(only.clone()),
        (None, _) => {
            let message = format!(
                "The project has {} simulations, and none was named.",
                found.len()
            );
            let hint = format!("Name one of: {}.", found.join(", "));
            let failed: Result<String, Failure> =
                failure(FailureCode::SeveralSimulations, message, hint);
            failed.map_err(|failure| failure.with_detail(list()))
        }
    }
}

/// The class whose whole or simple name is nearest, if it is near at all.
fn nearest<'a>(found: &'a [String], named: &str) -> Option<&'a String> {
    let simple = |name: &str| name.rsplit('.').next().unwrap_or(name).to_lowercase();
    let wanted = simple(named);
    let distance = |class: &&String| strsim::damerau_levenshtein(&simple(class), &wanted);
    found
        .iter()
        .min_by_key(distance)
        .filter(|class| distance(class) * 3 <= wanted.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A class file with nothing but a name and a parent.
    fn class(name: &str, parent: &str, flags: u16) -> Vec<u8> {
        let mut bytes = vec![0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 69, 0, 5];
        for text in [name, parent] {
            bytes.push(1);
            bytes.extend((text.len() as u16).to_be_bytes());
            bytes.extend(text.as_bytes());
        }
        bytes.extend([7, 0, 1, 7, 0, 2]);
        bytes.extend(flags.to_be_bytes());
        bytes.extend([0, 3, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0]);
        bytes
    }

    #[test]
    fn concrete_descendants_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let public = 0x21;
        for (name, parent, flags) in [
            ("a/JavaSim", ROOTS[1], public),
            ("a/ScalaSim", ROOTS[0], public),
            ("b/Base", ROOTS[1], public | 0x400),
            ("b/Child", "b/Base", public),
            ("b/GrandChild", "b/Child", public),
            ("b/Helper", "java/lang/Object", public),
            ("b/Foreign", "library/Base", public),
            ("c/Loop", "c/Pool", public),
            ("c/Pool", "c/Loop", public),
        ] {
            let path = folder.path().join(format!("{name}.class"));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, class(name, parent, flags)).unwrap();
        }
        std::fs::write(folder.path().join("broken.class"), "broken").unwrap();
        std::fs::write(folder.path().join("a/gatling.conf"), "").unwrap();
        let found = find([folder.path()].into_iter());
        assert_eq!(
            found,
            ["a.JavaSim", "a.ScalaSim", "b.Child", "b.GrandChild"]
        );
    }

    #[test]
    fn the_simulation_is_named_or_the_only_one() {
        let two = ["example.Shop".to_owned(), "example.Smoke".to_owned()];
        let code = |found: &[String], named| choose(found, named).map_err(|failure| failure.code);
        assert_eq!(code(&two[..1], None), Ok(two[0].clone()));
        assert_eq!(code(&two, Some("example.Smoke")), Ok(two[1].clone()));
        assert_eq!(code(&[], None), Err(FailureCode::NoSimulation));
        assert_eq!(code(&[], Some("x")), Err(FailureCode::NoSimulation));
        assert_eq!(code(&two, None), Err(FailureCode::SeveralSimulations));
        let unknown = choose(&two, Some("Smok")).unwrap_err();
        assert_eq!(unknown.code, FailureCode::UnknownSimulation);
        assert_eq!(unknown.hint, "Did you mean example.Smoke?");
        let unknown = choose(&two, Some("example.Entirely")).unwrap_err();
        assert_eq!(
            unknown.hint,
            "The project has: example.Shop, example.Smoke."
        );
        assert_eq!(unknown.detail, "example.Shop\nexample.Smoke");
    }
}
