//! From where 200 listeners can be reached, followed through 1,000 rules of another program in each family. Nobody else
//! works that out, so there is no peer; the goal is 50 ms.

use std::{
    error::Error,
    fmt::Write as _,
    fs,
    io::{self, Write},
    path::Path,
    time::{Duration, Instant},
};

use portreeve::firewall::{
    AddressRange, Family, InterfaceName, Listener,
    enforcement::{OwnAddress, Survey},
    exposure::{Exposure, Surroundings, exposures},
    foreign::{Foreign, xtables},
    listener::{Bind, Transport},
    simulate::Route,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

const LISTENERS: u16 = 200;
const RULES: u32 = 1_000;
const ROUNDS: usize = 11;

fn listener(number: u16) -> Listener {
    Listener {
        transport: if number.is_multiple_of(4) { Transport::Udp } else { Transport::Tcp },
        bind: Bind::AnyDual,
        port: 1_000 + number,
        interface: None,
        uid: 0,
        user: None,
        processes: Vec::new(),
        unit: None,
        container: None,
    }
}

fn survey() -> Outcome<Survey> {
    let own = [
        ("eth0", "203.0.113.2", 30),
        ("eth0", "2001:db8:1::2", 64),
        ("lan0", "192.168.7.1", 24),
        ("lan0", "fd07::1", 64),
        ("docker0", "172.17.0.1", 16),
        ("docker0", "fd17::1", 64),
    ];
    let (mut addresses, mut routes) = (Vec::new(), Vec::new());
    for (interface, address, length) in own {
        let (interface, address) = (InterfaceName::parse(interface)?, address.parse()?);
        let network = AddressRange::network(address, length).ok_or("a network")?;
        routes.push(Route { network, interface: interface.clone() });
        addresses.push(OwnAddress { interface, address, network });
    }
    for family in Family::BOTH {
        routes.push(Route { network: AddressRange::everything(family), interface: InterfaceName::parse("eth0")? });
    }
    let interfaces =
        ["lo", "eth0", "lan0", "docker0"].map(InterfaceName::parse).into_iter().collect::<Result<_, _>>()?;
    Ok(Survey { interfaces, addresses, routes })
}

/// As they grow on a host over the years: single addresses, networks and ports, most of which no packet meets.
fn rules(family: Family) -> Outcome<Foreign> {
    let mut text = String::from("*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n");
    text.push_str("-A INPUT -i lo -j ACCEPT\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n");
    let icmp = if family == Family::V4 { "icmp" } else { "ipv6-icmp" };
    let _ = writeln!(text, "-A INPUT -p {icmp} -j ACCEPT");
    for number in 3..RULES {
        let port = 1_000 + number % 400;
        let (one, many) = match family {
            Family::V4 => {
                (format!("198.51.{}.{}/32", number / 250, number % 250), format!("10.{}.0.0/16", number % 250))
            }
            Family::V6 => (format!("2001:db8:{number:x}::1/128"), format!("2001:db8:f{:x}::/48", number % 4096)),
        };
        let rule = match number % 5 {
            0 => format!("-s {one} -j DROP"),
            1 => format!("-s {many} -p tcp -m tcp --dport {port} -j ACCEPT"),
            2 => format!("-p tcp -m tcp --dport {port} -j ACCEPT"),
            3 => format!("-s {one} -p tcp -m multiport --dports 22,80,{port} -j ACCEPT"),
            _ => format!("-i lan0 -p udp -m udp --dport {port} -j ACCEPT"),
        };
        let _ = writeln!(text, "-A INPUT {rule}");
    }
    text.push_str("COMMIT\n");
    Ok(Foreign { tables: xtables::read(family, &text)?, unreadable: Vec::new() })
}

fn main() -> Outcome<()> {
    let (mut foreign, survey) = (rules(Family::V4)?, survey()?);
    foreign.tables.extend(rules(Family::V6)?.tables);
    let listeners: Vec<Listener> = (0..LISTENERS).map(listener).collect();
    let surroundings = Surroundings { foreign: &foreign, ours: None, survey: &survey };
    let mut times = Vec::new();
    let mut open = 0;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let found = exposures(&listeners, &surroundings);
        times.push(start.elapsed());
        open = found.iter().flat_map(Exposure::answers).filter(|(.., answer)| answer.reach.is_open()).count();
    }
    times.sort_unstable();
    report(times[ROUNDS / 2], open)
}

fn report(half: Duration, open: usize) -> Outcome<()> {
    let name = format!("exposure of {LISTENERS} listeners through {RULES} foreign rules of each family");
    let millis = half.as_secs_f64() * 1000.0;
    writeln!(io::stdout(), "{name}: {millis:.1} ms ({open} answers open)")?;
    let line = serde_json::json!({ "name": name, "ours": millis, "goal": 50.0, "unit": "ms" });
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench.jsonl");
    Ok(writeln!(fs::OpenOptions::new().create(true).append(true).open(target)?, "{line}")?)
}
