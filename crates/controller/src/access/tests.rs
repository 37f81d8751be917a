use super::*;

fn open(folder: &std::path::Path) -> Access {
    Access::open(folder.join("access.json"), "the owner's".into()).unwrap()
}

fn rights(found: Option<Admitted>) -> Option<Rights> {
    found.map(|admitted| admitted.rights)
}

#[test]
fn a_link_lets_one_browser_in_once_and_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let access = open(folder.path());
    let code = access.link(Rights::All, 0).unwrap();
    assert_eq!(access.log_in("other", 1).unwrap(), Err(UnknownCode));
    let session = access.log_in(&code, 1).unwrap().unwrap();
    let Session { cookie, key, .. } = session.clone();
    let of = |access: &Access, now_ms| rights(access.of_session(&cookie, &key, now_ms));
    assert_eq!(session.rights, Rights::All);
    assert_eq!(access.log_in(&code, 2).unwrap(), Err(UnknownCode));
    let late = access.link(Rights::Read, 0).unwrap();
    assert_eq!(access.log_in(&late, LINK_MS).unwrap(), Err(UnknownCode));

    assert_eq!(of(&access, 2), Some(Rights::All));
    assert_eq!(of(&access, SESSION_MS + 1), None);
    // Half of it is nothing, a session is no token, and a code is neither.
    for (cookie, key) in [
        (&cookie, &code),
        (&cookie, &cookie),
        (&key, &cookie),
        (&code, &code),
    ] {
        assert_eq!(rights(access.of_session(cookie, key, 2)), None);
    }
    assert_eq!(rights(access.of_bearer(&cookie)), None);
    assert_eq!(rights(access.of_bearer(&joined(&cookie, &key))), None);
    let again = open(folder.path());
    assert_eq!(of(&again, 2), Some(Rights::All));
    let open_stream = again.of_session(&cookie, &key, 2).unwrap().ended;
    again.log_out("another", &key).unwrap();
    assert!(!open_stream.is_cancelled());
    again.log_out(&cookie, &key).unwrap();
    assert!(open_stream.is_cancelled());
    assert_eq!(of(&again, 2), None);
    assert_eq!(of(&open(folder.path()), 2), None);
}

#[test]
fn all_browsers_and_open_links_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let access = open(folder.path());
    let (used, unused) = (
        access.link(Rights::All, 0).unwrap(),
        access.link(Rights::All, 0).unwrap(),
    );
    let Session { cookie, key, .. } = access.log_in(&used, 1).unwrap().unwrap();
    let (_, token) = access.add_token("the wall", 1).unwrap();
    access.log_out_all().unwrap();
    assert_eq!(rights(access.of_session(&cookie, &key, 2)), None);
    assert_eq!(access.log_in(&unused, 2).unwrap(), Err(UnknownCode));
    assert_eq!(rights(access.of_bearer(&token)), Some(Rights::Read));
}

#[cfg(unix)]
#[test]
fn a_link_stays_where_nothing_can_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let access = open(folder.path());
    let code = access.link(Rights::All, 0).unwrap();
    // Not a file: nothing can be put in its place, whoever runs the test.
    std::fs::create_dir(folder.path().join("access.json")).unwrap();
    access.log_in(&code, 1).unwrap_err();
    std::fs::remove_dir(folder.path().join("access.json")).unwrap();
    assert!(access.log_in(&code, 2).unwrap().is_ok());
}

#[test]
fn a_token_only_reads_until_it_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let access = open(folder.path());
    assert_eq!(rights(access.of_bearer("the owner's")), Some(Rights::All));
    assert_eq!(rights(access.of_bearer("the owner")), None);
    let (grant, token) = access.add_token("the wall", 5).unwrap();
    assert_eq!(rights(access.of_bearer(&token)), Some(Rights::Read));
    assert_eq!(rights(access.of_session(&token, &token, 6)), None);
    let file = std::fs::read_to_string(folder.path().join("access.json")).unwrap();
    assert!(!file.contains(&token), "{file}");
    let again = open(folder.path());
    assert_eq!(again.tokens(), vec![grant.clone()]);
    assert_eq!(rights(again.of_bearer(&token)), Some(Rights::Read));
    again.remove_token(&grant.id).unwrap();
    assert!(matches!(
        again.remove_token(&grant.id),
        Err(NotChanged::Unknown)
    ));
    assert_eq!(rights(again.of_bearer(&token)), None);
}

#[test]
fn there_is_a_limit_to_each() {
    let folder = tempfile::tempdir().unwrap();
    let access = open(folder.path());
    for index in 0..MAX_TOKENS {
        access.add_token(&index.to_string(), 0).unwrap();
    }
    let more = access.add_token("more", 0);
    assert!(matches!(more, Err(NotChanged::TooMany)));
    let first = access.link(Rights::All, 0).unwrap();
    for _ in 0..MAX_LINKS {
        access.link(Rights::All, 0).unwrap();
    }
    assert_eq!(access.log_in(&first, 1).unwrap(), Err(UnknownCode));
    let mut sessions = Vec::new();
    for _ in 0..=MAX_SESSIONS {
        let code = access.link(Rights::All, 0).unwrap();
        sessions.push(access.log_in(&code, 1).unwrap().unwrap());
    }
    let of = |one: &Session| rights(access.of_session(&one.cookie, &one.key, 2));
    assert_eq!(of(&sessions[0]), None);
    assert_eq!(of(&sessions[1]), Some(Rights::All));
    assert_eq!(access.tokens().len(), MAX_TOKENS);
}

#[test]
fn a_damaged_file_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("access.json"), "{").unwrap();
    let access = open(folder.path());
    assert_eq!(rights(access.of_bearer("the owner's")), Some(Rights::All));
    assert!(folder.path().join("access.damaged.json").exists());
    access.add_token("the wall", 0).unwrap();
}
