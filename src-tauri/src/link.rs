//! `bfgg://run?…` links, which fill in the run form and do nothing else.
//!
//! Anybody can write such a link. Here it is only taken apart and put together anew, so that nothing
//! but key and value pairs, percent-encoded, can reach the page's address. The page decides which
//! keys it knows and what values they may have (`ui/src/model/run-link.ts`): its own address can be
//! linked to as well.

use url::Url;
use url::form_urlencoded::Serializer;

/// The scheme of such links, which the packages register.
const SCHEME: &str = "bfgg";
/// The longest link that is read, bytes.
const MAX_LINK: usize = 8 * 1024;
/// Key and value pairs that are read.
const MAX_PAIRS: usize = 100;

/// What a link says, as the query of the run form's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FormLink(String);

/// Why a link says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LinkError {
    #[error("a link of {0} bytes is too long: {max} are read", max = MAX_LINK)]
    TooLong(usize),
    #[error("what was given is no link; one is written bfgg://run?url=…")]
    NoLink,
    #[error("the link is none to the run form, which is written bfgg://run?url=…")]
    Elsewhere,
    #[error("the link has more than {max} parts", max = MAX_PAIRS)]
    TooMany,
}

impl FormLink {
    /// Reads a link.
    pub(crate) fn parse(text: &str) -> Result<Self, LinkError> {
        if text.len() > MAX_LINK {
            return Err(LinkError::TooLong(text.len()));
        }
        let link = Url::parse(text).map_err(|_| LinkError::NoLink)?;
        if link.scheme() != SCHEME {
            return Err(LinkError::NoLink);
        }
        // Some browsers put the slash there.
        let to_form = link
            .host_str()
            .is_some_and(|host| host.eq_ignore_ascii_case("run"))
            && matches!(link.path(), "" | "/")
            && link.username().is_empty()
            && link.password().is_none()
            && link.port().is_none();
        if !to_form {
            return Err(LinkError::Elsewhere);
        }
        if link.query_pairs().count() > MAX_PAIRS {
            return Err(LinkError::TooMany);
        }
        let query = Serializer::new(String::new())
            .extend_pairs(link.query_pairs())
            .finish();
        Ok(Self(query))
    }

    /// Its pairs, percent-encoded.
    pub(crate) fn query(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_the_form() {
        for (link, query) in [
            ("bfgg://run", ""),
            ("bfgg://run/", ""),
            ("BFGG://Run?ref=main", "ref=main"),
            (
                "bfgg://run/?url=https://git.example/shop.git&ref=main",
                "url=https%3A%2F%2Fgit.example%2Fshop.git&ref=main",
            ),
            (
                "bfgg://run?param=users=100&param=a%3Db=c+d&divide=users#kept-out",
                "param=users%3D100&param=a%3Db%3Dc+d&divide=users",
            ),
            // What no key of the form is goes through too: the page says so.
            ("bfgg://run?start=now&x", "start=now&x="),
            // Nothing gets out of its value.
            (
                "bfgg://run?url=%26start%3Dnow%23%2Fruns",
                "url=%26start%3Dnow%23%2Fruns",
            ),
            (
                "bfgg://run?url='\"<img src=x>%00%0a%E2%80%AE",
                "url=%27%22%3Cimg+src%3Dx%3E%00%0A%E2%80%AE",
            ),
            ("bfgg://run?url=%ff%zz", "url=%EF%BF%BD%25zz"),
        ] {
            assert_eq!(FormLink::parse(link).unwrap().query(), query, "{link}");
        }
    }

    #[test]
    fn other_links() {
        let long = format!("bfgg://run?url={}", "a".repeat(MAX_LINK));
        let many = format!("bfgg://run?{}", "param=a=b&".repeat(MAX_PAIRS + 1));
        for (link, error) in [
            ("", LinkError::NoLink),
            ("run", LinkError::NoLink),
            ("--run", LinkError::NoLink),
            ("https://run/?url=x", LinkError::NoLink),
            ("javascript:alert(1)", LinkError::NoLink),
            ("bfgg:run?url=x", LinkError::Elsewhere),
            ("bfgg:///run?url=x", LinkError::Elsewhere),
            ("bfgg://runs/0193a3f0", LinkError::Elsewhere),
            ("bfgg://run/start?url=x", LinkError::Elsewhere),
            ("bfgg://run:80?url=x", LinkError::Elsewhere),
            ("bfgg://user@run?url=x", LinkError::Elsewhere),
            ("bfgg://:secret@run?url=x", LinkError::Elsewhere),
            (long.as_str(), LinkError::TooLong(long.len())),
            (many.as_str(), LinkError::TooMany),
        ] {
            assert_eq!(FormLink::parse(link), Err(error), "{link}");
        }
    }
}
