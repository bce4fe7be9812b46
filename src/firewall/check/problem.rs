//! A reason why a ruleset can't be applied, or why it does less than it seems to.

use std::fmt;

use serde::Serialize;

use crate::firewall::{ListName, RuleId, ServiceName};

/// Whether a problem forbids to apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is applied until it is gone.
    Error,
    /// It can be applied, but somebody should look.
    Warning,
}

/// What a problem is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// A rule.
    Rule(RuleId),
    /// A list.
    List(ListName),
    /// A service.
    Service(ServiceName),
}

impl fmt::Display for Subject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(id) => write!(out, "rule {id}"),
            Self::List(name) => write!(out, "list {name}"),
            Self::Service(name) => write!(out, "service {name}"),
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// Whether it forbids to apply.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// The field, by its name in the text form.
    pub field: &'static str,
    /// What is wrong, in a sentence.
    pub sentence: String,
    /// A packet that shows it, where one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness: Option<String>,
}

impl Problem {
    pub(super) fn error(subject: Subject, field: &'static str, sentence: impl Into<String>) -> Self {
        Self { severity: Severity::Error, subject, field, sentence: sentence.into(), witness: None }
    }

    pub(super) fn warning(subject: Subject, field: &'static str, sentence: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(subject, field, sentence) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}, {}: {}", self.subject, self.field, self.sentence)?;
        self.witness.as_ref().map_or(Ok(()), |witness| write!(out, " (for example {witness})"))
    }
}
