//! Which paths a snapshot may have: they must mean the same on every system, and nothing outside of
//! the folder.

use crate::{MAX_PATH, SourceError};

/// Names that Windows gives to devices, with any extension.
const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];
/// Those with a digit behind them.
const NUMBERED: [&str; 2] = ["COM", "LPT"];
/// Most systems' limit for one name.
const MAX_NAME: usize = 255;

/// Checks a path from a snapshot's folder: names with `/` between them.
pub(crate) fn check(path: &str) -> Result<(), SourceError> {
    let why = if path.is_empty() {
        Some("is empty")
    } else if path.len() > MAX_PATH {
        Some("is too long")
    } else if path.starts_with('/') {
        Some("is absolute")
    } else {
        path.split('/').find_map(wrong)
    };
    match why {
        None => Ok(()),
        Some(why) => {
            let path = path.chars().take(200).collect();
            Err(SourceError::Path { path, why })
        }
    }
}

/// What is wrong with one name.
fn wrong(name: &str) -> Option<&'static str> {
    if name.is_empty() || name == "." || name == ".." {
        return Some("has a part that is no name");
    }
    if name.len() > MAX_NAME {
        return Some("has a name that is too long");
    }
    if name.contains(['\\', ':']) || name.chars().any(char::is_control) {
        return Some("has a character that not every system allows");
    }
    if name.ends_with(['.', ' ']) {
        return Some("has a name that ends with a dot or a blank, which Windows does not allow");
    }
    if name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case("git~1") {
        return Some("is within git's own folder");
    }
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let is = |device: &&str| stem.eq_ignore_ascii_case(device);
    let is_numbered = |device: &&str| {
        let number = stem
            .get(..3)
            .filter(|begin| begin.eq_ignore_ascii_case(device));
        let number = number.and_then(|_| stem.get(3..));
        number.is_some_and(|rest| {
            matches!(rest.chars().next(), Some('1'..='9' | '¹' | '²' | '³'))
                && rest.chars().count() == 1
        })
    };
    if DEVICES.iter().any(is) || NUMBERED.iter().any(is_numbered) {
        return Some("has the name of a device of Windows");
    }
    None
}

/// Whether what a link at `path` names lies within the folder: some steps up, not above the folder,
/// and then names. As no path of a snapshot lies below a link, the steps up are those of real folders,
/// and a link that is met on the way down is held to the same.
pub(crate) fn leads_inside(path: &str, target: &str) -> bool {
    let fits = !target.is_empty()
        && target.len() <= MAX_PATH
        && !target.starts_with('/')
        && !target.contains(['\\', ':'])
        && !target.chars().any(char::is_control);
    if !fits {
        return false;
    }
    let depth = path.matches('/').count();
    let (mut up, mut down) = (0, false);
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if down => return false,
            ".." => up += 1,
            name if name.eq_ignore_ascii_case(".git") => return false,
            _ => down = true,
        }
    }
    up <= depth
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_mean_the_same_everywhere() {
        for good in [
            "a",
            "src/test/java/example/Shop.java",
            ".mvn/jvm.config",
            "größe/日本.txt",
            "a b",
            "..a",
            "COM10",
            "console/x",
        ] {
            assert!(check(good).is_ok(), "{good}");
        }
        let long = "x/".repeat(600);
        let name = "x".repeat(256);
        for bad in [
            "",
            "/a",
            "//a",
            "a//b",
            "a/",
            ".",
            "..",
            "a/../b",
            "../a",
            "a\\b",
            "C:/a",
            "a:b",
            "a\0",
            "a\nb",
            "a\tb",
            "a.",
            "a ",
            "a/b. /c",
            ".git",
            "x/.GIT/hooks/post-checkout",
            "GIT~1/x",
            "NUL",
            "con/x",
            "nul.txt",
            "aux.tar.gz",
            "com1",
            "LPT9.x",
            "x/PRN",
            "COM²",
            "NUL .txt",
            &long,
            &name,
        ] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn links_within_the_folder() {
        for (path, target, inside) in [
            ("a", "b", true),
            ("a", "b/c", true),
            ("a/b", "../c", true),
            ("a/b", ".././c/d", true),
            ("a/b", "..", true),
            ("a/b/c", "../../d", true),
            ("a", "..", false),
            ("a", "../x", false),
            ("a/b", "../../x", false),
            ("a/b", "c/../../../x", false),
            // Where c is a link, this would be elsewhere.
            ("a/b", "c/../d", false),
            ("a", "/etc/passwd", false),
            ("a", "C:\\x", false),
            ("a", "", false),
            ("a", ".git/config", false),
            ("a", "x\ny", false),
        ] {
            assert_eq!(leads_inside(path, target), inside, "{path} -> {target}");
        }
    }
}
