//! Samples of the sheets: close, limit, open, the list to tick, and an Undo that didn't come to its end.

use askama::Template;
use portreeve::{
    actions::{ClosePlan, LevelPlan, Undone, UnitPlan},
    firewall::{
        AddressRange, ListName, Listener,
        advice::binding,
        closing::CloseLevel,
        listener::Transport,
        unit::{UnitFacts, UnitName},
    },
    web::{
        kit::{Problems, Shown, Tag},
        pages::ports::{
            AdmitForm, AdmitView, Candidate, Grounds, Kind, NeedlessView, PortKey, SheetGrounds, SheetView, Subject,
            Typed, UndoneView,
        },
    },
};

use super::{HOSTILE, NOW, Sample, hosts::ordinary, known, signed_in};

pub(super) fn samples() -> Vec<Sample> {
    let (list, liars) = (ordinary(), super::hosts::hostile());
    let refused = Problems::one("level", "The helper doesn’t answer: nothing listens on its socket.");
    let pop3 = plan("110/tcp", "dovecot.service", "Dovecot IMAP/POP3 email server");
    let lie = plan("2000/tcp", "lie.service", HOSTILE);
    let ssh = ClosePlan {
        protected: Some("administrators come in by it. Rules → Review shows who would lose the way in".into()),
        ..plan("22/tcp", "ssh.service", "OpenBSD Secure Shell server")
    };
    let bare = ClosePlan { units: Vec::new(), ..plan("51820/udp", "", "") };
    vec![
        sheet("ports-close", &list, &pop3, true, Problems::default()),
        sheet("ports-close-wrong", &list, &pop3, true, refused),
        sheet("ports-close-protected", &list, &ssh, true, Problems::default()),
        sheet("ports-close-off", &list, &bare, false, Problems::default()),
        sheet("ports-close-hostile", &liars, &lie, true, Problems::default()),
        admit("ports-limit", Kind::Limit, "5432/tcp", AdmitForm::fresh(Kind::Limit)),
        admit("ports-open", Kind::Open, "8080/tcp", AdmitForm::fresh(Kind::Open)),
        wrong_admit(),
        needless("ports-needless", candidates()),
        needless("ports-needless-none", Vec::new()),
        undone(),
    ]
}

fn key(text: &str) -> PortKey {
    PortKey::parse(text).expect("a port")
}

fn unit(name: &str) -> UnitName {
    UnitName::parse(name).expect("a unit")
}

fn facts(name: &str, description: &str) -> UnitFacts {
    UnitFacts {
        name: unit(name),
        aliases: Vec::new(),
        description: description.into(),
        load_state: "loaded".into(),
        active_state: "active".into(),
        sub_state: "running".into(),
        unit_file_state: "enabled".into(),
        restarts: 2,
        since: Some(NOW.plus_seconds(-900)),
        triggered_by: vec![unit("dovecot.socket")],
        triggers: Vec::new(),
        required_by: vec![unit("webmail.service")],
        wanted_by: vec![unit("multi-user.target")],
        stops_with: Vec::new(),
        can_be_masked: true,
        protected: None,
    }
}

fn plan(port: &str, name: &str, description: &str) -> ClosePlan {
    let PortKey { port, transport } = key(port);
    let units = if name.is_empty() {
        Vec::new()
    } else {
        let others = if port == 110 { vec![(995, Transport::Tcp)] } else { Vec::new() };
        vec![UnitPlan { name: unit(name), facts: Some(facts(name, description)), others }]
    };
    let level = |level, effect: &str, unavailable: Option<&str>| LevelPlan {
        level,
        unavailable: unavailable.map(str::to_owned),
        effects: vec![effect.to_owned()],
    };
    ClosePlan {
        port,
        transport,
        listeners: Vec::new(),
        units,
        protected: None,
        is_shut: false,
        still: vec![AddressRange::parse("203.0.113.0/24").expect("a prefix")],
        rule_changes: vec!["Rule r3 no longer lets 110/tcp in.".into()],
        levels: vec![
            level(CloseLevel::Block, "Nobody from outside gets in any more.", None),
            level(CloseLevel::Stop, "dovecot.service stops now. With it 995/tcp ends too.", None),
            level(CloseLevel::Disable, "It doesn’t come back when the host is started again.", None),
            level(CloseLevel::Mask, "", Some("its file is the administrator’s own, so systemd refuses to mask it")),
        ],
    }
}

fn subject(list: &[Listener], key: PortKey) -> Subject {
    let fits = |listener: &&Listener| listener.port == key.port && listener.transport == key.transport;
    let sockets: Vec<&Listener> = list.iter().filter(fits).collect();
    Subject::of(&sockets, list, key)
}

fn sheet(name: &'static str, list: &[Listener], plan: &ClosePlan, is_on: bool, problems: Problems) -> Sample {
    let (connections, uses) = (known::connections(), known::uses());
    let grounds = SheetGrounds {
        subject: subject(list, PortKey { port: plan.port, transport: plan.transport }),
        plan,
        connected: connections.at(plan.port, plan.transport),
        used: uses.of(plan.port, plan.transport),
        is_on,
    };
    let view = SheetView::new(signed_in(), &grounds, None, problems, NOW);
    Sample { name, html: view.render().expect("the page renders") }
}

fn grounds(port: &str) -> Grounds {
    let list = ordinary();
    let key = key(port);
    let sockets: Vec<&Listener> = list.iter().filter(|listener| listener.port == key.port).collect();
    Grounds {
        subject: subject(&list, key),
        binding: binding(&sockets),
        me: "203.0.113.7".parse().expect("an address"),
        networks: vec!["10.20.0.0/16".into(), "198.51.100.0/24".into()],
        lists: ["office", "allow"].map(|name| ListName::parse(name).expect("a name")).into(),
        is_on: true,
    }
}

fn admit(name: &'static str, kind: Kind, port: &str, form: AdmitForm) -> Sample {
    let view = AdmitView::new(signed_in(), (kind, key(port)), grounds(port), (form, Problems::default()));
    Sample { name, html: view.render().expect("the page renders") }
}

fn wrong_admit() -> Sample {
    let form =
        AdmitForm { who: "some".into(), addresses: HOSTILE.into(), note: HOSTILE.into(), ..AdmitForm::default() };
    let problems = form.read(Kind::Open, "203.0.113.7".parse().expect("an address")).expect_err("nonsense");
    let grounds = Grounds { is_on: false, ..grounds("8080/tcp") };
    let view = AdmitView::new(signed_in(), (Kind::Open, key("8080/tcp")), grounds, (form, problems));
    Sample { name: "ports-open-wrong", html: view.render().expect("the page renders") }
}

fn candidates() -> Vec<Candidate> {
    let one = |port: &str, name, level, act: &str| Candidate {
        key: key(port),
        name,
        sentences: vec!["SFTP does the same job over the SSH port, encrypted."],
        program: Some(Shown::new(HOSTILE, 48)),
        reached: Tag::new("every", "everywhere", "World"),
        connected: (port == "110/tcp").then(|| "2 connected now".to_owned()),
        last: None,
        level,
        can_block: level.is_some(),
        act: act.into(),
    };
    vec![
        one(
            "21/tcp",
            "FTP",
            Some(CloseLevel::Disable),
            "vsftpd.service is stopped and doesn’t start at boot any more.",
        ),
        one("110/tcp", "POP3", Some(CloseLevel::Block), "Blocked at the firewall; dovecot.service runs on."),
        one("5353/udp", "Multicast DNS", None, "It can’t be closed from here now."),
    ]
}

fn needless(name: &'static str, candidates: Vec<Candidate>) -> Sample {
    let typed = Typed::all(&candidates);
    let view = NeedlessView::new(signed_in(), candidates, (typed, Problems::default()));
    Sample { name, html: view.render().expect("the page renders") }
}

fn undone() -> Sample {
    let undone = Undone {
        reopened: vec![unit("vsftpd.service")],
        kept: vec![HOSTILE.to_owned()],
        trouble: vec!["dovecot.service was told to start and failed".into(), HOSTILE.to_owned()],
        ..Undone::default()
    };
    let view = UndoneView::partly(signed_in(), &undone);
    Sample { name: "ports-undone", html: view.render().expect("the page renders") }
}
