//! What Linux tells of itself below `/proc`: texts in, figures out.

use std::collections::HashMap;
use std::ops::RangeInclusive;

/// Processor time since the machine's start, in ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cpu {
    /// Not idle, stolen time included.
    pub(crate) busy: u64,
    /// Given to other machines by the host.
    pub(crate) steal: u64,
    pub(crate) total: u64,
}

/// The first line of `/proc/stat`.
pub(crate) fn cpu(stat: &str) -> Option<Cpu> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    // Guests' time, behind the eighth, is in user time already.
    let times: Vec<u64> = line
        .split_whitespace()
        .take(8)
        .map_while(|time| time.parse().ok())
        .collect();
    let total = times.iter().sum();
    let at = |index: usize| times.get(index).copied().unwrap_or_default();
    let idle = at(3) + at(4);
    (times.len() >= 4).then_some(Cpu {
        busy: total - idle,
        steal: at(7),
        total,
    })
}

/// The average of the last minute in `/proc/loadavg`.
pub(crate) fn load_1m(loadavg: &str) -> Option<f32> {
    loadavg.split_whitespace().next()?.parse().ok()
}

/// Bytes that an interface has carried so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Traffic {
    pub(crate) interface: String,
    pub(crate) received: u64,
    pub(crate) sent: u64,
}

/// The interfaces in `/proc/net/dev`, but for loopback.
pub(crate) fn traffic(dev: &str) -> Vec<Traffic> {
    let one = |line: &str| {
        let (name, counters) = line.split_once(':')?;
        let mut counters = counters.split_whitespace();
        Some(Traffic {
            interface: name.trim().to_owned(),
            received: counters.next()?.parse().ok()?,
            sent: counters.nth(7)?.parse().ok()?,
        })
    };
    let all = dev.lines().filter_map(one);
    all.filter(|traffic| traffic.interface != "lo").collect()
}

/// TCP segments so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segments {
    pub(crate) sent: u64,
    /// Of these sent again.
    pub(crate) again: u64,
}

/// The TCP lines of `/proc/net/snmp`: a line of names above a line of values.
pub(crate) fn segments(snmp: &str) -> Option<Segments> {
    let mut lines = snmp.lines().filter(|line| line.starts_with("Tcp:"));
    let (names, values) = (lines.next()?, lines.next()?);
    let value = |wanted: &str| {
        let both = names.split_whitespace().zip(values.split_whitespace());
        let found = both.into_iter().find(|(name, _)| *name == wanted);
        found.and_then(|(_, value)| value.parse().ok())
    };
    Some(Segments {
        sent: value("OutSegs")?,
        again: value("RetransSegs")?,
    })
}

/// TCP sockets in `/proc/net/sockstat` and `/proc/net/sockstat6`: those that stand, listening ones
/// included, and those that wait after their end.
pub(crate) fn sockets(sockstat: &str, sockstat6: &str) -> (u32, u32) {
    let value = |text: &str, line: &str, name: &str| -> u32 {
        let words = text.lines().find_map(|own| own.strip_prefix(line));
        let mut words = words.unwrap_or_default().split_whitespace();
        let found = words.by_ref().any(|word| word == name);
        let value = words.next().filter(|_| found);
        value
            .and_then(|value| value.parse().ok())
            .unwrap_or_default()
    };
    let stand = value(sockstat, "TCP:", "inuse").saturating_add(value(sockstat6, "TCP6:", "inuse"));
    (stand, value(sockstat, "TCP:", "tw"))
}

/// `/proc/sys/net/ipv4/ip_local_port_range`.
pub(crate) fn port_range(text: &str) -> Option<RangeInclusive<u16>> {
    let mut ends = text.split_whitespace().map(str::parse);
    match (ends.next(), ends.next()) {
        (Some(Ok(first)), Some(Ok(last))) if first <= last => Some(first..=last),
        _ => None,
    }
}

/// TCP connections by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Connections {
    pub(crate) established: u32,
    pub(crate) time_wait: u32,
    pub(crate) close_wait: u32,
    /// In any other state but listening.
    pub(crate) other: u32,
    /// Ephemeral ports in use between the pair of addresses that takes the most of them.
    pub(crate) ports: u32,
}

/// What is in `/proc/net/tcp` and `/proc/net/tcp6`.
pub(crate) fn connections(tables: [&str; 2], ephemeral: &RangeInclusive<u16>) -> Connections {
    let mut found = Connections::default();
    let mut pairs: HashMap<(&str, &str), u32> = HashMap::new();
    for table in tables {
        for line in table.lines().skip(1) {
            let mut words = line.split_whitespace().skip(1);
            let (Some(local), Some(remote), Some(state)) =
                (words.next(), words.next(), words.next())
            else {
                continue;
            };
            match state {
                "01" => found.established += 1,
                "06" => found.time_wait += 1,
                "08" => found.close_wait += 1,
                "0A" => continue,
                _ => found.other += 1,
            }
            let Some((address, port)) = local.split_once(':') else {
                continue;
            };
            if u16::from_str_radix(port, 16).is_ok_and(|port| ephemeral.contains(&port)) {
                *pairs.entry((plain(address), plain(remote))).or_default() += 1;
            }
        }
    }
    found.ports = pairs.values().copied().max().unwrap_or_default();
    found
}

/// An address of IPv4 written as one of IPv6, as Java's sockets have it, is the former.
fn plain(address: &str) -> &str {
    address
        .strip_prefix("0000000000000000FFFF0000")
        .unwrap_or(address)
}

/// The soft limit of open files in `/proc/<pid>/limits`; 0 for none.
pub(crate) fn open_files_limit(limits: &str) -> Option<u64> {
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    Some(line.split_whitespace().next()?.parse().unwrap_or_default())
}

/// A process in `/proc/<pid>/stat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) parent: u32,
    /// Processor time it has used, in ticks.
    pub(crate) ticks: u64,
    /// When it was started, in ticks since the machine was.
    pub(crate) started: u64,
}

/// Reads `/proc/<pid>/stat`, its fields numbered as in proc(5).
pub(crate) fn process(stat: &str) -> Option<Process> {
    // The second field is a name in parentheses that may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    Some(Process {
        parent: u32::try_from(field(4)?).ok()?,
        ticks: field(14)?.saturating_add(field(15)?),
        started: field(22)?,
    })
}

/// Seconds in `/proc/uptime`, in µs: they count on while the machine sleeps.
pub(crate) fn uptime_us(uptime: &str) -> Option<u64> {
    let (whole, hundredths) = uptime.split_whitespace().next()?.split_once('.')?;
    let hundredths: u64 = hundredths.get(..2)?.parse().ok()?;
    let whole: u64 = whole.parse().ok()?;
    Some(whole.saturating_mul(1_000_000) + hundredths * 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors() {
        let stat = "cpu  100 5 50 1000 20 1 4 30 7 0\ncpu0 1 1 1 1 1 1 1 1 0 0\nintr 5\n";
        let expected = Cpu {
            busy: 190,
            steal: 30,
            total: 1210,
        };
        assert_eq!(cpu(stat), Some(expected));
        // Kernels before 2.6.11 know of no stolen time.
        let old = cpu("cpu  1 2 3 4\n").unwrap();
        assert_eq!((old.busy, old.steal, old.total), (6, 0, 10));
        for odd in ["", "cpu", "cpu  1 x 3 4\n", "cpu0 1 2 3 4\n"] {
            assert_eq!(cpu(odd), None, "{odd}");
        }
        assert_eq!(load_1m("2.14 1.64 0.82 3/98 17745\n"), Some(2.14));
        assert_eq!(load_1m(""), None);
    }

    #[test]
    fn network() {
        let dev = "Inter-|   Receive                |  Transmit\n \
            face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets\n    \
            lo:    3193      29    0    0    0     0          0         0     3193      29    0    0\n  \
            eth0:640602759   18763    0    0    0     0          0         0  1136486   11799    0    0\n";
        let expected = Traffic {
            interface: "eth0".into(),
            received: 640_602_759,
            sent: 1_136_486,
        };
        assert_eq!(traffic(dev), [expected]);
        assert_eq!(traffic("eth0: 5 x\n: \n"), []);
        let snmp = "Ip: Forwarding DefaultTTL\nIp: 1 64\nTcp: RtoMin InSegs OutSegs RetransSegs\n\
            Tcp: -1 200 1200 17\nUdp: InDatagrams\n";
        let expected = Segments {
            sent: 1200,
            again: 17,
        };
        assert_eq!(segments(snmp), Some(expected));
        for odd in ["", "Tcp: OutSegs\n", "Tcp: OutSegs RetransSegs\nTcp: 5\n"] {
            assert_eq!(segments(odd), None, "{odd}");
        }
    }

    #[test]
    fn sockets_and_ports() {
        let sockstat =
            "sockets: used 19\nTCP: inuse 5 orphan 0 tw 7 alloc 5 mem 304\nUDP: inuse 2 mem 0\n";
        assert_eq!(
            sockets(sockstat, "TCP6: inuse 40\nUDP6: inuse 9\n"),
            (45, 7)
        );
        assert_eq!(sockets("", ""), (0, 0));
        assert_eq!(port_range("32768\t60999\n"), Some(32768..=60999));
        assert_eq!(port_range("32768"), None);
        assert_eq!(port_range("9 3"), None);
        let head = "  sl  local_address rem_address   st tx_queue rx_queue\n";
        let line = |local: &str, remote: &str, state: &str| {
            format!("   0: {local} {remote} {state} 00000000:00000000 00:00000000\n")
        };
        let four = [
            line("00000000:07E8", "00000000:0000", "0A"),
            // 32768 and 60999 to the same port of the same address, and another one.
            line("0200000A:8000", "0300000A:01BB", "01"),
            line("0200000A:EE47", "0300000A:01BB", "06"),
            line("0200000A:8001", "0400000A:01BB", "02"),
            // Not an ephemeral port.
            line("0200000A:01BB", "0300000A:9999", "08"),
        ];
        let mapped = "0000000000000000FFFF00000200000A";
        let six = [
            line(
                &format!("{mapped}:8002"),
                "0000000000000000FFFF00000300000A:01BB",
                "01",
            ),
            "   1: cut".to_owned(),
        ];
        let (four, six) = (
            head.to_owned() + &four.concat(),
            head.to_owned() + &six.concat(),
        );
        let expected = Connections {
            established: 2,
            time_wait: 1,
            close_wait: 1,
            other: 1,
            ports: 3,
        };
        assert_eq!(connections([&four, &six], &(32768..=60999)), expected);
        assert_eq!(connections(["", ""], &(1..=2)), Connections::default());
    }

    #[test]
    fn processes() {
        let stat = "77 (a b) c)) S 5 77 77 0 -1 4194560 1 2 3 4 900 100 1 1 20 0 40 0 12345 9 9";
        let expected = Process {
            parent: 5,
            ticks: 1000,
            started: 12345,
        };
        assert_eq!(process(stat), Some(expected));
        assert_eq!(process("77 (a) S 5"), None);
        let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
            Max cpu time              unlimited            unlimited            seconds\n\
            Max open files            1024                 1048576              files\n";
        assert_eq!(open_files_limit(limits), Some(1024));
        let none = "Max open files            unlimited            unlimited            files\n";
        assert_eq!(open_files_limit(none), Some(0));
        assert_eq!(open_files_limit(""), None);
        assert_eq!(uptime_us("3605.07 7000.00\n"), Some(3_605_070_000));
        assert_eq!(uptime_us("x"), None);
    }
}
