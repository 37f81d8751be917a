use super::*;

fn open(folder: &std::path::Path) -> Access {
    Access::open(folder.join("access.json"), "the owner's".into())
}

#[test]
fn a_link_lets_one_browser_in_once_and_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let access = open(folder.path());
    let code = access.link(Rights::All, 0).unwrap();
    assert_eq!(access.log_in("other", 1).unwrap(), Err(UnknownCode));
    let (session, rights) = access.log_in(&code, 1).unwrap().unwrap();
    assert_eq!(rights, Rights::All);
    assert_eq!(access.log_in(&code, 2).unwrap(), Err(UnknownCode));
    let late = access.link(Rights::Read, 0).unwrap();
    assert_eq!(access.log_in(&late, LINK_MS).unwrap(), Err(UnknownCode));

    assert_eq!(access.of_session(&session, 2), Some(Rights::All));
    assert_eq!(access.of_session(&session, SESSION_MS + 1), None);
    // A cookie is no token, and a code is neither.
    assert_eq!(access.of_bearer(&session), None);
    assert_eq!(access.of_session(&code, 2), None);
    let again = open(folder.path());
    assert_eq!(again.of_session(&session, 2), Some(Rights::All));
    again.log_out(&session).unwrap();
    assert_eq!(again.of_session(&session, 2), None);
    assert_eq!(open(folder.path()).of_session(&session, 2), None);
}

#[test]
fn a_token_only_reads_until_it_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let access = open(folder.path());
    assert_eq!(access.of_bearer("the owner's"), Some(Rights::All));
    assert_eq!(access.of_bearer("the owner"), None);
    let (grant, token) = access.add_token("the wall", 5).unwrap();
    assert_eq!(access.of_bearer(&token), Some(Rights::Read));
    assert_eq!(access.of_session(&token, 6), None);
    let file = std::fs::read_to_string(folder.path().join("access.json")).unwrap();
    assert!(!file.contains(&token), "{file}");
    let again = open(folder.path());
    assert_eq!(again.tokens(), vec![grant.clone()]);
    assert_eq!(again.of_bearer(&token), Some(Rights::Read));
    again.remove_token(&grant.id).unwrap();
    assert!(matches!(
        again.remove_token(&grant.id),
        Err(NotChanged::Unknown)
    ));
    assert_eq!(again.of_bearer(&token), None);
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
        sessions.push(access.log_in(&code, 1).unwrap().unwrap().0);
    }
    assert_eq!(access.of_session(&sessions[0], 2), None);
    assert_eq!(access.of_session(&sessions[1], 2), Some(Rights::All));
    assert_eq!(access.tokens().len(), MAX_TOKENS);
}

#[test]
fn a_damaged_file_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("access.json"), "{").unwrap();
    let access = open(folder.path());
    assert_eq!(access.of_bearer("the owner's"), Some(Rights::All));
    assert!(folder.path().join("access.damaged.json").exists());
    access.add_token("the wall", 0).unwrap();
}
