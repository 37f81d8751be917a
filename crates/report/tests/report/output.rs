//! Files are written whole or not at all, and where they are meant to be.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use bfgg_report::{Output, write_together, write_whole};
use tempfile::TempDir;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// All that is in it.
    fn names(&self) -> Vec<String> {
        names(self.0.path())
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
    let mut names: Vec<String> = entries
        .map(|entry| name(entry).into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_is_not_finished_leaves_all_as_it_was() {
    let folder = Folder::new();
    std::fs::write(folder.path("old"), "old").unwrap();
    for name in ["old", "new", "deep/er/new"] {
        let mut output = Output::to(&folder.path(name)).unwrap();
        output.probe().unwrap();
        assert_eq!(
            folder.names(),
            ["old"],
            "{name}: nothing before the first byte"
        );
        if name != "deep/er/new" {
            output.write_all(b"half").unwrap();
            output.flush().unwrap();
        }
        drop(output);
        assert_eq!(folder.names(), ["old"], "{name}");
        assert_eq!(folder.text("old"), "old");
    }
    assert!(Output::to(folder.0.path()).is_err(), "a folder");
    let below_a_file = Output::to(&folder.path("old/new"));
    assert!(below_a_file.is_err(), "{below_a_file:?}");
}

#[test]
fn what_is_finished_is_there_whole() {
    let folder = Folder::new();
    for name in ["new", "new", "deep/er/new"] {
        write_whole(&folder.path(name), name.as_bytes()).unwrap();
        assert_eq!(folder.text(name), name);
    }
    Output::to(&folder.path("empty")).unwrap().finish().unwrap();
    assert_eq!(folder.text("empty"), "");
    assert_eq!(folder.names(), ["deep", "empty", "new"]);
}

#[test]
fn files_that_belong_together_are_all_new_or_all_old() {
    let folder = Folder::new();
    let names = ["page", "table", "summary"];
    let files = |text: &str| names.map(|name| (folder.path(name), text.as_bytes().to_vec()));
    write_together(&files("old")).unwrap();
    assert_eq!(names.map(|name| folder.text(name)), ["old"; 3]);
    // The last one cannot be written, by what shows before it is written, or while it is.
    std::fs::create_dir(folder.path("folder")).unwrap();
    let mut last = vec![folder.path("folder"), folder.path("page/below")];
    if std::path::Path::new("/dev/full").exists() {
        last.push("/dev/full".into());
    }
    for path in last {
        let new = [&files("new")[..], &[(path.clone(), vec![7; 20_000])]].concat();
        write_together(&new).unwrap_err();
        assert_eq!(names.map(|name| folder.text(name)), ["old"; 3], "{path:?}");
        assert_eq!(folder.names(), ["folder", "page", "summary", "table"]);
    }
    write_together(&files("new")).unwrap();
    assert_eq!(names.map(|name| folder.text(name)), ["new"; 3]);
}

/// A name that others could foresee would be theirs to take.
#[test]
fn a_file_of_the_old_temporary_name_is_left_alone() {
    let folder = Folder::new();
    std::fs::write(folder.path("x.part"), "a log").unwrap();
    let (mut one, mut two) = (
        Output::to(&folder.path("x")).unwrap(),
        Output::to(&folder.path("x")).unwrap(),
    );
    one.write_all(b"one").unwrap();
    two.write_all(b"two").unwrap();
    one.finish().unwrap();
    assert_eq!(folder.text("x"), "one");
    two.finish().unwrap();
    assert_eq!(folder.text("x"), "two");
    assert_eq!(folder.text("x.part"), "a log");
    assert_eq!(folder.names(), ["x", "x.part"]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_link_stays_and_what_it_leads_to_is_written() {
        let folder = Folder::new();
        std::fs::create_dir(folder.path("sub")).unwrap();
        std::fs::write(folder.path("sub/file"), "old").unwrap();
        symlink("sub/file", folder.path("link")).unwrap();
        symlink("link", folder.path("link-to-link")).unwrap();
        symlink("sub/not-yet", folder.path("dangling")).unwrap();
        symlink("circle", folder.path("circle")).unwrap();
        for (link, file) in [
            ("link", "sub/file"),
            ("link-to-link", "sub/file"),
            ("dangling", "sub/not-yet"),
        ] {
            write_whole(&folder.path(link), link.as_bytes()).unwrap();
            assert!(folder.path(link).is_symlink(), "{link}");
            assert_eq!(folder.text(file), link);
        }
        assert!(write_whole(&folder.path("circle"), b"").is_err());
        assert_eq!(names(&folder.path("sub")), ["file", "not-yet"]);
    }

    #[test]
    fn a_device_is_written_through() {
        let folder = Folder::new();
        symlink("/dev/full", folder.path("full")).unwrap();
        for path in [PathBuf::from("/dev/full"), folder.path("full")] {
            let written = write_whole(&path, b"something");
            let kind = written.map_err(|cause| cause.kind());
            assert_eq!(kind, Err(std::io::ErrorKind::StorageFull), "{path:?}");
            let kind = std::fs::metadata(&path).unwrap().file_type();
            assert!(kind.is_char_device(), "{path:?}");
        }
    }

    #[test]
    fn a_fifo_is_written_through() {
        let folder = Folder::new();
        let path = folder.path("fifo");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        let reader = std::thread::spawn({
            let path = path.clone();
            move || std::fs::read_to_string(path).unwrap()
        });
        write_whole(&path, b"through").unwrap();
        assert_eq!(reader.join().unwrap(), "through");
        assert!(std::fs::metadata(&path).unwrap().file_type().is_fifo());
    }

    /// As a file that is simply created, or as the file was.
    #[test]
    fn rights_are_those_of_a_file() {
        let folder = Folder::new();
        let mode = |name: &str| folder.path(name).metadata().unwrap().permissions().mode() & 0o777;
        std::fs::write(folder.path("plain"), "").unwrap();
        write_whole(&folder.path("new"), b"new").unwrap();
        assert_eq!(mode("new"), mode("plain"));
        let own = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(folder.path("plain"), own).unwrap();
        write_whole(&folder.path("plain"), b"new").unwrap();
        assert_eq!(mode("plain"), 0o600);
    }
}
