//! The services as the template sees them.

use askama::Template;

use super::ServiceForm;
use crate::{
    firewall::{RuleId, Ruleset, Service, ServiceName, Target, service},
    web::kit::{Frame, Problems, Shown, words},
};

const NOTE_LENGTH: usize = 120;
/// Of rules or ports in one cell.
const LISTED: usize = 8;

/// The page of services.
#[derive(Debug, Template)]
#[template(path = "pages/services/services.html")]
pub struct ServicesView {
    frame: Frame,
    answer: String,
    own: Vec<Row>,
    built_in: Vec<Row>,
    form: ServiceForm,
    problems: Problems,
    can_edit: bool,
}

#[derive(Debug)]
struct Row {
    name: String,
    ports: String,
    note: Option<Shown>,
    used_by: Vec<String>,
    more: usize,
}

impl ServicesView {
    /// Lays the page out.
    #[must_use]
    pub fn new(frame: Frame, draft: &Ruleset, form: ServiceForm, problems: Problems, can_edit: bool) -> Self {
        let own: Vec<Row> = draft.parts().services.iter().map(|service| Row::own(service, draft)).collect();
        let built_in = service::BUILT_IN.iter().map(|(name, ports)| Row::built_in(name, ports, draft)).collect();
        let answer = match own.len() {
            0 => "You have no services of your own.".to_owned(),
            number => format!("{} of your own.", words::count(number, "service")),
        };
        Self { frame, answer, own, built_in, form, problems, can_edit }
    }
}

impl Row {
    fn own(service: &Service, draft: &Ruleset) -> Self {
        let ports: Vec<String> = service.ports.iter().take(LISTED).map(ToString::to_string).collect();
        let more = service.ports.len().saturating_sub(LISTED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let note = (!service.note.is_empty()).then(|| Shown::new(service.note.as_str(), NOTE_LENGTH));
        Self::new(service.name.as_str(), ports.join(", ") + &more, note, draft)
    }

    fn built_in(name: &str, ports: &str, draft: &Ruleset) -> Self {
        let purpose = ServiceName::parse(name).ok().and_then(|name| service::purpose(&name));
        let purpose = purpose.map(|purpose| Shown::new(purpose, NOTE_LENGTH));
        Self::new(name, ports.replace(' ', ", "), purpose, draft)
    }

    fn new(name: &str, ports: String, note: Option<Shown>, draft: &Ruleset) -> Self {
        let users = used_by(name, draft);
        Self {
            name: name.to_owned(),
            ports,
            note,
            more: users.len().saturating_sub(LISTED),
            used_by: users.iter().take(LISTED).map(ToString::to_string).collect(),
        }
    }
}

/// The rules that name a service.
fn used_by(name: &str, draft: &Ruleset) -> Vec<RuleId> {
    let Ok(name) = ServiceName::parse(name) else { return Vec::new() };
    let target = Target::Service(name);
    draft.parts().rules.iter().filter(|rule| rule.to.contains(&target)).map(|rule| rule.id).collect()
}
