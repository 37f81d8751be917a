//! Logs as a load test writes them: users that come, send requests alone and in groups, and go.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use gatling_log::{Encoder, Header, User, Version};

use crate::Outcome;

const START: i64 = 1_750_000_000_000;
const SCENARIOS: [&str; 3] = ["Browse", "Buy – 買い物", "Api"];
const GROUPS: [&[&str]; 6] = [
    &[],
    &[],
    &[],
    &["Checkout"],
    &["Checkout", "Payment"],
    &["Search", "Suggestions é"],
];
const NAMES: usize = 60;
const MESSAGES: usize = 40;
/// Requests in each second, unless the log is to be of a certain length.
const RATE: u64 = 10_000;
/// Requests of each user.
const PER_USER: u64 = 12;

/// Where records go.
trait Log {
    fn user(&mut self, scenario: usize, starts: bool, time: u32) -> Outcome<()>;
    fn request(&mut self, request: &Request<'_>) -> Outcome<()>;
    fn group(&mut self, groups: &[&str], start: u32, end: u32, ok: bool) -> Outcome<()>;
    fn error(&mut self, message: &str, time: u32) -> Outcome<()>;
    fn end(&mut self) -> Outcome<()>;
}

struct Request<'a> {
    groups: &'a [&'a str],
    name: &'a str,
    start: u32,
    end: u32,
    ok: bool,
    message: &'a str,
}

/// Writes a log of so many requests, in so many seconds if told; the same one for the same seed.
pub(crate) fn log(
    file: &Path,
    text: bool,
    requests: u64,
    seed: u64,
    seconds: Option<u64>,
) -> Outcome<()> {
    let file = BufWriter::with_capacity(1 << 20, File::create(file)?);
    let length_ms = seconds.map_or(requests * 1000 / RATE, |seconds| seconds * 1000);
    if text {
        fill(&mut Text::new(file)?, requests, seed, length_ms)
    } else {
        fill(&mut Binary::new(file)?, requests, seed, length_ms)
    }
}

fn fill(log: &mut dyn Log, requests: u64, seed: u64, length_ms: u64) -> Outcome<()> {
    let mut random = Random(seed);
    let names: Vec<String> = (0..NAMES)
        .map(|n| format!("request {n} of the shop"))
        .collect();
    let messages: Vec<String> = (0..MESSAGES)
        .map(|n| format!("status.find.in(200,201,304), found {}", 400 + n))
        .collect();
    let mut scenario = 0;
    for count in 0..requests {
        let time = 5_000 + u32::try_from(count * length_ms / requests)?;
        if count % PER_USER == 0 {
            scenario = random.below(3);
            log.user(scenario, true, time)?;
        }
        // Mostly quick, some slow, few very slow.
        let scale = [40, 40, 40, 300, 300, 2_000][random.below(6)];
        let response_time = u32::try_from(1 + random.below(scale) + random.below(scale))?;
        let start = time - response_time.min(time);
        let groups = GROUPS[random.below(GROUPS.len())];
        let ok = random.below(100) < 97;
        log.request(&Request {
            groups,
            name: &names[random.below(NAMES)],
            start,
            end: time,
            ok,
            message: if ok {
                ""
            } else {
                &messages[random.below(MESSAGES)]
            },
        })?;
        if !groups.is_empty() && random.below(4) == 0 {
            log.group(groups, start.saturating_sub(50), time, ok)?;
        }
        if random.below(1_000) == 0 {
            let message = "feeder: Failed to build request: No attribute named 'id' is defined ";
            log.error(message, time)?;
        }
        if count % PER_USER == PER_USER - 1 {
            log.user(scenario, false, time)?;
        }
    }
    log.end()
}

struct Binary {
    file: BufWriter<File>,
    encoder: Encoder,
    count: usize,
}

impl Binary {
    fn new(file: BufWriter<File>) -> Outcome<Self> {
        let encoder = Encoder::new(&Header {
            version: Version::parse("3.16.0").ok_or("no version")?,
            simulation: "demo.Shop".to_owned(),
            start: START,
            description: String::new(),
            scenarios: SCENARIOS.map(str::to_owned).to_vec(),
            assertions: Vec::new(),
        });
        Ok(Self {
            file,
            encoder,
            count: 0,
        })
    }

    fn written(&mut self) -> Outcome<()> {
        self.count += 1;
        if self.count.is_multiple_of(10_000) {
            self.end()?;
        }
        Ok(())
    }
}

impl Log for Binary {
    fn user(&mut self, scenario: usize, starts: bool, time: u32) -> Outcome<()> {
        self.encoder.user(User {
            scenario,
            starts,
            time,
        });
        self.written()
    }

    fn request(&mut self, request: &Request<'_>) -> Outcome<()> {
        let times = request.start..request.end;
        let (groups, name) = (request.groups, request.name);
        self.encoder
            .request(groups, name, times, request.ok, request.message);
        self.written()
    }

    fn group(&mut self, groups: &[&str], start: u32, end: u32, ok: bool) -> Outcome<()> {
        self.encoder
            .group(groups, start..end, (end - start) / 2, ok);
        self.written()
    }

    fn error(&mut self, message: &str, time: u32) -> Outcome<()> {
        self.encoder.error(message, time);
        self.written()
    }

    fn end(&mut self) -> Outcome<()> {
        Ok(self.file.write_all(&self.encoder.take())?)
    }
}

struct Text {
    file: BufWriter<File>,
}

impl Text {
    fn new(mut file: BufWriter<File>) -> Outcome<Self> {
        writeln!(file, "RUN\tdemo.Shop\tshop\t{START}\t \t3.12.0")?;
        Ok(Self { file })
    }
}

fn absolute(time: u32) -> i64 {
    START + i64::from(time)
}

fn status(ok: bool) -> &'static str {
    if ok { "OK" } else { "KO" }
}

impl Log for Text {
    fn user(&mut self, scenario: usize, starts: bool, time: u32) -> Outcome<()> {
        let event = if starts { "START" } else { "END" };
        let scenario = SCENARIOS[scenario];
        writeln!(self.file, "USER\t{scenario}\t{event}\t{}", absolute(time))?;
        Ok(())
    }

    fn request(&mut self, request: &Request<'_>) -> Outcome<()> {
        writeln!(
            self.file,
            "REQUEST\t{}\t{}\t{}\t{}\t{}\t{}",
            request.groups.join(","),
            request.name,
            absolute(request.start),
            absolute(request.end),
            status(request.ok),
            if request.message.is_empty() {
                " "
            } else {
                request.message
            },
        )?;
        Ok(())
    }

    fn group(&mut self, groups: &[&str], start: u32, end: u32, ok: bool) -> Outcome<()> {
        writeln!(
            self.file,
            "GROUP\t{}\t{}\t{}\t{}\t{}",
            groups.join(","),
            absolute(start),
            absolute(end),
            (end - start) / 2,
            status(ok),
        )?;
        Ok(())
    }

    fn error(&mut self, message: &str, time: u32) -> Outcome<()> {
        writeln!(self.file, "ERROR\t{message}\t{}", absolute(time))?;
        Ok(())
    }

    fn end(&mut self) -> Outcome<()> {
        Ok(self.file.flush()?)
    }
}

/// SplitMix64: enough for this, and the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed % bound as u64) as usize
    }
}
