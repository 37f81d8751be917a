//! The load as Linux tells it.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bfgg_protocol::Health;

use crate::gauge::cgroup::{self, Used};
use crate::gauge::proc::{self, Connections, Cpu, Process, Segments, Traffic};

/// Where groups of processes are (cgroup v2).
const GROUPS: &str = "/sys/fs/cgroup";
/// Bytes read of a table of sockets at most: some 60 000 of them.
const TABLE: u64 = 10 << 20;
/// With more sockets than this their tables are read less often.
const MANY: u32 = 4096;
/// How often then, and how often it is looked for new processes of Gatling.
const SELDOM: Duration = Duration::from_secs(5);

/// Measures what has changed from one call to the next.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    cpu: Option<Cpu>,
    /// Of the groups that may use a part of the machine.
    groups: HashMap<PathBuf, (Instant, Used)>,
    gatling: Gatling,
    traffic: Option<(Instant, Vec<Traffic>)>,
    segments: Option<(Instant, Segments)>,
    connections: Option<(Instant, Connections)>,
}

impl Meter {
    /// Fills in all but memory, heap and disk. Gatling is what the process `supervisor` has started.
    pub(crate) fn read(&mut self, supervisor: Option<u32>, health: &mut Health) {
        self.processors(supervisor, health);
        self.network(health);
        self.sockets(health);
        self.gatling.open_files(health);
    }

    fn processors(&mut self, supervisor: Option<u32>, health: &mut Health) {
        health.load_1m = text("/proc/loadavg")
            .and_then(|text| proc::load_1m(&text))
            .unwrap_or_default();
        let ticks = self.gatling.ticks(supervisor);
        let Some(now) = text("/proc/stat").and_then(|text| proc::cpu(&text)) else {
            return;
        };
        if let Some(before) = self.cpu.replace(now) {
            let total = now.total.saturating_sub(before.total);
            health.cpu_percent = percent(now.busy.saturating_sub(before.busy), total);
            health.steal_percent = percent(now.steal.saturating_sub(before.steal), total);
            health.jvm_percent = percent(ticks, total);
        }
        self.quotas(health);
    }

    /// Where a group that Gatling is in may use no more than a part of the machine, the tightest one counts.
    fn quotas(&mut self, health: &mut Health) {
        let process = match self.gatling.jvm {
            Some(pid) => format!("/proc/{pid}/cgroup"),
            None => "/proc/self/cgroup".to_owned(),
        };
        let groups = cgroup::groups(&text(&process).unwrap_or_default(), Path::new(GROUPS));
        let mut known = HashMap::new();
        for group in groups {
            let file = |name: &str| std::fs::read_to_string(group.join(name)).ok();
            let quota = file("cpu.max").and_then(|max| cgroup::quota(&max));
            let used = quota.zip(file("cpu.stat").and_then(|stat| cgroup::used(&stat)));
            let Some((quota, used)) = used else { continue };
            let at = Instant::now();
            if let Some((since, before)) = self.groups.get(&group) {
                let passed = u64::try_from((at - *since).as_micros()).unwrap_or(u64::MAX);
                let (busy, throttled) = cgroup::shares(*before, used, passed, quota);
                health.quota_percent = health.quota_percent.max(busy);
                health.throttled_percent = health.throttled_percent.max(throttled);
            }
            known.insert(group, (at, used));
        }
        self.groups = known;
    }

    /// Of the interface that carries the most.
    fn network(&mut self, health: &mut Health) {
        let at = Instant::now();
        let now = text("/proc/net/dev").map(|text| proc::traffic(&text));
        if let Some(now) = now {
            if let Some((since, before)) = &self.traffic {
                let rates = now.iter().filter_map(|now| {
                    let before = before.iter().find(|own| own.interface == now.interface)?;
                    let received = per_second(now.received, before.received, at - *since);
                    let sent = per_second(now.sent, before.sent, at - *since);
                    Some((received, sent, &now.interface))
                });
                let busiest =
                    rates.max_by_key(|(received, sent, _)| received.saturating_add(*sent));
                if let Some((received, sent, interface)) = busiest {
                    (health.rx_bytes_s, health.tx_bytes_s) = (received, sent);
                    health.link_bits_s = link_bits_s(interface);
                }
            }
            self.traffic = Some((at, now));
        }
        if let Some(now) = text("/proc/net/snmp").and_then(|text| proc::segments(&text)) {
            if let Some((since, before)) = self.segments {
                let rate = |now, before| small(per_second(now, before, at - since));
                health.retransmits_s = rate(now.again, before.again);
                health.segments_s = rate(now.sent, before.sent);
            }
            self.segments = Some((at, now));
        }
    }

    fn sockets(&mut self, health: &mut Health) {
        let sockstat = text("/proc/net/sockstat").unwrap_or_default();
        let sockstat6 = text("/proc/net/sockstat6").unwrap_or_default();
        let (stand, time_wait) = proc::sockets(&sockstat, &sockstat6);
        let range = ephemeral_ports();
        let ports = range.as_ref().map_or(0, ExactSizeIterator::len);
        health.ports_range = u32::try_from(ports).unwrap_or_default();
        let range = range.unwrap_or(0..=0);
        let many = stand.saturating_add(time_wait) > MANY;
        let due = |(read, _): &(Instant, _)| !many || read.elapsed() >= SELDOM;
        if self.connections.as_ref().is_none_or(due) {
            let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(table);
            let found = proc::connections([&tables[0], &tables[1]], &range);
            self.connections = Some((Instant::now(), found));
        }
        let Some((_, found)) = self.connections else {
            return;
        };
        health.sockets_established = found.established;
        health.sockets_time_wait = time_wait.max(found.time_wait);
        health.sockets_close_wait = found.close_wait;
        health.sockets_other = found.other;
        health.ports_used = found.ports;
    }
}

/// Gatling's processes.
#[derive(Debug, Default)]
struct Gatling {
    supervisor: u32,
    /// The JVM: what the supervisor has started itself.
    jvm: Option<u32>,
    looked: Option<Instant>,
    known: HashMap<u32, Process>,
}

impl Gatling {
    /// Processor time used since the last call.
    fn ticks(&mut self, supervisor: Option<u32>) -> u64 {
        let Some(supervisor) = supervisor else {
            *self = Self::default();
            return 0;
        };
        if self.supervisor != supervisor {
            *self = Self {
                supervisor,
                ..Self::default()
            };
        }
        let due = |looked: Instant| self.jvm.is_none() || looked.elapsed() >= SELDOM;
        let first = self.looked.is_none();
        let mut used = 0;
        if self.looked.is_none_or(due) {
            let found = descendants(supervisor);
            self.looked = Some(Instant::now());
            let child = |(_, process): &(&u32, &Process)| process.parent == supervisor;
            self.jvm = found.iter().filter(child).map(|(pid, _)| *pid).min();
            for (pid, process) in found {
                let before = self
                    .known
                    .insert(pid, process)
                    .filter(|b| b.started == process.started);
                used += match before {
                    Some(before) => process.ticks.saturating_sub(before.ticks),
                    // It may be old: at the first look only what comes later is known to be new.
                    None if first => 0,
                    None => process.ticks,
                };
            }
            self.known
                .retain(|pid, _| Path::new("/proc").join(pid.to_string()).exists());
            return used;
        }
        self.known.retain(|pid, before| {
            let Some(now) = process(*pid).filter(|now| now.started == before.started) else {
                return false;
            };
            used += now.ticks.saturating_sub(before.ticks);
            *before = now;
            true
        });
        used
    }

    fn open_files(&self, health: &mut Health) {
        let Some(jvm) = self.jvm else { return };
        let folder = format!("/proc/{jvm}/fd");
        // Newer kernels tell how many there are as the folder's size.
        let size = std::fs::metadata(&folder).map_or(0, |folder| folder.len());
        let count = match size {
            0 => std::fs::read_dir(&folder).map_or(0, |files| files.count() as u64),
            size => size,
        };
        health.open_files = small(count);
        health.open_files_limit = text(&format!("/proc/{jvm}/limits"))
            .and_then(|text| proc::open_files_limit(&text))
            .unwrap_or_default();
    }
}

/// All that a process has started, itself excluded.
fn descendants(head: u32) -> HashMap<u32, Process> {
    let Ok(folder) = std::fs::read_dir("/proc") else {
        return HashMap::new();
    };
    let ids = folder
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let all: HashMap<u32, Process> = ids.filter_map(|pid| Some((pid, process(pid)?))).collect();
    let mut found = HashMap::new();
    let mut open = vec![head];
    while let Some(parent) = open.pop() {
        for (pid, process) in all.iter().filter(|(_, process)| process.parent == parent) {
            if found.insert(*pid, *process).is_none() {
                open.push(*pid);
            }
        }
    }
    found
}

fn process(pid: u32) -> Option<Process> {
    proc::process(&text(&format!("/proc/{pid}/stat"))?)
}

/// The ports that connections get by themselves.
pub(crate) fn ephemeral_ports() -> Option<RangeInclusive<u16>> {
    proc::port_range(&text("/proc/sys/net/ipv4/ip_local_port_range")?)
}

/// A setting of the kernel below /proc/sys.
pub(crate) fn kernel_setting(name: &str) -> Option<String> {
    let path = format!("/proc/sys/{}", name.replace('.', "/"));
    Some(text(&path)?.trim().to_owned())
}

/// A clock that only counts, and counts on while the machine sleeps, µs.
pub(crate) fn counting_us() -> Option<u64> {
    proc::uptime_us(&text("/proc/uptime")?)
}

/// What an interface carries in each direction; 0 where it does not say.
fn link_bits_s(interface: &str) -> u64 {
    if interface.contains(['/', '.']) && !Path::new("/sys/class/net").join(interface).exists() {
        return 0;
    }
    let megabits = text(&format!("/sys/class/net/{interface}/speed"));
    let megabits = megabits.and_then(|text| text.trim().parse::<u64>().ok());
    // Some drivers say -1, or all bits set, for "not known".
    let known = megabits.filter(|megabits| *megabits < 10_000_000);
    known.unwrap_or_default().saturating_mul(1_000_000)
}

fn text(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

fn table(path: &str) -> String {
    let mut bytes = Vec::new();
    if let Ok(file) = File::open(path) {
        // What was read counts, whatever came then.
        let _ = file.take(TABLE).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[expect(clippy::cast_precision_loss, reason = "to show")]
fn percent(part: u64, whole: u64) -> f32 {
    if whole == 0 {
        return 0.0;
    }
    // One decimal: more says nothing.
    let tenths = (part as f32 / whole as f32 * 1000.0).round();
    (tenths / 10.0).clamp(0.0, 100.0)
}

fn per_second(now: u64, before: u64, elapsed: Duration) -> u64 {
    let micros = u64::try_from(elapsed.as_micros())
        .unwrap_or(u64::MAX)
        .max(1);
    let rate = u128::from(now.saturating_sub(before)) * 1_000_000 / u128::from(micros);
    u64::try_from(rate).unwrap_or(u64::MAX)
}

fn small(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_shares() {
        assert_eq!(per_second(3000, 1000, Duration::from_millis(500)), 4000);
        assert_eq!(per_second(1, 5, Duration::ZERO), 0);
        assert_eq!(percent(1, 3), 33.3);
        assert_eq!(percent(5, 0), 0.0);
        assert_eq!(percent(9, 3), 100.0);
    }

    #[test]
    fn this_machine_is_measured() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let _client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut meter = Meter::default();
        let mut health = Health::default();
        meter.read(None, &mut health);
        assert!(health.ports_range > 0 && health.sockets_established > 0);
        assert!(health.ports_used > 0);
        assert_eq!(health.cpu_percent, 0.0, "there is nothing to compare with");
        // The clock's tick is 10 ms.
        let enough = meter.cpu.unwrap().total + 5;
        while proc::cpu(&text("/proc/stat").unwrap()).unwrap().total < enough {
            std::thread::yield_now();
        }
        meter.read(None, &mut health);
        assert!(health.cpu_percent > 0.0);
        assert_eq!((health.jvm_percent, health.open_files), (0.0, 0));
    }

    #[test]
    fn what_a_supervisor_has_started_is_gatling() {
        // The loop ends by itself once the shell is gone.
        let mut shell = std::process::Command::new("sh")
            .args(["-c", "(while kill -0 $$; do :; done) 2>&- & wait"])
            .spawn()
            .unwrap();
        let mut gatling = Gatling::default();
        let supervisor = Some(shell.id());
        let mut used = gatling.ticks(supervisor);
        let until = Instant::now() + Duration::from_secs(20);
        while used == 0 && Instant::now() < until {
            std::thread::yield_now();
            used += gatling.ticks(supervisor);
        }
        let (jvm, mut health) = (gatling.jvm, Health::default());
        gatling.open_files(&mut health);
        shell.kill().unwrap();
        shell.wait().unwrap();
        assert!(used > 0 && jvm.is_some());
        assert!(health.open_files > 0 && health.open_files_limit > 0);
        assert_eq!(gatling.ticks(None), 0);
        assert!(gatling.known.is_empty());
    }
}
