//! Parameters whose values are not to be seen: Java reads them from a file of the run's folder, which only
//! the agent's user can read and which is gone once it was read. So they stand neither in `run.json` nor in
//! the list of processes.

use std::io;
use std::path::{Path, PathBuf};

use crate::run_folder::write_whole;

const FILE: &str = "secret.args";

/// Where they are, in a run's folder.
pub(crate) fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// Writes them, one on each line.
pub(crate) fn write<'a>(
    folder: &Path,
    parameters: impl Iterator<Item = &'a (String, String)>,
) -> io::Result<()> {
    let lines: String = parameters
        .map(|(name, value)| format!("\"-D{name}={}\"\n", quoted(value)))
        .collect();
    write_whole(&path(folder), lines.as_bytes())
}

/// Their values, for masking; none where there is no file.
pub(crate) fn values(folder: &Path) -> io::Result<Vec<String>> {
    let text = match std::fs::read_to_string(path(folder)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let value = |line: &str| {
        let argument = line.strip_prefix("\"-D")?.strip_suffix('"')?;
        Some(unquoted(argument.split_once('=')?.1))
    };
    Ok(text.lines().filter_map(value).collect())
}

/// Forgets them; that they are not there is no error.
pub(crate) fn remove(folder: &Path) {
    let _ = std::fs::remove_file(path(folder));
}

/// As Java's launcher reads an argument in quotes.
fn quoted(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{c}' => out.push_str("\\f"),
            other => out.push(other),
        }
    }
    out
}

fn unquoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let c = match (c, c == '\\') {
            (_, true) => match rest.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some('f') => '\u{c}',
                Some(other) => other,
                None => break,
            },
            (other, false) => other,
        };
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(values(folder.path()).unwrap(), [""; 0]);
        let all = [
            ("login", "hunter22"),
            ("text", "a b;\"x\ny\\n\t'$HOME # \u{c}=\r"),
            ("wide", "пароль • 密码"),
            ("empty", ""),
        ];
        let all = all.map(|(name, value)| (name.to_owned(), value.to_owned()));
        write(folder.path(), all.iter()).unwrap();
        let read = values(folder.path()).unwrap();
        assert_eq!(read, all.map(|(_, value)| value));
        remove(folder.path());
        remove(folder.path());
        assert_eq!(values(folder.path()).unwrap(), [""; 0]);
    }

    /// What Java itself makes of the file. Needs a JDK, as the build does.
    #[test]
    fn java_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let value = "a b;\"x\ny\\n\t'$HOME # =";
        let source = folder.path().join("Shown.java");
        let program = "class Shown { public static void main(String[] all) { \
            System.out.print(System.getProperty(\"the.login\")); } }";
        std::fs::write(&source, program).unwrap();
        let all = [("the.login".to_owned(), value.to_owned())];
        write(folder.path(), all.iter()).unwrap();
        let mut argument = std::ffi::OsString::from("@");
        argument.push(path(folder.path()));
        let java = std::env::var_os("JAVA_HOME")
            .map_or_else(|| "java".into(), |home| Path::new(&home).join("bin/java"));
        let output = std::process::Command::new(java)
            .arg(argument)
            .arg(&source)
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), value, "{output:?}");
    }
}
