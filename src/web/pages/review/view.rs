//! The page as the template sees it.

use askama::Template;

use crate::{
    firewall::{
        Diff, Problem, Severity,
        check::Subject,
        lockout::{Fate, Hold},
    },
    web::kit::{Difference, Frame, Problems, Tag, words},
};

/// The windows to choose from, in seconds, and the words for each.
const WINDOWS: [(u32, &str); 4] = [(60, "1 minute"), (120, "2 minutes"), (300, "5 minutes"), (900, "15 minutes")];

/// The window that is chosen at first.
const USUAL: u32 = 120;

/// The longest sentence of a revision.
pub(super) const LONGEST_SENTENCE: usize = 500;

/// The longest nft text that is shown.
const LONGEST_NFT: usize = 200_000;

/// The viewer's staged changes, as the actions judged them.
#[derive(Debug, Clone, Default)]
pub struct Draft<'a> {
    /// The confirmed revision they start from; none before the first.
    pub base: Option<u64>,
    /// The number they get when they are applied.
    pub next: u64,
    /// One sentence for each change.
    pub changes: Vec<String>,
    /// What changes for packets; none while errors forbid to compile.
    pub diff: Option<&'a Diff>,
    /// What is wrong, errors first.
    pub problems: &'a [Problem],
    /// Everybody who must not be locked out.
    pub fates: &'a [Fate],
    /// Whether they only observe.
    pub observes: bool,
    /// What has to be typed, because somebody would be.
    pub phrase: Option<String>,
    /// The transaction for the kernel.
    pub nft: &'a str,
    /// What another administrator applied since the changes were begun.
    pub stale: Option<Stale>,
}

/// Somebody who must not be locked out.
#[derive(Debug, Clone, PartialEq, Eq)]
struct LifelineRow {
    address: String,
    why: String,
    panel: Tag,
    ssh: Tag,
    is_loss: bool,
}

impl LifelineRow {
    fn new(fate: &Fate) -> Self {
        Self {
            address: fate.lifeline.address.to_string(),
            why: fate.lifeline.why.clone(),
            panel: tag(fate.panel),
            ssh: tag(fate.ssh),
            is_loss: fate.is_loss(),
        }
    }
}

fn tag(hold: Hold) -> Tag {
    match hold {
        Hold::Kept => Tag::new("host", "good", "Keeps"),
        Hold::Shut => Tag::new("", "needless", "Shut before too"),
        Hold::Lost => Tag::new("bad", "bad", "Loses"),
    }
}

/// What another administrator did meanwhile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stale {
    /// The revision now in force.
    pub revision: u64,
    /// Who applied it, when and with which sentence, as one sentence.
    pub who: String,
    /// Its changes, one sentence each.
    pub changes: Vec<String>,
    /// What can't be merged without a person, one sentence each.
    pub conflicts: Vec<String>,
}

/// The form as somebody filled it in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed {
    /// The window in seconds.
    pub window: String,
    /// The sentence of the revision.
    pub sentence: String,
    /// The typed consent.
    pub consent: String,
}

impl Typed {
    /// What the form proposes.
    #[must_use]
    pub fn proposed(sentence: String) -> Self {
        Self { window: USUAL.to_string(), sentence, consent: String::new() }
    }
}

/// The window that a form chose.
pub(super) fn window(value: &str) -> Option<u32> {
    WINDOWS.into_iter().map(|(seconds, _)| seconds).find(|seconds| seconds.to_string() == value)
}

/// One problem, with the place where it is mended.
#[derive(Debug)]
struct ProblemRow {
    is_error: bool,
    subject: String,
    href: String,
    sentence: String,
    witness: Option<String>,
}

/// The Review page.
#[derive(Debug, Template)]
#[template(path = "pages/review/review.html")]
pub struct ReviewView {
    frame: Frame,
    base: Option<u64>,
    next: u64,
    changes: Vec<String>,
    difference: Option<Difference>,
    errors: usize,
    problem_rows: Vec<ProblemRow>,
    lifelines: Vec<LifelineRow>,
    observes: bool,
    phrase: Option<String>,
    nft: String,
    is_nft_cut: bool,
    stale: Option<Stale>,
    typed: Typed,
    problems: Problems,
    failure: Option<String>,
}

impl ReviewView {
    /// Lays the page out; `failure` is why the last attempt to apply failed.
    #[must_use]
    pub fn new(frame: Frame, draft: Draft<'_>, typed: Typed, problems: Problems, failure: Option<String>) -> Self {
        let nft: String = draft.nft.chars().take(LONGEST_NFT).collect();
        Self {
            frame,
            base: draft.base,
            next: draft.next,
            changes: draft.changes,
            difference: draft.diff.map(Difference::new),
            errors: draft.problems.iter().filter(|problem| problem.severity == Severity::Error).count(),
            problem_rows: draft.problems.iter().map(ProblemRow::new).collect(),
            lifelines: draft.fates.iter().map(LifelineRow::new).collect(),
            observes: draft.observes,
            phrase: draft.phrase,
            is_nft_cut: nft.len() < draft.nft.len(),
            nft,
            stale: draft.stale,
            typed,
            problems,
            failure,
        }
    }

    fn answer(&self) -> String {
        match (&self.difference, self.errors) {
            (_, 1..) => format!("These changes can’t be applied yet: {} to mend.", words::count(self.errors, "error")),
            (Some(difference), 0) => difference.headline.clone(),
            (None, 0) => String::new(),
        }
    }

    fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    fn may_apply(&self) -> bool {
        self.errors == 0 && self.stale.is_none()
    }

    fn losses(&self) -> usize {
        self.lifelines.iter().filter(|one| one.is_loss).count()
    }

    /// The windows: value, words, whether it is chosen.
    fn windows(&self) -> Vec<(u32, &'static str, bool)> {
        WINDOWS.into_iter().map(|(seconds, words)| (seconds, words, seconds.to_string() == self.typed.window)).collect()
    }

    /// What comes back if nobody confirms.
    fn fallback(&self) -> String {
        match self.base {
            Some(revision) => format!("revision {revision} comes back by itself"),
            None => "the firewall goes off again by itself".to_owned(),
        }
    }
}

impl ProblemRow {
    fn new(problem: &Problem) -> Self {
        let href = match &problem.subject {
            Subject::Rule(id) => format!("/rules/{id}"),
            Subject::List(name) => format!("/lists/{name}"),
            Subject::Service(_) => "/rules".to_owned(),
        };
        Self {
            is_error: problem.severity == Severity::Error,
            subject: problem.subject.to_string(),
            href,
            sentence: format!("{}: {}", problem.field, problem.sentence),
            witness: problem.witness.clone(),
        }
    }
}
