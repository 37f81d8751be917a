//! Who may use the API, and what.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// What a caller may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rights {
    /// Everything.
    #[default]
    All,
    /// Look at agents, runs and results; neither change anything nor see what lets others in.
    Read,
}

/// What the caller may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Caller {
    /// What it may do.
    pub rights: Rights,
    /// Whether it is a browser that was let in by a link, and can be logged out.
    pub session: bool,
}

/// The code of a login link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    /// What stands behind `#code=`.
    pub code: String,
}

/// A browser that was let in: the answer sets a cookie, and each request needs both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct LoggedIn {
    /// What it may do.
    pub rights: Rights,
    /// To be sent as `X-BFGG-Session` beside the cookie.
    pub key: String,
}

/// Asks for a login link.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields = nullable)]
pub struct NewLink {
    /// What the browser may do that opens it. Default: everything.
    #[ts(optional, as = "Option<Rights>")]
    pub rights: Rights,
}

/// A link that lets one browser in, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct LoginLink {
    /// The page's addresses with the code: one, or one for each address of this computer where the
    /// API listens on all of them.
    pub urls: Vec<String>,
    /// Unix time, ms, when it ends if nobody has opened it.
    pub until_ms: u64,
}

/// Asks for a token that only reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiToken {
    /// What it is for: 1 to 100 characters.
    pub name: String,
}

/// A token that only reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ApiToken {
    /// By which it is taken back.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// Unix time, ms.
    pub created_ms: u64,
}

/// A token that was just made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct MadeApiToken {
    /// It, as it is listed.
    pub token: ApiToken,
    /// The token itself: told this once.
    pub secret: String,
}
