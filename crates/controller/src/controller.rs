//! A running controller: what embeds it starts it, asks for its address, and ends it.

use bfgg_net::{Address, Listen, NodeSettings, Role, Transport, own_addresses};
use bfgg_protocol::{PeerId, Secret};
use data_encoding::BASE64URL_NOPAD;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::access::Access;
use crate::agents::Agents;
use crate::api::server::Server;
use crate::api::types::{Info, Trust};
use crate::core::{Core, Handle, Parts};
use crate::folder::DataFolder;
use crate::local_agent::LocalAgent;
use crate::run::thresholds;
use crate::sources::Sources;
use crate::store::Store;
use crate::vault::Vault;
use crate::{ControllerError, Endpoint, Settings, identity};

const REQUESTS: usize = 256;

/// A running controller. Dropping it without [`Controller::shutdown`] ends its tasks unjoined.
#[derive(Debug)]
pub struct Controller {
    peer: PeerId,
    url: String,
    token: String,
    shutdown: CancellationToken,
    core: JoinHandle<()>,
    server: JoinHandle<()>,
    folder: DataFolder,
}

impl Controller {
    /// Starts a controller: its data folder is locked, its network node listens, its API serves
    /// and controller.json is written when this returns.
    ///
    /// # Errors
    /// The data folder is in use or cannot be written, the key cannot be read, a port named by
    /// the user is taken.
    pub async fn start(settings: Settings) -> Result<Self, ControllerError> {
        let folder = DataFolder::open(&settings.data_dir)?;
        let kept = identity::load(&settings)?;
        let store = Store::open(&folder.path().join("bfgg.db"))?;
        let failed = |cause: rusqlite::Error| ControllerError::Database {
            path: folder.path().join("bfgg.db"),
            cause: cause.to_string(),
        };
        let secret = match store.secret().map_err(failed)? {
            Some(secret) => secret,
            None => {
                let secret =
                    Secret::random().map_err(|e| ControllerError::NoRandomness(e.to_string()))?;
                store.save_secret(&secret).map_err(failed)?;
                secret
            }
        };
        let agents = Agents::known(
            store.agents().map_err(failed)?,
            store.ignored().map_err(failed)?,
        );
        let token = match settings.token.clone() {
            Some(token) => token,
            None => random_token()?,
        };

        let mut warnings = Vec::new();
        let (node, mut events) = bfgg_net::start(NodeSettings {
            identity: kept.identity.clone(),
            role: Role::Controller,
            transport: settings.transport,
            listen: Listen {
                port: settings.port,
                fall_back: settings.port_may_move,
                loopback: settings.loopback,
            },
            discovery: settings.discovery,
            version: env!("CARGO_PKG_VERSION").into(),
        })
        .await?;
        let (address, discovery) = listening(&mut events).await;
        let port = address.as_ref().map_or(0, Address::port);
        if settings.port != 0 && port != settings.port {
            warnings.push(format!(
                "Port {} was taken; agents reach {port}.",
                settings.port
            ));
        }
        let advertise = if !settings.advertise.is_empty() {
            settings.advertise.clone()
        } else if settings.transport == Transport::Memory {
            address.into_iter().collect()
        } else if settings.loopback {
            vec![(std::net::IpAddr::from([127, 0, 0, 1]), port).into()]
        } else {
            own_addresses(port)
        };
        for record in agents.records() {
            if record.view.trust == Trust::Admitted {
                let _ = node.registered(record.view.id.clone(), true).await;
            }
        }

        let (requests, inbox) = mpsc::channel(REQUESTS);
        let handle = Handle::new(requests);
        let server = Server::bind(settings.http, settings.http_may_move).await?;
        if settings.http.port() != 0 && server.address().port() != settings.http.port() {
            let (wanted, used) = (settings.http.port(), server.address().port());
            warnings.push(format!("Port {wanted} was taken; the API is on {used}."));
        }
        for warning in &warnings {
            warn!("{warning}");
        }
        let peer = kept.identity.peer_id();
        let info = Info {
            name: settings.name.clone(),
            version: env!("CARGO_PKG_VERSION").into(),
            peer: peer.clone(),
            addresses: advertise.iter().map(ToString::to_string).collect(),
            identity: kept.place,
            discovery,
            warnings,
        };
        let sources = Sources::at(&folder.sources());
        let vault = Vault::at(folder.path(), settings.keychain);
        let core = Core::new(Parts {
            info,
            node,
            events,
            requests: inbox,
            store,
            secret,
            agents,
            runs_dir: folder.runs(),
            sources: sources.clone(),
            vault: vault.clone(),
            advertise,
            port,
            local: LocalAgent::new(
                folder.path().join("local-agent"),
                settings.agent_program.clone(),
            ),
            keep_local_agent: settings.keep_local_agent,
            thresholds: thresholds(&settings.verdict),
            clock: settings.clock.clone(),
        });
        let access = Access::open(folder.path().join("access.json"), token.clone())?;
        let shutdown = CancellationToken::new();
        let url = format!("http://{}", server.address());
        let server = tokio::spawn(server.serve(
            handle,
            folder.path().into(),
            sources,
            access,
            vault,
            shutdown.clone(),
        ));
        let core = tokio::spawn(core.run(shutdown.clone()));
        let endpoint = Endpoint {
            url: url.clone(),
            token: token.clone(),
            pid: std::process::id(),
        };
        folder.write_endpoint(&endpoint)?;
        info!(%peer, %url, port, "controller started");
        Ok(Self {
            peer,
            url,
            token,
            shutdown,
            core,
            server,
            folder,
        })
    }

    /// The controller's peer id.
    pub fn peer_id(&self) -> &PeerId {
        &self.peer
    }

    /// The API's base URL, without a slash at its end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The API's bearer token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Cancelled when the controller ends by itself (its network node is gone) or is shut down.
    pub fn ended(&self) -> CancellationToken {
        self.shutdown.clone()
    }

    /// Ends the controller: event streams close, the API stops, the loop saves and ends, the
    /// network node ends; then the data folder is free. Runs on agents go on.
    pub async fn shutdown(self) {
        self.shutdown.cancel();
        self.folder.remove_endpoint();
        let _ = self.server.await;
        let _ = self.core.await;
        info!("controller ended");
    }
}

/// Waits for the node's first events: whether mDNS works, and where it listens.
async fn listening(events: &mut mpsc::Receiver<bfgg_net::Event>) -> (Option<Address>, bool) {
    let mut discovery = false;
    while let Some(event) = events.recv().await {
        match event {
            bfgg_net::Event::Discovery { possible } => discovery = possible,
            bfgg_net::Event::Listening { address } => return (Some(address), discovery),
            // Nobody can have connected before the node listens.
            _ => {}
        }
    }
    (None, discovery)
}

fn random_token() -> Result<String, ControllerError> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|e| ControllerError::NoRandomness(e.to_string()))?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}
