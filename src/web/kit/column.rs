//! Table columns that sort by a link.

/// Which way a column is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Smallest first.
    #[default]
    Rising,
    /// Largest first.
    Falling,
}

impl Direction {
    /// The value of `aria-sort`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rising => "ascending",
            Self::Falling => "descending",
        }
    }

    /// The symbol in the sprite.
    #[must_use]
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Rising => "rising",
            Self::Falling => "falling",
        }
    }

    /// The other way.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Rising => Self::Falling,
            Self::Falling => Self::Rising,
        }
    }
}

/// One heading, for the macro `heading` of `templates/kit/table.html`.
#[derive(Debug, Clone)]
pub struct Column {
    /// The word.
    pub label: &'static str,
    /// The class of the heading's cell.
    pub class: &'static str,
    /// The page sorted by this column, the other way if it already is.
    pub href: String,
    /// Set when the page is sorted by this column.
    pub sorted: Option<Direction>,
}
