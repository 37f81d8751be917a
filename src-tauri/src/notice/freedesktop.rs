//! Notifications of Linux desktops: the D-Bus service org.freedesktop.Notifications.

use std::collections::{HashMap, VecDeque};
use std::future::pending;
use std::time::Duration;

use bfgg_protocol::RunId;
use futures::StreamExt;
use tokio::sync::mpsc::{Receiver, Sender};
use zbus::proxy::SignalStream;
use zbus::zvariant::Value;
use zbus::{Connection, Message, Proxy};

use super::Notice;
use crate::api::Api;
use crate::desk::Input;
use crate::place::Place;
use crate::runs::EndedRun;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// The service may have to be started first.
const ANSWER: Duration = Duration::from_secs(10);
/// Notifications whose click is still heard.
const HEARD: usize = 32;
/// What a click on the notification itself is called.
const DEFAULT: &str = "default";

/// Shows a notification for each run that it is told of, and the run where the notification is
/// clicked; for ever, or until nobody can tell it of any.
pub(crate) async fn follow(api: Api, mut ended: Receiver<EndedRun>, inputs: Sender<Input>) {
    let mut service = None;
    let mut shown = VecDeque::with_capacity(HEARD);
    loop {
        tokio::select! {
            run = ended.recv() => {
                let Some(run) = run else { return };
                let notice = Notice::of(&run, &api).await;
                match tokio::time::timeout(ANSWER, show(&mut service, &notice)).await {
                    Ok(Ok(id)) => {
                        if shown.len() == HEARD {
                            shown.pop_front();
                        }
                        shown.push_back((id, notice.run));
                    }
                    Ok(Err(error)) => {
                        service = None;
                        tracing::debug!(%error, "there is no notification of a run's end");
                    }
                    Err(_) => {
                        service = None;
                        tracing::debug!("the service for notifications does not answer");
                    }
                }
            }
            signal = next(&mut service) => match signal {
                Some(signal) => {
                    if let Some(run) = clicked(&signal, &mut shown) {
                        // A closed queue means that the app is ending already.
                        let _ = inputs.send(Input::Show(Some(Place::Run(run)))).await;
                    }
                }
                None => service = None,
            },
        }
    }
}

struct Service {
    proxy: Proxy<'static>,
    signals: SignalStream<'static>,
    /// Whether it takes bodies for markup.
    markup: bool,
}

impl Service {
    async fn open() -> zbus::Result<Self> {
        let bus = Connection::session().await?;
        let proxy = Proxy::new_owned(bus, NAME, PATH, NAME).await?;
        let signals = proxy.receive_all_signals().await?;
        let able: Vec<String> = proxy.call("GetCapabilities", &()).await?;
        Ok(Self {
            markup: able.iter().any(|ability| ability == "body-markup"),
            proxy,
            signals,
        })
    }

    /// The answer is the notification's id.
    async fn show(&self, notice: &Notice) -> zbus::Result<u32> {
        let body = if self.markup {
            escaped(&notice.body)
        } else {
            notice.body.clone()
        };
        // The names under which the package installs its icon and its entry in the menu.
        let hints = HashMap::from([("desktop-entry", Value::from("BFG-G"))]);
        let (replaces, icon, actions) = (0_u32, "bfgg-desktop", [DEFAULT, "Show the run"]);
        let call = (
            "BFG-G",
            replaces,
            icon,
            notice.title,
            body.as_str(),
            actions.as_slice(),
            hints,
            // As long as the desktop shows others.
            -1_i32,
        );
        self.proxy.call("Notify", &call).await
    }
}

async fn show(service: &mut Option<Service>, notice: &Notice) -> zbus::Result<u32> {
    let service = match service {
        Some(service) => service,
        None => service.insert(Service::open().await?),
    };
    service.show(notice).await
}

async fn next(service: &mut Option<Service>) -> Option<Message> {
    match service {
        Some(service) => service.signals.next().await,
        None => pending().await,
    }
}

/// The run whose notification was clicked; those that are closed are forgotten.
fn clicked(signal: &Message, shown: &mut VecDeque<(u32, RunId)>) -> Option<RunId> {
    let (header, body) = (signal.header(), signal.body());
    let run_of = |id: u32| shown.iter().position(|(shown, _)| *shown == id);
    match header.member()?.as_str() {
        "ActionInvoked" => {
            let (id, action): (u32, String) = body.deserialize().ok()?;
            let index = run_of(id)?;
            (action == DEFAULT).then(|| shown[index].1)
        }
        "NotificationClosed" => {
            let (id, _reason): (u32, u32) = body.deserialize().ok()?;
            let index = run_of(id)?;
            shown.remove(index);
            None
        }
        _ => None,
    }
}

/// Text that stays text where markup is read.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_markup() {
        for (text, markup) in [
            ("example.Shop", "example.Shop"),
            ("<b>&amp;</b>", "&lt;b&gt;&amp;amp;&lt;/b&gt;"),
            (
                "<a href='file:///x'>x</a>",
                "&lt;a href='file:///x'&gt;x&lt;/a&gt;",
            ),
        ] {
            assert_eq!(escaped(text), markup);
        }
    }
}
