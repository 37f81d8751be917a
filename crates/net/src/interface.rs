//! This machine's own addresses.

use std::net::IpAddr;

use crate::Address;

/// Addresses at which others may reach a port of this machine, the most useful first: IPv4, then
/// IPv6 with a global scope; loopback only where there is nothing else. Link-local addresses are
/// left out: they mean nothing without an interface's name.
pub fn own_addresses(port: u16) -> Vec<Address> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let mut found: Vec<IpAddr> = interfaces.iter().map(if_addrs::Interface::ip).collect();
    found.retain(|ip| match ip {
        IpAddr::V4(ip) => !ip.is_link_local() && !ip.is_unspecified(),
        IpAddr::V6(ip) => !ip.is_unicast_link_local() && !ip.is_unspecified(),
    });
    if found.iter().any(|ip| !ip.is_loopback()) {
        found.retain(|ip| !ip.is_loopback());
    }
    found.sort_by_key(|ip| (ip.is_ipv6(), *ip));
    found.dedup();
    found
        .into_iter()
        .map(|ip| Address::from((ip, port)))
        .collect()
}
