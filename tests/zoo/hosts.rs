//! The hosts.

use portreeve::firewall::{
    exposure::{Origin, Reach},
    listener::Transport,
};

use super::{
    town::{Knock, Town},
    visit::{Expected, compare, reach},
};

/// One of each kind of socket.
pub const SOCKETS: [&str; 14] = [
    "tcp,::,80",
    "tcp,0.0.0.0,81",
    "tcp,::,82,v6only",
    "tcp,127.0.0.1,3306",
    "tcp,::1,3307",
    "tcp,192.168.7.1,5432",
    "tcp,203.0.113.2,5433",
    "tcp,fd07::1,5434",
    "tcp,0.0.0.0,90,dev=lan0",
    "tcp,::,91,dev=eth0",
    "udp,0.0.0.0,53",
    "udp,::,54",
    "tcp,172.17.0.1,5435",
    "tcp,::,22",
];

fn visit(rules: &str, expected: &[Expected]) {
    let town = Town::new();
    town.nft(rules);
    let _server = town.serve(true, &SOCKETS);
    compare(&town, expected);
}

const fn partly(port: u16, origin: Origin, words: &'static str) -> Expected {
    Expected { port, origin, words }
}

#[test]
fn a_host_without_rules() {
    visit("", &[]);
}

#[test]
fn a_policy_of_accept_with_some_drops() {
    visit(
        "table inet filter {
            chain input {
                type filter hook input priority filter; policy accept;
                iifname lo accept
                tcp dport { 22, 5433 } drop
                ip saddr 198.51.100.200 tcp dport 80 drop
                udp dport 53 iifname eth0 reject
            }
        }",
        &[partly(80, Origin::World, "not from 198.51.100.200")],
    );
}

#[test]
fn a_table_of_its_own_with_maps_and_sets() {
    visit(
        "table inet firewall {
            set trusted { type ipv4_addr; flags interval; elements = { 198.51.100.200, 192.168.0.0/16 } }
            set spammers { type ipv4_addr; elements = { 198.51.100.200 } }
            map doors { type inet_service : verdict; elements = { 22 : accept } }
            chain office { tcp dport { 5432, 81 } accept; }
            chain world { tcp dport vmap { 80 : accept, 81 : drop, 82-90 : accept }; }
            chain input {
                type filter hook input priority filter; policy drop;
                ct state vmap { established : accept, related : accept, invalid : drop }
                iif lo accept
                meta l4proto ipv6-icmp accept
                ip saddr @spammers tcp dport 80 drop
                meta l4proto . th dport { udp . 53, tcp . 22 } accept
                udp dport 54 ip saddr @trusted accept
                iifname vmap { lan0 : goto office, eth0 : jump world }
                tcp dport vmap @doors
            }
        }",
        &[
            partly(80, Origin::World, "unless listed in the set spammers"),
            partly(54, Origin::World, "only if listed in the set trusted"),
            partly(54, Origin::Networks, "only if listed in the set trusted"),
            partly(54, Origin::Containers, "only if listed in the set trusted"),
            // Which ports are in the map isn't listed.
            partly(0, Origin::World, "tcp dport vmap @doors"),
            partly(0, Origin::Containers, "tcp dport vmap @doors"),
            partly(0, Origin::Networks, "tcp dport vmap @doors"),
        ],
    );
}

#[test]
fn several_tables_of_which_each_has_its_say() {
    visit(
        "table inet late {
            chain input { type filter hook input priority 10; policy accept; tcp dport 81 drop; tcp dport 80 accept; }
        }
        table ip early {
            chain raw {
                type filter hook prerouting priority raw; policy accept
                ip saddr 198.51.100.200 drop
                udp dport 53 notrack
            }
            chain input {
                type filter hook input priority -10; policy drop
                iif lo accept
                ct state untracked accept
                meta mark 0x7 accept
                tcp dport { 22, 81 } accept
                tcp sport 1024-65535 tcp flags & (fin | syn | rst | ack) == syn ip daddr 203.0.113.2 accept
            }
            chain mangle { type filter hook prerouting priority mangle; policy accept; iifname lan0 meta mark set 0x7; }
        }",
        &[
            partly(22, Origin::World, "not from 198.51.100.200"),
            partly(53, Origin::World, "not from 198.51.100.200"),
            partly(80, Origin::World, "not from 198.51.100.200"),
            partly(91, Origin::World, "not from 198.51.100.200"),
            partly(5433, Origin::World, "not from 198.51.100.200"),
        ],
    );
}

/// Who asks for this host on the link and gets no answer doesn't get in over IPv6.
#[test]
fn hosts_that_neighbours_cannot_find() {
    let connections = "ct state established accept; iif lo accept; tcp dport { 22, 80, 81, 82, 91 } accept";
    for (input, output) in [
        ("", "policy accept"),
        ("icmpv6 type echo-request accept", "policy accept"),
        ("meta l4proto ipv6-icmp accept", "policy drop; ct state established accept; oif lo accept"),
        ("icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept", "policy accept"),
        ("ct state untracked ip6 hoplimit 255 accept", "policy accept"),
    ] {
        let town = Town::new();
        town.nft(&format!(
            "table inet filter {{
                chain input {{ type filter hook input priority filter; policy drop; {connections}; {input}; }}
                chain output {{ type filter hook output priority filter; {output}; }}
            }}"
        ));
        let _server = town.serve(true, &SOCKETS);
        town.forget_neighbours();
        compare(&town, &[]);
    }
}

#[test]
fn ports_sent_on_as_docker_does() {
    let town = Town::new();
    town.nft(
        "table ip nat {
            chain DOCKER {
                iifname docker0 return
                iifname != docker0 tcp dport 8080 dnat to 172.17.0.2:80
                iifname != docker0 udp dport 5353 dnat to 172.17.0.2:53
                ip daddr 127.0.0.1 iifname != docker0 tcp dport 8081 dnat to 172.17.0.2:81
                ip daddr 192.168.7.1 iifname != docker0 tcp dport 8082 dnat to 172.17.0.2:80
                iifname != docker0 tcp dport 8083 dnat to 172.17.0.2:83
            }
            chain PREROUTING { type nat hook prerouting priority dstnat; fib daddr type local jump DOCKER; }
            chain OUTPUT { type nat hook output priority -100; ip daddr != 127.0.0.0/8 fib daddr type local jump DOCKER; }
            chain POSTROUTING { type nat hook postrouting priority srcnat; ip saddr 172.17.0.0/16 oifname != docker0 masquerade; }
        }
        table ip filter {
            chain DOCKER {
                ip daddr 172.17.0.2 iifname != docker0 oifname docker0 tcp dport 80 accept
                ip daddr 172.17.0.2 iifname != docker0 oifname docker0 udp dport 53 accept
            }
            chain INPUT { type filter hook input priority filter; policy drop
                iifname lo accept
                ct state established accept
                tcp dport 22 accept
            }
            chain FORWARD {
                type filter hook forward priority filter; policy drop
                oifname docker0 ct state related,established accept
                oifname docker0 jump DOCKER
                iifname docker0 oifname != docker0 accept
            }
        }",
    );
    let _container = town.serve(false, &["tcp,0.0.0.0,80", "udp,0.0.0.0,53", "tcp,0.0.0.0,81", "tcp,0.0.0.0,83"]);
    // Docker's proxy holds what it publishes.
    let _proxy = town.serve(
        true,
        &[
            "tcp,0.0.0.0,8080",
            "udp,0.0.0.0,5353",
            "tcp,127.0.0.1,8081",
            "tcp,192.168.7.1,8082",
            "tcp,0.0.0.0,8083",
            "tcp,0.0.0.0,22",
            "tcp,0.0.0.0,23",
        ],
    );
    compare(&town, &[]);
}

#[test]
fn a_port_that_another_one_is_sent_to() {
    let town = Town::new();
    town.nft(
        "table ip nat {
            chain PREROUTING {
                type nat hook prerouting priority dstnat
                tcp dport 80 redirect to 8080
                ip daddr 203.0.113.2 tcp dport 90 dnat to 192.168.7.1:9090
            }
        }
        table inet filter {
            chain input {
                type filter hook input priority filter; policy drop
                iif lo accept
                ct status dnat accept
                tcp dport 8081 ct original proto-dst 8081 accept
            }
        }",
    );
    let _server = town.serve(true, &["tcp,0.0.0.0,8080", "tcp,0.0.0.0,8081", "tcp,192.168.7.1,9090", "tcp,0.0.0.0,80"]);
    let at = |address: &str, port| Knock {
        transport: Transport::Tcp,
        source: None,
        address: address.parse().unwrap(),
        port,
    };
    for (listener, knock, expected) in [
        (8080, at("203.0.113.2", 80), Reach::Open),
        (8080, at("203.0.113.2", 8080), Reach::Open),
        (9090, at("203.0.113.2", 90), Reach::Open),
        (9090, at("192.168.7.1", 9090), Reach::Open),
        (8081, at("203.0.113.2", 8081), Reach::Open),
    ] {
        // Who comes in by another port doesn't come in by the listener's own.
        let is_own = listener == knock.port && listener != 8081;
        assert_eq!(town.knock(Origin::World, &[knock]), [!is_own], "{listener}");
        assert_eq!(reach(&town, listener, Origin::World), expected, "{listener}");
    }
    // What is sent on to another port never comes to who listens here.
    assert_eq!(reach(&town, 80, Origin::World), Reach::Closed);
}

#[test]
fn rules_on_the_link_itself() {
    visit(
        "table netdev guard {
            chain in { type filter hook ingress device eth0 priority 0; policy accept; ip saddr 198.51.100.0/24 tcp dport 81 drop; }
        }
        table inet filter {
            chain dropped { type filter hook ingress device lan0 priority 0; policy accept; tcp dport 80 drop; }
        }",
        // nft 1.0.6 doesn't say in JSON to which device they belong.
        &[
            partly(80, Origin::World, "the chain dropped"),
            partly(80, Origin::Networks, "the chain dropped"),
            partly(80, Origin::Containers, "the chain dropped"),
            partly(81, Origin::World, "the chain in"),
        ],
    );
}
