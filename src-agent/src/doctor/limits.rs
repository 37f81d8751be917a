//! The limits of the system that a load generator meets, and the lines that raise them.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::ops::RangeInclusive;

use bfgg_protocol::{Check, CheckStatus};
use sysinfo::{NetworkData, Networks};

use super::check;
use crate::platform;

/// Each virtual user of a test holds a connection, and that is a file: fewer are soon used up.
const OPEN_FILES: u64 = 65_536;
/// What they are raised to: the most that systems allow without more settings.
const RAISED_FILES: u64 = 1_048_576;
/// Java's own limit on macOS, whatever the system allows (`-XX:-MaxFDLimit` takes it away).
const JAVA_ON_MACOS: u64 = 10_240;
/// Connections from one address to another: with so many there is no more to say.
const PORTS: usize = 50_000;
/// What Linux has by default.
const DEFAULT_PORTS: usize = 28_232;
/// Beyond the ports of services, BFG-G's own among them.
const RAISED_PORTS: RangeInclusive<u16> = 10_240..=65_535;
/// Seconds for which a port is not free after its connection has ended.
const TIME_WAIT: usize = 60;
/// Connections that a firewall on the way keeps in mind.
const TRACKED: u64 = 262_144;

/// All of them.
pub(super) fn checks() -> Vec<Check> {
    let tracked = platform::kernel_setting("net.netfilter.nf_conntrack_max");
    let reuse = platform::kernel_setting("net.ipv4.tcp_tw_reuse");
    let mut checks = Vec::new();
    checks.extend(
        platform::open_file_limits().map(|limits| open_files(limits, std::env::consts::OS)),
    );
    checks.extend(platform::ephemeral_ports().map(|range| ports(&range, reuse.as_deref())));
    checks.extend(tracked.and_then(|most| most.parse().ok()).map(connections));
    checks.push(addresses(&local_addresses()));
    checks
}

/// The soft and the hard limit; `None` for no limit. Java raises the soft one to the hard one, on macOS to
/// its own.
fn open_files((soft, hard): (Option<u64>, Option<u64>), system: &str) -> Check {
    let shown = |limit: Option<u64>| limit.map_or("no limit".to_owned(), |most| most.to_string());
    let value = format!("soft {}, hard {}", shown(soft), shown(hard));
    if system == "macos" && hard.is_none_or(|hard| hard > JAVA_ON_MACOS) {
        let value = format!("{value}; {JAVA_ON_MACOS} for Java");
        let hint = "Java keeps to a limit of its own here: give a run with more connections the Java option \
                    -XX:-MaxFDLimit.";
        return check("open files", CheckStatus::Info, value, hint);
    }
    if hard.is_none_or(|hard| hard >= OPEN_FILES) {
        return check("open files", CheckStatus::Pass, value, "");
    }
    let hint = "Each user of a test holds a connection, and that is a file. Raise the limit and start \
                the agent again.";
    let mut files = check("open files", CheckStatus::Warn, value, hint);
    if system == "linux" {
        files.lines = vec![
            "# Where systemd starts the agent: sudo systemctl edit bfgg-agent".to_owned(),
            "[Service]".to_owned(),
            format!("LimitNOFILE={RAISED_FILES}"),
            "# Where a user starts it: /etc/security/limits.d/90-bfgg.conf, then log in again"
                .to_owned(),
            format!("* soft nofile {RAISED_FILES}"),
            format!("* hard nofile {RAISED_FILES}"),
        ];
    }
    files
}

fn ports(range: &RangeInclusive<u16>, reuse: Option<&str>) -> Check {
    let (first, last, count) = (range.start(), range.end(), range.len());
    let value = format!("{count} ({first}–{last})");
    if count >= PORTS {
        return check("ephemeral ports", CheckStatus::Pass, value, "");
    }
    let hint = format!(
        "A connection to an address of the target takes one and keeps it for {TIME_WAIT} s after its \
         end: more than {} new connections in a second use them up.",
        count / TIME_WAIT
    );
    // What every Linux has is no fault of this one.
    let status = match count >= DEFAULT_PORTS {
        true => CheckStatus::Info,
        false => CheckStatus::Warn,
    };
    let mut ports = check("ephemeral ports", status, value, &hint);
    let (first, last) = (RAISED_PORTS.start(), RAISED_PORTS.end());
    ports.lines = vec![
        "# /etc/sysctl.d/90-bfgg.conf, then: sudo sysctl --system".to_owned(),
        format!("net.ipv4.ip_local_port_range = {first} {last}"),
    ];
    if reuse.is_some_and(|reuse| reuse != "1") {
        ports.lines.push("net.ipv4.tcp_tw_reuse = 1".to_owned());
    }
    ports
}

fn connections(most: u64) -> Check {
    let name = "tracked connections";
    if most >= TRACKED {
        return check(name, CheckStatus::Pass, most.to_string(), "");
    }
    let hint = "The firewall of this machine forgets or refuses connections beyond that.";
    let mut connections = check(name, CheckStatus::Warn, most.to_string(), hint);
    connections.lines = vec![
        "# /etc/sysctl.d/90-bfgg.conf, then: sudo sysctl --system".to_owned(),
        format!("net.netfilter.nf_conntrack_max = {RAISED_FILES}"),
    ];
    connections
}

/// Each one has ports of its own.
fn addresses(all: &BTreeSet<IpAddr>) -> Check {
    let value = match all.len() {
        0 => "none but loopback".to_owned(),
        _ => {
            let all: Vec<String> = all.iter().map(ToString::to_string).collect();
            all.join(", ")
        }
    };
    check("local addresses", CheckStatus::Info, value, "")
}

/// Those from which others can be reached.
fn local_addresses() -> BTreeSet<IpAddr> {
    let Ok(networks) = Networks::new_with_refreshed_list() else {
        return BTreeSet::new();
    };
    let all = networks.values().flat_map(NetworkData::ip_networks);
    let reaches = |address: &IpAddr| match address {
        IpAddr::V4(address) => !address.is_loopback() && !address.is_link_local(),
        IpAddr::V6(address) => !address.is_loopback() && !address.is_unicast_link_local(),
    };
    all.map(|network| network.addr).filter(reaches).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_that_are_met_soon_are_named_with_what_raises_them() {
        for (system, soft, hard, expected) in [
            ("linux", Some(1024), Some(1_048_576), CheckStatus::Pass),
            ("linux", Some(1024), Some(4096), CheckStatus::Warn),
            ("linux", Some(65_536), Some(65_536), CheckStatus::Pass),
            ("linux", Some(1024), None, CheckStatus::Pass),
            ("macos", Some(256), None, CheckStatus::Info),
            ("macos", Some(256), Some(1_048_576), CheckStatus::Info),
            ("macos", Some(256), Some(10_240), CheckStatus::Warn),
        ] {
            let files = open_files((soft, hard), system);
            assert_eq!(files.status, expected, "{system}: {}", files.value);
            let lines = system == "linux" && expected == CheckStatus::Warn;
            assert_eq!(files.lines.is_empty(), !lines);
        }
        let files = open_files((Some(1024), Some(4096)), "linux");
        assert_eq!(files.value, "soft 1024, hard 4096");
        let files = open_files((Some(256), None), "macos");
        assert_eq!(files.value, "soft 256, hard no limit; 10240 for Java");
        let of_default = ports(&(32_768..=60_999), Some("2"));
        assert_eq!(of_default.value, "28232 (32768–60999)");
        assert_eq!(of_default.status, CheckStatus::Info);
        assert_eq!(ports(&(40_000..=60_999), None).status, CheckStatus::Warn);
        assert!(
            of_default.hint.contains("more than 470 new"),
            "{}",
            of_default.hint
        );
        assert_eq!(
            of_default.lines[1..],
            [
                "net.ipv4.ip_local_port_range = 10240 65535",
                "net.ipv4.tcp_tw_reuse = 1"
            ]
        );
        assert_eq!(ports(&(32_768..=60_999), Some("1")).lines.len(), 2);
        let raised = ports(&RAISED_PORTS, Some("1"));
        assert_eq!((raised.status, raised.lines.len()), (CheckStatus::Pass, 0));
        assert_eq!(connections(65_536).status, CheckStatus::Warn);
        assert_eq!(connections(TRACKED).status, CheckStatus::Pass);
        assert_eq!(addresses(&BTreeSet::new()).value, "none but loopback");
        let two = ["192.0.2.7", "2001:db8::1"].map(|text| text.parse().unwrap());
        assert_eq!(addresses(&two.into()).value, "192.0.2.7, 2001:db8::1");
    }
}
