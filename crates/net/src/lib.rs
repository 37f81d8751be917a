//! The libp2p node of BFG-G, and the only crate that names libp2p.
//!
//! [`start`] brings a node up and returns a clonable [`Node`] (commands, bounded) and the
//! receiver of its [`Event`]s (bounded). One task owns the swarm; [`Node::shutdown`] ends it and
//! waits for it.

mod address;
mod behaviour;
mod codec;
mod command;
mod dial;
mod error;
mod event;
mod found;
mod gate;
mod identity;
mod interface;
mod listen;
mod node;
mod packed;
mod request;
mod swarm;

pub use address::{Address, AddressError};
pub use error::{IdentityError, NetError};
pub use event::{Event, Reply};
pub use identity::Identity;
pub use interface::own_addresses;
pub use node::{Listen, Node, NodeSettings, Role, Transport, start};
