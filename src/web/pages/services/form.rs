//! A service of one's own as it was typed.

use serde::Deserialize;

use crate::{
    firewall::{Ports, Service, ServiceName, Text, service},
    web::{
        kit::Problems,
        pages::rules::fields::{all, split_words, take},
    },
};

/// What was typed, kept exactly as it was.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ServiceForm {
    /// How rules name it.
    pub name: String,
    /// Where it listens.
    pub ports: String,
    /// What it is.
    pub note: String,
}

impl ServiceForm {
    /// The form of a service that is there.
    #[must_use]
    pub fn of(service: &Service) -> Self {
        let ports: Vec<String> = service.ports.iter().map(ToString::to_string).collect();
        Self { name: service.name.to_string(), ports: ports.join(", "), note: service.note.to_string() }
    }

    /// The service that the fields make.
    ///
    /// # Errors
    /// Every problem of every field.
    pub fn read(&self) -> Result<Service, Problems> {
        let mut problems = Problems::default();
        let name = take(&mut problems, "name", ServiceName::parse(self.name.trim()));
        if name.as_ref().is_some_and(|name| service::built_in(name).is_some()) {
            problems.add("name", "That is a built-in service. Choose another name.");
        }
        let ports = all(&mut problems, "ports", split_words(&self.ports), Ports::parse);
        if ports.is_empty() && problems.of("ports").is_none() {
            problems.add("ports", "Name at least one port, like 9000/tcp.");
        }
        let note = take(&mut problems, "note", Text::parse(self.note.trim()));
        match (name, note) {
            (Some(name), Some(note)) if problems.is_empty() => Ok(Service { name, note, ports }),
            _ => Err(problems),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_goes_into_the_form_and_comes_back() {
        let form = ServiceForm { name: "app".into(), ports: "9000/tcp 9001-9003/udp".into(), note: "ours".into() };
        let service = form.read().expect("fine");
        assert_eq!(ServiceForm::of(&service).read(), Ok(service));
    }

    #[test]
    fn what_is_wrong_is_told_field_by_field() {
        let form = ServiceForm { name: "ssh".into(), ports: "9000".into(), note: String::new() };
        let problems = form.read().expect_err("two problems");
        assert!(problems.of("name").is_some_and(|text| text.contains("built-in")));
        assert!(problems.of("ports").is_some_and(|text| text.contains("22/tcp")));
        assert!(ServiceForm::default().read().is_err());
    }
}
