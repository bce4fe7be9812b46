//! The forms about rules, lists and services, empty, filled and wrong.

use askama::Template;
use portreeve::{
    firewall::{
        List, ListName, RuleId, Ruleset, Surroundings, Text, check::Subject, list::Entry, simulate::Situation, text,
    },
    web::{
        kit::{Frame, Problems, Section},
        pages::{
            lists::{EntriesForm, Filter, ListForm, ListView, ListsView, Returned},
            rules::{EditorView, Effect, PolicyForm, PolicyView, RuleForm, Step},
            services::{ServiceForm, ServicesView},
        },
    },
};

use super::{HOSTILE, NOW, Sample, addresses, rules::DRAFT, signed_in};

fn frame(section: Section) -> Frame {
    Frame { section: Some(section), ..signed_in() }
}

fn effect(subject: Option<&Subject>, before: &Ruleset, after: &Ruleset) -> Effect {
    let surroundings = Surroundings { now: NOW, interfaces: None, networks: Vec::new() };
    let situation = Situation { now: NOW, bans: Vec::new(), routes: Vec::new() };
    Effect::of(subject, &Step { before, after, surroundings: &surroundings, situation: &situation })
}

fn editors(draft: &Ruleset) -> Vec<Sample> {
    let without = text::parse(&DRAFT.replace("id = 12\n", "id = 12\nenabled = false\n").replace("partners", "office"));
    let without = without.expect("a ruleset");
    let mended = text::parse(&DRAFT.replace("partners", "office")).expect("a ruleset");
    let id = RuleId::new(12).expect("not 0");
    let rule = draft.parts().rules.iter().find(|rule| rule.id == id).expect("a sample rule");
    let filled = RuleForm::of(rule, Some(3));
    let wrong = RuleForm {
        who: format!("192.0.2.1/24\nnobody\n{HOSTILE}"),
        to: "22, ssh".into(),
        new_connections: HOSTILE.into(),
        note: HOSTILE.into(),
        expires: "at".into(),
        expires_at: "tomorrow".into(),
        position: "0".into(),
        ..RuleForm::fresh()
    };
    let problems = wrong.read(id, None, NOW).expect_err("much is wrong");
    let sample = |name, rule, form: RuleForm, said: (Problems, Effect)| {
        let view = EditorView::new(frame(Section::Rules), rule, form, said, draft, NOW);
        Sample { name, html: view.render().expect("the page renders") }
    };
    let none = Problems::default;
    vec![
        sample("rule-new", None, RuleForm::fresh(), (none(), effect(None, draft, draft))),
        sample("rule-edit", Some(id), filled, (none(), effect(Some(&Subject::Rule(id)), &without, &mended))),
        sample("rule-wrong", None, wrong, (problems, effect(None, draft, draft))),
    ]
}

fn policies(draft: &Ruleset) -> Vec<Sample> {
    let sample = |name, form: PolicyForm, can_edit| {
        let problems = form.read().err().unwrap_or_default();
        let view = PolicyView::new(frame(Section::Rules), form, (problems, effect(None, draft, draft)), can_edit);
        Sample { name, html: view.render().expect("the page renders") }
    };
    let form = PolicyForm::of(&draft.parts().policy);
    let wrong = PolicyForm { incoming: HOSTILE.into(), ping: HOSTILE.into(), connections: "-1".into(), ..form.clone() };
    vec![
        sample("policy", form.clone(), true),
        sample("policy-viewer", form, false),
        sample("policy-wrong", wrong, true),
    ]
}

fn services(draft: &Ruleset) -> Vec<Sample> {
    let sample = |name, draft: &Ruleset, form: ServiceForm| {
        let problems = if form.name.is_empty() { Problems::default() } else { form.read().err().unwrap_or_default() };
        let view = ServicesView::new(frame(Section::Rules), draft, form, problems, true);
        Sample { name, html: view.render().expect("the page renders") }
    };
    let wrong = ServiceForm { name: HOSTILE.into(), ports: format!("22 {HOSTILE}"), note: HOSTILE.into() };
    vec![
        sample("services", draft, ServiceForm::default()),
        sample("services-none", &Ruleset::default(), ServiceForm::default()),
        sample("services-wrong", draft, wrong),
    ]
}

fn lists(draft: &Ruleset) -> Vec<Sample> {
    let index = |name, draft: &Ruleset, form, problems, can_edit| {
        let view = ListsView::new(frame(Section::Lists), draft, form, problems, can_edit);
        Sample { name, html: view.render().expect("the page renders") }
    };
    let one = |name, list: &List, query: &[(&str, &str)], returned, can_edit| {
        let pairs: Vec<_> = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let known = (list, draft, &Ruleset::default());
        let frame = frame(Section::Lists);
        let view = ListView::new(frame, known, Filter::from_pairs(&pairs), returned, can_edit, NOW);
        Sample { name, html: view.render().expect("the page renders") }
    };
    let entry = |number: u32| {
        let text = format!("10.{}.{}.{} # feed {number}", number / 65_536, number / 256 % 256, number % 256);
        Entry::parse(&text).expect("an entry")
    };
    let long = ListName::parse("feed").expect("a name");
    let long = List { name: long, note: Text::empty(), entries: (0..100_000).map(entry).collect() };
    let office = &draft.parts().lists[0];
    let deny = &draft.parts().lists[1];
    let wrong = EntriesForm { entries: format!("nobody\n{HOSTILE}"), entry_note: "x".into(), ..EntriesForm::default() };
    let problems = wrong.sort(NOW).problems;
    let form = ListForm { name: HOSTILE.into(), note: HOSTILE.into() };
    vec![
        index("lists", draft, ListForm::default(), Problems::default(), true),
        index("lists-viewer", draft, ListForm::default(), Problems::default(), false),
        index("lists-wrong", &Ruleset::default(), form, Problems::one("name", "Choose another name."), true),
        one("list", office, &[], Returned::default(), true),
        one("list-viewer", deny, &[], Returned::default(), false),
        one("list-wrong", deny, &[("q", HOSTILE)], Returned { form: wrong, problems, staged: 1_997 }, true),
        one("list-long", &long, &[("page", "250")], Returned::default(), true),
        one("list-found", &long, &[("q", "10.0.7.0/28")], Returned::default(), true),
    ]
}

pub(super) fn samples() -> Vec<Sample> {
    let draft = text::parse(DRAFT).expect("a ruleset");
    [editors(&draft), policies(&draft), services(&draft), lists(&draft), addresses::samples(&draft)]
        .into_iter()
        .flatten()
        .collect()
}
