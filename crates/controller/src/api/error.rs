//! Errors as JSON: {code, message, hint}.

use axum::Json;
use axum::extract::FromRequest;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::types::ApiError;
use crate::error::{Refused, RefusedKind};

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match self.kind {
            RefusedKind::BadInput => StatusCode::BAD_REQUEST,
            RefusedKind::NotFound => StatusCode::NOT_FOUND,
            RefusedKind::Conflict => StatusCode::CONFLICT,
            RefusedKind::Agent => StatusCode::BAD_GATEWAY,
            RefusedKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        error(status, self.code, self.message, self.hint)
    }
}

/// An error response.
pub(crate) fn error(
    status: StatusCode,
    code: &str,
    message: impl Into<String>,
    hint: impl Into<String>,
) -> Response {
    let body = ApiError {
        code: code.into(),
        message: message.into(),
        hint: hint.into(),
    };
    (status, Json(body)).into_response()
}

/// A JSON body whose errors are the API's own: what was wrong with it, and where.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(BadBody))]
pub(crate) struct Body<T>(pub(crate) T);

/// A body that is not what was asked for.
pub(crate) struct BadBody(JsonRejection);

impl From<JsonRejection> for BadBody {
    fn from(rejection: JsonRejection) -> Self {
        Self(rejection)
    }
}

impl IntoResponse for BadBody {
    fn into_response(self) -> Response {
        let hint = "Send JSON with Content-Type: application/json; /api/v1/openapi.json has the \
                    fields.";
        error(
            self.0.status(),
            "bad-input",
            format!("{}.", self.0.body_text()),
            hint,
        )
    }
}
