//! An assertion's bytes: what is read means the same once it was written.

#![no_main]

use gatling_log::Assertion;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| match Assertion::from_bytes(bytes) {
    Err(error) => assert!(error.offset <= bytes.len()),
    Ok(assertion) => {
        assert!(assertion.sentence(&["a", "b"]).starts_with("a / b: "));
        let written = assertion.to_bytes();
        // By bytes: a bound can be NaN, which does not equal itself.
        let again = Assertion::from_bytes(&written).map(|again| again.to_bytes());
        assert_eq!(again, Ok(written));
    }
});
