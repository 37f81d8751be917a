//! Opening the node's port on IPv4 and IPv6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

use libp2p::Swarm;
use tracing::{debug, warn};

use crate::behaviour::Behaviour;
use crate::dial::{in_memory, multiaddr};
use crate::node::Transport;
use crate::{Listen, NetError};

/// Listens as asked.
pub(crate) fn listen(
    swarm: &mut Swarm<Behaviour>,
    transport: Transport,
    listen: Listen,
) -> Result<(), NetError> {
    match transport {
        Transport::Tcp => tcp(swarm, listen),
        Transport::Memory => memory(swarm, listen.port),
    }
}

/// At this number, or at any with 0.
fn memory(swarm: &mut Swarm<Behaviour>, number: u16) -> Result<(), NetError> {
    static NEXT: AtomicU16 = AtomicU16::new(1);
    let mut at = |number| swarm.listen_on(in_memory(number)).map(drop);
    if number != 0 {
        return at(number).map_err(|cause| failed(number, &cause));
    }
    // Numbers that a node has named are taken.
    let mut next = (0..u16::MAX).map(|_| NEXT.fetch_add(1, Ordering::Relaxed));
    next.find(|number| *number != 0 && at(*number).is_ok())
        .map(drop)
        .ok_or_else(|| failed(0, &"all numbers are taken"))
}

/// IPv6 may be missing on a machine; IPv4 may not.
fn tcp(swarm: &mut Swarm<Behaviour>, listen: Listen) -> Result<(), NetError> {
    let (v4, v6) = if listen.loopback {
        (
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        )
    } else {
        (
            IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        )
    };
    let port = match free_port(v4, listen.port) {
        Ok(port) => port,
        Err(cause) if listen.fall_back && listen.port != 0 => {
            let free = free_port(v4, 0).map_err(|cause| failed(0, &cause))?;
            warn!(wanted = listen.port, used = free, %cause, "the port is taken; another is used");
            free
        }
        Err(cause) => return Err(failed(listen.port, &cause)),
    };
    swarm
        .listen_on(multiaddr(v4, port))
        .map_err(|cause| failed(port, &cause))?;
    if let Err(cause) = swarm.listen_on(multiaddr(v6, port)) {
        debug!(%cause, "not listening on IPv6");
    }
    Ok(())
}

fn failed(port: u16, cause: &dyn std::fmt::Display) -> NetError {
    NetError::Listen {
        port,
        cause: cause.to_string(),
    }
}

/// libp2p listens with SO_REUSEPORT, so a second node of the same user would share a taken port
/// without an error: a plain bind finds out.
fn free_port(ip: IpAddr, port: u16) -> std::io::Result<u16> {
    Ok(TcpListener::bind((ip, port))?.local_addr()?.port())
}
