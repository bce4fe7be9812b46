//! Samples of the page of an address: full, of a network, of nobody, for a viewer, and wrong.

use askama::Template;
use portreeve::{
    firewall::{
        AddressRange, ListName, Ruleset, Text,
        enforcement::Ban,
        list::Entry,
        listener::Transport,
        usage::{Connections, Sample as Sockets},
        whereabouts::Geography,
    },
    store::{AddressNote, SourceSums},
    web::{
        kit::{Frame, Problems, Section},
        pages::address::{AddressView, Findings, Knocks, QuickForm, Rights, Typed, WrongView},
    },
};

use super::{HOSTILE, NOW, Sample, blocked, signed_in};

const ALL: Rights = Rights { can_act: true, can_edit: true };

fn frame() -> Frame {
    Frame { section: Some(Section::Lists), ..signed_in() }
}

fn range(text: &str) -> AddressRange {
    AddressRange::parse(text).expect(text)
}

fn sample(name: &'static str, found: &Findings<'_>, form: QuickForm, rights: Rights) -> Sample {
    let problems = if form.action.is_empty() { Problems::default() } else { form.read().err().unwrap_or_default() };
    let remark = (!problems.is_empty()).then(|| HOSTILE.to_owned());
    let view = AddressView::new(frame(), found, Typed { form, remark, problems }, rights, NOW);
    Sample { name, html: view.render().expect("the page renders") }
}

pub(super) fn samples(running: &Ruleset) -> Vec<Sample> {
    let knocks = Knocks { sources: SourceSums::default(), ..blocked::knocks() };
    let full = Findings {
        addresses: range("203.0.113.9"),
        running,
        rules: &running.parts().rules,
        entries: &entries(running),
        bans: &[
            Ban { addresses: range("203.0.113.9"), seconds: Some(1_700) },
            Ban { addresses: range("203.0.113.0/25"), seconds: None },
        ],
        knocks: &knocks,
        notes: &notes(),
        connections: &connections(),
        geography: &blocked::geography(),
    };
    let prefix = Findings { addresses: range("203.0.113.0/24"), knocks: &blocked::knocks(), ..full };
    let nobody = Findings {
        addresses: range("2001:db8:20:a51f:7c3e:99ff:fe10:5"),
        rules: &[],
        entries: &[],
        bans: &[],
        knocks: &Knocks::default(),
        connections: &Connections::default(),
        geography: &Geography::default(),
        ..full
    };
    let few = Findings {
        addresses: range("2001:db8:20:a51f:7c3e:99ff:fe10:0-2001:db8:20:a51f:7c3e:99ff:fe10:ffff"),
        ..nobody
    };
    vec![
        sample("address", &full, QuickForm::fresh(), ALL),
        sample("address-prefix", &prefix, QuickForm::fresh(), ALL),
        sample("address-viewer", &full, QuickForm::default(), Rights { can_act: false, can_edit: false }),
        sample("address-nothing", &nobody, QuickForm::default(), ALL),
        sample("address-wrong", &few, wrong(), ALL),
        none(),
    ]
}

fn entries(running: &Ruleset) -> Vec<(ListName, Entry)> {
    let office = running.parts().lists[0].clone();
    office.entries.into_iter().map(|entry| (office.name.clone(), entry)).collect()
}

fn notes() -> Vec<AddressNote> {
    let note = |addresses: &str, text: &str| AddressNote {
        addresses: range(addresses),
        note: Text::parse(text).expect("a note"),
        at: NOW.plus_seconds(-9_000),
        by: "bert".into(),
    };
    vec![note("203.0.113.0/24", "The office"), note("203.0.113.9", &"<b>Anna</b> at home. ".repeat(20))]
}

fn connections() -> Connections {
    let mut sample = Sockets::default();
    for (port, peers) in [(22, 1), (443, 12)] {
        sample.listen(Transport::Tcp, port);
        (0..peers).for_each(|last| sample.open(Transport::Tcp, port, [203, 0, 113, 9 + last].into()));
    }
    Connections { sample, taken_at: Some(NOW.plus_seconds(-9)), ..Connections::default() }
}

fn wrong() -> QuickForm {
    let hostile = || HOSTILE.to_owned();
    QuickForm { action: "deny".into(), span: hostile(), to: hostile(), note: hostile(), ..QuickForm::default() }
}

fn none() -> Sample {
    let problem = AddressRange::parse(HOSTILE).expect_err("no address");
    let html = WrongView::new(frame(), &problem).render().expect("the page renders");
    Sample { name: "address-none", html }
}
