//! The page as the template sees it.

use askama::Template;

use crate::{
    firewall::{Action, Ruleset},
    web::kit::{Frame, Problems, Shown},
};

use super::{
    answer::{self, Answer, Host, Source},
    question::{Asked, Question},
    way::Run,
};

/// The rulesets there are to ask.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sources<'a> {
    /// What the kernel enforces; none when the firewall is off.
    pub in_force: Option<Source<'a>>,
    /// What the reader has staged, if it can be compiled.
    pub draft: Option<Source<'a>>,
    /// Whether the helper hasn't said yet what the kernel enforces.
    pub is_unknown: bool,
    /// Something about the sources that the reader must know.
    pub caveat: Option<&'a str>,
}

/// The Explain page.
#[derive(Debug, Template)]
#[template(path = "pages/explain/explain.html")]
pub struct ExplainView {
    frame: Frame,
    asked: Asked,
    problems: Problems,
    /// The question about the reader's own address.
    own: Option<String>,
    caveat: Option<String>,
    is_off: bool,
    is_unknown: bool,
    question: Option<String>,
    answers: Vec<Answer>,
    draft_agrees: bool,
}

impl ExplainView {
    /// Answers what is asked. `own` is the reader's address.
    #[must_use]
    pub fn new(frame: Frame, asked: Asked, own: &str, sources: Sources<'_>, host: &Host<'_>) -> Self {
        let (question, mut problems) = match asked.read() {
            Ok(question) => (question, Problems::default()),
            Err(problems) => (None, problems),
        };
        let answers = question.as_ref().map(|question| answers(question, sources, host)).unwrap_or_default();
        let is_off = sources.in_force.is_none();
        if question.is_some() && answers.is_empty() && !(is_off && sources.draft.is_none()) {
            problems.add(
                "to",
                format!(
                    "“{}” is no service of these rules, or not of this address’s family.",
                    Shown::new(&asked.to, 40).short
                ),
            );
        }
        let draft_agrees = sources.draft.is_some() && answers.len() == 1 && !is_off;
        Self {
            own: (asked.from != own).then(|| Asked { from: own.to_owned(), ..asked.clone() }.address()),
            question: question.map(|question| in_words(&question)),
            caveat: sources.caveat.map(|caveat| Shown::new(caveat, 400).short),
            frame,
            asked,
            problems,
            is_off: is_off && !sources.is_unknown,
            is_unknown: is_off && sources.is_unknown,
            answers,
            draft_agrees,
        }
    }
}

/// The answer of the ruleset in force and, where it is another one, that of the draft.
fn answers(question: &Question, sources: Sources<'_>, host: &Host<'_>) -> Vec<Answer> {
    let of = |source: Option<Source<'_>>| source.and_then(|source| Answer::of(source, question, host));
    let (in_force, draft) = (of(sources.in_force), of(sources.draft));
    let same = |one: &Answer, other: &Answer| one.action == other.action && one.legs == other.legs;
    match (in_force, draft) {
        (Some(in_force), Some(draft)) if same(&in_force, &draft) => vec![in_force],
        (in_force, draft) => in_force.into_iter().chain(draft).collect(),
    }
}

/// With the firewall off everything is allowed, whatever is asked.
fn in_words(question: &Question) -> String {
    answer::sentence_of(question, Action::Allow, &Ruleset::default())
}
