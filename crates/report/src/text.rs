//! Figures and names as text, the same in all formats.

use std::borrow::Cow;

use crate::printable;

/// Whole numbers without decimals, others with two.
pub(crate) fn figure(value: f64) -> String {
    if value == value.floor() {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

/// A whole number with its thousands apart, by narrow spaces that do not break.
pub(crate) fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// As [`figure`], with the thousands apart.
pub(crate) fn grouped_figure(value: f64) -> String {
    let text = figure(value);
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    match (whole.parse(), decimals) {
        (Ok(whole), "") => grouped(whole),
        (Ok(whole), decimals) => format!("{}.{decimals}", grouped(whole)),
        // Negative, or beyond all counts.
        (Err(_), _) => text,
    }
}

/// Always with two decimals, so that figures stand below each other.
pub(crate) fn two_decimals(value: f64) -> String {
    let text = grouped_figure(value);
    match text.contains('.') {
        true => text,
        false => text + ".00",
    }
}

/// A name as it may be shown, or `""` where it is empty.
pub(crate) fn named(name: &str) -> Cow<'_, str> {
    match name {
        "" => "\"\"".into(),
        name => printable(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(12_345_678).replace('\u{202f}', "_"), "12_345_678");
        assert_eq!(
            (figure(3.0), figure(0.125)),
            ("3".to_owned(), "0.12".to_owned())
        );
        let figures = [0.0, 999.5, 12_500.0, 19_942.07, -1234.5].map(grouped_figure);
        let figures = figures.join(" ").replace('\u{202f}', "_");
        assert_eq!(figures, "0 999.50 12_500 19_942.07 -1234.50");
    }
}
