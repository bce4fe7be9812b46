//! What is wrong with a form that comes back, each problem tied to its field.

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field's name, which is also the id of its input.
    pub field: &'static str,
    /// What is wrong and what would be right.
    pub text: String,
}

/// All problems of a form, in the order of its fields. None for a form that is shown for the first time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// A single problem.
    #[must_use]
    pub fn one(field: &'static str, text: impl Into<String>) -> Self {
        let mut problems = Self::default();
        problems.add(field, text);
        problems
    }

    /// Adds a problem.
    pub fn add(&mut self, field: &'static str, text: impl Into<String>) {
        self.0.push(Problem { field, text: text.into() });
    }

    /// Adds a problem if there is one.
    pub fn add_some(&mut self, field: &'static str, problem: Option<impl ToString>) {
        if let Some(problem) = problem {
            self.add(field, problem.to_string());
        }
    }

    /// Whether the form is fine.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The problem of one field.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|problem| problem.field == field).map(|problem| problem.text.as_str())
    }

    /// Every problem, for the summary above the form.
    #[must_use]
    pub fn all(&self) -> &[Problem] {
        &self.0
    }
}
