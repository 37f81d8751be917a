//! `host:port`, as users write it and tokens carry it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;

/// The host of all addresses of [`Transport::Memory`](crate::Transport::Memory).
const MEMORY: &str = "memory";

/// A host (name or IP address) and a TCP port.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    host: String,
    port: u16,
}

impl Address {
    /// The host: a name, an IPv4 or an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The TCP port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Parses `host`, `host:port`, `[v6]:port` or a bare IPv6 address.
    pub fn parse(text: &str, default_port: u16) -> Result<Self, AddressError> {
        let text = text.trim();
        let bad = |why: &'static str| AddressError {
            text: text.to_owned(),
            why,
        };
        if text.is_empty() {
            return Err(bad("it is empty"));
        }
        let (host, port) = if let Some(rest) = text.strip_prefix('[') {
            let (host, rest) = rest
                .split_once(']')
                .ok_or(bad("the closing bracket is missing"))?;
            host.parse::<std::net::Ipv6Addr>()
                .map_err(|_| bad("not an IPv6 address"))?;
            match rest.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if rest.is_empty() => (host, None),
                None => return Err(bad("something stands between the bracket and the port")),
            }
        } else if text.parse::<IpAddr>().is_ok() {
            (text, None)
        } else {
            match text.split_once(':') {
                Some((_, port)) if port.contains(':') => {
                    return Err(bad("an IPv6 address with a port is written [address]:port"));
                }
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            }
        };
        let port = match port {
            None => default_port,
            Some(port) => match port.parse() {
                Ok(0) | Err(_) => return Err(bad("the port is not a number from 1 to 65535")),
                Ok(port) => port,
            },
        };
        let name_byte = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
        if host.parse::<IpAddr>().is_err()
            && (host.is_empty() || host.starts_with('-') || !host.bytes().all(name_byte))
        {
            return Err(bad("the host is neither a name nor an IP address"));
        }
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }

    pub(crate) fn is_link_local(&self) -> bool {
        matches!(self.host.parse(), Ok(IpAddr::V6(ip)) if ip.is_unicast_link_local())
    }

    pub(crate) fn from_multiaddr(address: &Multiaddr) -> Option<Self> {
        let mut host = None;
        for part in address {
            match part {
                Protocol::Ip4(ip) => host = Some(ip.to_string()),
                Protocol::Ip6(ip) => host = Some(ip.to_string()),
                Protocol::Tcp(port) => return Some(Self { host: host?, port }),
                // The end that dialled has a number at which nobody listens; it may be any.
                Protocol::Memory(number) => {
                    return Some(Self {
                        host: MEMORY.to_owned(),
                        port: u16::try_from(number).unwrap_or_default(),
                    });
                }
                _ => {}
            }
        }
        None
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self::from((address.ip(), address.port()))
    }
}

impl From<(IpAddr, u16)> for Address {
    fn from((ip, port): (IpAddr, u16)) -> Self {
        Self {
            host: ip.to_string(),
            port,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl FromStr for Address {
    type Err = AddressError;

    /// As [`Address::parse`], but the port must be given.
    fn from_str(text: &str) -> Result<Self, AddressError> {
        let address = Self::parse(text, 0)?;
        if address.port == 0 {
            return Err(AddressError {
                text: text.to_owned(),
                why: "the port is missing",
            });
        }
        Ok(address)
    }
}

/// A text that is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not an address ({why}); write host:port, for example 192.0.2.7:7410")]
pub struct AddressError {
    text: String,
    why: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_users_write_them() {
        for (text, shown) in [
            ("lab-1", "lab-1:7412"),
            ("lab-1.example:9", "lab-1.example:9"),
            (" 192.0.2.7 ", "192.0.2.7:7412"),
            ("192.0.2.7:80", "192.0.2.7:80"),
            ("2001:db8::1", "[2001:db8::1]:7412"),
            ("[2001:db8::1]", "[2001:db8::1]:7412"),
            ("[2001:db8::1]:80", "[2001:db8::1]:80"),
        ] {
            assert_eq!(
                Address::parse(text, 7412).map(|a| a.to_string()),
                Ok(shown.into()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_address_is_named() {
        for text in [
            "",
            ":80",
            "a:b:c",
            "host:0",
            "host:99999",
            "-oProxy:1",
            "a b",
            "[::1",
            "[x]:1",
        ] {
            let error = Address::parse(text, 7412).unwrap_err().to_string();
            assert!(error.contains("write host:port"), "{text}: {error}");
        }
        assert!("lab-1".parse::<Address>().is_err());
    }
}
