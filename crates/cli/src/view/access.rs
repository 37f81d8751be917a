//! Who may look without being let in anew.

use bfgg_controller::api::types::ApiToken;
use jiff::tz::TimeZone;

use super::agents::{finish, table};
use super::text::{date_time, printable};

/// The table of the read-only tokens.
pub(crate) fn api_tokens(tokens: &[ApiToken], zone: &TimeZone, width: u16) -> String {
    if tokens.is_empty() {
        return "no read-only tokens; `bfgg access add NAME` makes one\n".into();
    }
    let mut table = table(width);
    table.set_header(["ID", "NAME", "MADE"]);
    for token in tokens {
        table.add_row([
            printable(&token.id),
            printable(&token.name),
            date_time(token.created_ms, zone),
        ]);
    }
    finish(&table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_token_has_a_line() {
        let token = |id: &str, name: &str| ApiToken {
            id: id.into(),
            name: name.into(),
            created_ms: 0,
        };
        let all = [token("a1", "the wall"), token("b2", "evil\u{1b}[31m")];
        let text = api_tokens(&all, &TimeZone::UTC, 80);
        assert!(
            text.contains("the wall") && text.contains("1970-01-01"),
            "{text}"
        );
        assert!(!text.contains('\u{1b}'), "{text}");
        assert!(api_tokens(&[], &TimeZone::UTC, 80).contains("bfgg access add"));
    }
}
