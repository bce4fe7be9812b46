//! Choices above a table, as a filter reads and shows them.

/// A choice among a filter's, for the macro `select` of `templates/kit/table.html`.
#[derive(Debug, Clone)]
pub struct Select {
    /// The form field.
    pub name: &'static str,
    /// What is chosen.
    pub label: &'static str,
    /// Value, words, whether it is chosen; "any" first.
    pub options: Vec<(&'static str, &'static str, bool)>,
}

impl Select {
    /// Whether something but "any" is chosen.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.options.iter().skip(1).any(|(_, _, chosen)| *chosen)
    }
}

/// Takes a choice by its value; false when there is no such one, and then nothing is changed.
pub fn choose<T: Copy>(slot: &mut Option<T>, all: &[T], as_str: fn(T) -> &'static str, value: &str) -> bool {
    let found = all.iter().copied().find(|choice| as_str(*choice) == value);
    *slot = found.or(*slot);
    found.is_some()
}

/// A choice with "any" before all others.
#[must_use]
pub fn select<T: Copy + PartialEq>(
    name: &'static str,
    label: &'static str,
    all: &[T],
    as_str: fn(T) -> &'static str,
    words: fn(T) -> &'static str,
    chosen: Option<T>,
) -> Select {
    let any = ("", "any", chosen.is_none());
    let others = all.iter().map(|choice| (as_str(*choice), words(*choice), chosen == Some(*choice)));
    Select { name, label, options: std::iter::once(any).chain(others).collect() }
}
