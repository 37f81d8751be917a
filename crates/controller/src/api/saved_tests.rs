//! `/api/v1/tests`: tests that are kept, changed and started by name.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bfgg_clock::wall_ms;
use bfgg_protocol::TestId;

use super::agents::Answer;
use super::error::Body;
use super::server::Api;
use super::sources;
use super::types::{ApiError, Run, RunSpec, StartTest, Test, TestRef, TestSpec};
use crate::core::Request;
use crate::error::{Refused, RefusedKind};
use crate::spec::{MASK, Secrets, check_test};
use crate::store::SavedTest;
use crate::vault::{Places, Vault};

/// All saved tests, by name, with their newest runs.
#[utoipa::path(get, path = "/api/v1/tests", responses((status = 200, body = [Test])))]
pub(super) async fn list(State(api): State<Api>) -> Answer<Vec<Test>> {
    api.handle.ask(Request::Tests).await.map(Json)
}

/// One saved test.
#[utoipa::path(get, path = "/api/v1/tests/{id}", params(("id" = String, Path)),
    responses((status = 200, body = Test), (status = 404, body = ApiError)))]
pub(super) async fn get(State(api): State<Api>, Path(id): Path<String>) -> Answer<Test> {
    let id = parse(&id)?;
    api.handle
        .ask(|reply| Request::Test(id, reply))
        .await
        .map(Json)
}

/// Keeps a new test. The values of secret parameters go to the keychain of the controller's computer, or to
/// a file that only its user can read; no answer ever has them.
#[utoipa::path(post, path = "/api/v1/tests", request_body = TestSpec,
    responses((status = 201, body = Test), (status = 400, body = ApiError),
        (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub(super) async fn create(
    State(api): State<Api>,
    Body(wanted): Body<TestSpec>,
) -> Result<(StatusCode, Json<Test>), Refused> {
    let test = whole(&api, create_alone(api.clone(), wanted)).await?;
    Ok((StatusCode::CREATED, Json(test)))
}

async fn create_alone(api: Api, wanted: TestSpec) -> Result<Test, Refused> {
    let copied = match wanted.copy_of {
        Some(id) => Some(saved(&api, id).await?),
        None => None,
    };
    let now = wall_ms();
    let new = SavedTest {
        id: TestId::new(),
        name: String::new(),
        description: String::new(),
        labels: Vec::new(),
        spec: wanted.spec.clone(),
        revision: 0,
        created_ms: now,
        changed_ms: now,
        secrets: Places::new(),
    };
    save(&api, wanted, new, copied).await
}

/// Changes a test. Names the revision that was changed: where somebody else was faster it is refused.
#[utoipa::path(put, path = "/api/v1/tests/{id}", params(("id" = String, Path)),
    request_body = TestSpec,
    responses((status = 200, body = Test), (status = 400, body = ApiError),
        (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub(super) async fn change(
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(wanted): Body<TestSpec>,
) -> Answer<Test> {
    let id = parse(&id)?;
    let test = whole(&api, change_alone(api.clone(), id, wanted)).await?;
    Ok(Json(test))
}

async fn change_alone(api: Api, id: TestId, wanted: TestSpec) -> Result<Test, Refused> {
    let before = saved(&api, id).await?;
    let Some(revision) = wanted.revision else {
        let hint = "Send the revision of the test that you have changed.";
        let message = "The field revision is missing.";
        return Err(Refused::new(
            RefusedKind::BadInput,
            "bad-input",
            message,
            hint,
        ));
    };
    if revision != before.revision {
        let message = format!(
            "The test \"{}\" was changed meanwhile: revision {revision} was edited, {} is saved.",
            before.name, before.revision
        );
        let hint = "Open it again, or save this one under another name.";
        return Err(Refused::new(
            RefusedKind::Conflict,
            "test-changed",
            message,
            hint,
        ));
    }
    save(&api, wanted, before, None).await
}

/// Deletes a test and its secret values. Its runs stay.
#[utoipa::path(delete, path = "/api/v1/tests/{id}", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ApiError)))]
pub(super) async fn remove(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refused> {
    let id = parse(&id)?;
    whole(&api, remove_alone(api.clone(), id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove_alone(api: Api, id: TestId) -> Result<(), Refused> {
    let test = saved(&api, id).await?;
    api.handle
        .ask(|reply| Request::RemoveTest(test.id, reply))
        .await?;
    with_vault(&api, move |vault| {
        for (name, place) in &test.secrets {
            vault.forget(test.id, name, *place);
        }
        Ok(())
    })
    .await
}

/// One change at a time, each to its end whether or not its caller still waits: half of one would
/// leave the values of one revision beside the test of another.
async fn whole<T: Send + 'static>(
    api: &Api,
    work: impl Future<Output = Result<T, Refused>> + Send + 'static,
) -> Result<T, Refused> {
    let saving = Arc::clone(&api.saving);
    let task = tokio::spawn(async move {
        let _alone = saving.lock().await;
        work.await
    });
    task.await.unwrap_or_else(|_| Err(Refused::closing()))
}

/// Starts a test, as it is saved or with other parameters or settings this once.
#[utoipa::path(post, path = "/api/v1/tests/{id}/runs", params(("id" = String, Path)),
    request_body = StartTest,
    responses((status = 201, body = Run), (status = 400, body = ApiError),
        (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub(super) async fn start(
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(wanted): Body<StartTest>,
) -> Result<(StatusCode, Json<Run>), Refused> {
    let test = saved(&api, parse(&id)?).await?;
    let spec = with_overrides(&test.spec, wanted);
    sources::ready(&api, spec.source.snapshot.as_ref()).await?;
    let of_test = TestRef {
        id: test.id,
        name: test.name.clone(),
        changed: spec != test.spec,
    };
    let spec = with_vault(&api, move |vault| with_secrets(spec, &test, vault)).await?;
    let run = api
        .handle
        .ask(|reply| Request::StartRun(Box::new(spec), Some(of_test), reply))
        .await?;
    Ok((StatusCode::CREATED, Json(run)))
}

/// What runs this time. A parameter that is secret stays so, whatever gives its value.
fn with_overrides(saved: &RunSpec, wanted: StartTest) -> RunSpec {
    let mut spec = wanted.spec.unwrap_or_else(|| saved.clone());
    for own in wanted.parameters {
        match spec
            .parameters
            .iter_mut()
            .find(|known| known.name == own.name)
        {
            Some(known) => {
                known.secret |= own.secret;
                known.value = own.value;
            }
            None => spec.parameters.push(own),
        }
    }
    spec
}

/// Puts the test's secret values in where the mask stands for them.
fn with_secrets(mut spec: RunSpec, test: &SavedTest, vault: &Vault) -> Result<RunSpec, Refused> {
    let masked = spec.parameters.iter_mut();
    for own in masked.filter(|own| own.secret && own.value == MASK) {
        if let Some(place) = test.secrets.get(&own.name) {
            own.value = vault.get(test.id, &own.name, *place)?;
        }
    }
    Ok(spec)
}

/// Saves what is wanted in the place of a test, its secret values apart. Values that are masked are those
/// of this test, or of the one that is copied.
async fn save(
    api: &Api,
    wanted: TestSpec,
    before: SavedTest,
    copied: Option<SavedTest>,
) -> Result<Test, Refused> {
    let source = copied.as_ref().unwrap_or(&before);
    let known: BTreeSet<&str> = source.secrets.keys().map(String::as_str).collect();
    check_test(&wanted, &known)?;
    sources::ready(api, wanted.spec.source.snapshot.as_ref()).await?;
    let TestSpec {
        name,
        description,
        labels,
        mut spec,
        ..
    } = wanted;
    let name = name.trim().to_owned();
    let (id, asked) = (before.id, name.clone());
    api.handle
        .ask(|reply| Request::MaySaveTest {
            id,
            name: asked,
            reply,
        })
        .await?;
    let secrets = Secrets::take(&mut spec);
    let (earlier, places) = (before.secrets.clone(), before.secrets.clone());
    let kept = with_vault(api, move |vault| {
        keep(vault, id, secrets, &places, copied.as_ref())
    })
    .await?;
    let gone: Places = earlier
        .into_iter()
        .filter(|(name, place)| kept.get(name) != Some(place))
        .collect();
    let test = SavedTest {
        name,
        description: description.trim().to_owned(),
        labels: distinct(labels),
        spec,
        revision: before.revision + 1,
        changed_ms: wall_ms(),
        secrets: kept,
        ..before
    };
    let saved = api
        .handle
        .ask(|reply| Request::SaveTest(Box::new(test), reply))
        .await?;
    with_vault(api, move |vault| {
        for (name, place) in &gone {
            vault.forget(id, name, *place);
        }
        Ok(())
    })
    .await?;
    Ok(saved)
}

/// Keeps the values that are new, and says where all of them are.
fn keep(
    vault: &Vault,
    id: TestId,
    secrets: Secrets,
    before: &Places,
    copied: Option<&SavedTest>,
) -> Result<Places, Refused> {
    let mut kept = Places::new();
    for (name, value) in secrets.into_values() {
        let of_copied = copied.and_then(|test| Some((test, test.secrets.get(&name)?)));
        let place = match (value == MASK, of_copied, before.get(&name)) {
            (true, Some((test, place)), _) => {
                vault.put(id, &name, &vault.get(test.id, &name, *place)?)?
            }
            (true, None, Some(place)) => *place,
            _ => vault.put(id, &name, &value)?,
        };
        kept.insert(name, place);
    }
    Ok(kept)
}

/// Trimmed, each once, in their order.
fn distinct(labels: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let trimmed = labels.into_iter().map(|label| label.trim().to_owned());
    trimmed.filter(|label| seen.insert(label.clone())).collect()
}

async fn saved(api: &Api, id: TestId) -> Result<SavedTest, Refused> {
    api.handle.ask(|reply| Request::SavedTest(id, reply)).await
}

/// The keychain may ask its user, and waits for the answer.
async fn with_vault<T: Send + 'static>(
    api: &Api,
    work: impl FnOnce(&Vault) -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    let vault = api.vault.clone();
    let done = tokio::task::spawn_blocking(move || work(&vault)).await;
    done.unwrap_or_else(|cause| {
        let message = format!("The secret values were not handled: {cause}.");
        Err(Refused::new(RefusedKind::Internal, "internal", message, ""))
    })
}

fn parse(id: &str) -> Result<TestId, Refused> {
    id.parse().map_err(|_| Refused::no_test(id.escape_debug()))
}
