//! The code that an agent shows.

use std::fmt;
use std::str::FromStr;

/// Digits of a code.
const DIGITS: usize = 8;
/// As many codes there are.
const CODES: u32 = 100_000_000;
/// The largest multiple of [`CODES`] in 32 bits: random bits from here on would favour some codes.
const FAIR: u32 = CODES * 42;

/// Eight random digits, shown as `1234-5678`. Never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct PairingCode(String);

impl PairingCode {
    /// A new code from the system's random source.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn random() -> Result<Self, NoCode> {
        loop {
            let mut bytes = [0; 4];
            getrandom::fill(&mut bytes).map_err(|e| NoCode::NoRandomness(e.to_string()))?;
            let bits = u32::from_le_bytes(bytes);
            if bits < FAIR {
                return Ok(Self(format!("{:08}", bits % CODES)));
            }
        }
    }

    /// The digits alone: what both sides take for the password.
    pub(super) fn digits(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Display for PairingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = self.0.split_at_checked(DIGITS / 2).unwrap_or_default();
        write!(f, "{first}-{last}")
    }
}

impl fmt::Debug for PairingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PairingCode(…)")
    }
}

impl FromStr for PairingCode {
    type Err = NoCode;

    /// As users type it: with or without the line in the middle, with spaces.
    fn from_str(text: &str) -> Result<Self, NoCode> {
        let mut digits = String::with_capacity(DIGITS);
        for c in text.chars() {
            match c {
                '0'..='9' if digits.len() < DIGITS => digits.push(c),
                '-' | '–' => {}
                c if c.is_whitespace() => {}
                _ => return Err(NoCode::NotACode),
            }
        }
        if digits.len() < DIGITS {
            return Err(NoCode::NotACode);
        }
        Ok(Self(digits))
    }
}

/// There is no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCode {
    /// The text is none. It is not repeated: it may be nearly the right one.
    #[error("a code has eight digits, as 1234-5678")]
    NotACode,
    /// The system gave no random bytes.
    #[error("the system gave no random bytes: {0}")]
    NoRandomness(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_as_users_type_it() {
        for text in [
            "1234-5678",
            "12345678",
            " 1234 5678 ",
            "1234–5678",
            "12-34-56-78\n",
        ] {
            let code: PairingCode = text.parse().unwrap();
            assert_eq!(code.to_string(), "1234-5678", "{text}");
        }
        for text in [
            "",
            "1234-567",
            "1234-56789",
            "1234-567x",
            "１２３４-５６７８",
            "+2345678",
        ] {
            assert_eq!(text.parse::<PairingCode>(), Err(NoCode::NotACode), "{text}");
        }
    }

    #[test]
    fn codes_are_eight_digits_and_differ() {
        let codes: Vec<_> = (0..50).map(|_| PairingCode::random().unwrap()).collect();
        for code in &codes {
            assert_eq!(code.to_string().parse().as_ref(), Ok(code));
            assert_eq!(format!("{code:?}"), "PairingCode(…)");
        }
        assert!(codes.iter().any(|code| *code != codes[0]));
    }
}
