//! Signs of exhausted resources.

use super::*;

#[test]
fn signs_of_exhausted_resources() {
    for (message, code) in [
        ("j.n.ConnectException: Connection refused", None),
        (
            "j.n.BindException: Cannot assign requested address",
            Some("ports-exhausted"),
        ),
        (
            "i.n.c.AbstractChannel$AnnotatedSocketException: Cannot assign requested address: /192.0.2.1:80",
            Some("ports-exhausted"),
        ),
        (
            "j.n.BindException: Can't assign requested address",
            Some("ports-exhausted"),
        ),
        (
            "j.n.BindException: Address already in use: connect",
            Some("ports-exhausted"),
        ),
        (
            "j.n.SocketException: Too many open files",
            Some("files-exhausted"),
        ),
        (
            "i.n.c.ChannelException: io.netty.channel.unix.Errors$NativeIoException: newSocketStream(..) \
             failed: Too many open files",
            Some("files-exhausted"),
        ),
        (
            "i.n.c.ChannelException: Failed to open a socket.",
            Some("files-exhausted"),
        ),
        (
            "j.l.OutOfMemoryError: Java heap space",
            Some("out-of-memory"),
        ),
        (
            "java.lang.OutOfMemoryError: GC overhead limit exceeded",
            Some("out-of-memory"),
        ),
        (
            "i.n.u.i.OutOfDirectMemoryError: failed to allocate 16 byte(s)",
            Some("out-of-memory"),
        ),
        (
            "java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory",
            Some("threads-exhausted"),
        ),
        // What the system under test says of itself.
        ("status.find.is(200), but actually found 500", None),
        (
            "bodyString.find.is(ok), but actually found java.lang.OutOfMemoryError",
            None,
        ),
        ("regex(error).find.not, found Too many open files", None),
        ("substring(OutOfMemoryError).find.not, found 1", None),
        (
            "substring(BindException).count.is(0), but actually found 2",
            None,
        ),
        // Options that name it.
        (
            "Picked up JAVA_TOOL_OPTIONS: -XX:+HeapDumpOnOutOfMemoryError",
            None,
        ),
    ] {
        let mut signs = Signs::default();
        signs.error(message, 3);
        let agent = AgentEvidence {
            signs: signs.seen(),
            ..AgentEvidence::default()
        };
        let verdict = judge(&one(agent), &Thresholds::default());
        let found = verdict.findings.first().map(|own| own.code.as_str());
        assert_eq!(found, code, "{message}");
        let level = if code.is_some() {
            Level::Invalid
        } else {
            Level::Valid
        };
        assert_eq!(verdict.level, level, "{message}");
    }
    let mut signs = Signs::default();
    signs.error("j.n.SocketException: Too many open files", 1200);
    signs.error("j.n.SocketException: Too many open files (2)", 1);
    for line in [
        "java.net.BindException: Address already in use",
        "Uncaught error: java.lang.OutOfMemoryError: Java heap space",
        "java.lang.OutOfMemoryError: Java heap space",
    ] {
        signs.output(line);
    }
    let evidence = Evidence {
        signs: signs.seen(),
        ..Evidence::default()
    };
    let verdict = judge(&evidence, &Thresholds::default());
    let texts: Vec<_> = verdict
        .findings
        .iter()
        .map(|own| own.text().replace('\u{202f}', "_"))
        .collect();
    assert_eq!(
        texts,
        [
            "no more files and connections could be opened: 1_201 × \"j.n.SocketException: Too many open \
             files\"",
            "the memory was used up: its output says \"Uncaught error: java.lang.OutOfMemoryError: Java \
             heap space\"",
        ]
    );
}
