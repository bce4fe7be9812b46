//! What the layout around every page needs to know.

use super::{
    assets,
    standing::{Bar, Summary},
};
pub use crate::store::Theme;
use crate::{actions::Right, store::Role};

/// The layout's share of a page; every view has one in a field named `frame`.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The host's name as shown in the top bar and the window title.
    pub host: String,
    /// Who is signed in; absent on the sign-in, setup and error pages of strangers.
    pub viewer: Option<Viewer>,
    /// The navigation entry that is current.
    pub section: Option<Section>,
    /// The colour scheme the viewer chose.
    pub theme: Theme,
    /// The token that every form of the page carries.
    pub csrf: String,
    /// What the last act did, said once.
    pub flash: Option<Flash>,
    /// How the firewall stands, for the top bar.
    pub firewall: Summary,
    /// The lines of the change bar.
    pub bars: Vec<Bar>,
    /// The page's own address, to which acts of the change bar lead back.
    pub here: String,
}

impl Frame {
    /// The address of the shipped file `name`. Templates ask the frame, because they can't name a module of ours.
    #[must_use]
    pub fn asset(&self, name: &str) -> &'static str {
        assets::url(name)
    }

    /// The entries of the navigation.
    #[must_use]
    pub fn sections(&self) -> &'static [Section] {
        &Section::ALL
    }

    /// The colour schemes to choose from, and the word for each.
    #[must_use]
    pub fn themes(&self) -> [(Theme, &'static str); 3] {
        [(Theme::System, "System"), (Theme::Light, "Light"), (Theme::Dark, "Dark")]
    }
}

/// The signed-in user, as far as the layout shows one.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// The account's name.
    pub name: String,
    /// What the account may do.
    pub role: Role,
}

impl Viewer {
    /// Whether it may confirm and roll back.
    #[must_use]
    pub fn may_confirm(&self) -> bool {
        self.role >= Right::Answer.role()
    }

    /// Whether it may see who did what.
    #[must_use]
    pub fn may_see_audit(&self) -> bool {
        self.role >= Role::Administrator
    }

    /// Whether it may change rules.
    #[must_use]
    pub fn may_change(&self) -> bool {
        self.role >= Right::ChangeRules.role()
    }
}

/// The entries of the navigation. What isn't finished has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// How all stands at a glance.
    Overview,
    /// What listens on this host.
    Ports,
    /// Which revisions there were.
    History,
    /// Who was turned away.
    Blocked,
    /// Who may reach what.
    Rules,
    /// Named sets of addresses.
    Lists,
    /// What holds for the panel as a whole.
    Settings,
}

impl Section {
    /// Every entry in the order shown.
    pub const ALL: [Self; 7] =
        [Self::Overview, Self::Ports, Self::Rules, Self::Blocked, Self::Lists, Self::History, Self::Settings];

    /// The word in the navigation.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Ports => "Ports",
            Self::History => "History",
            Self::Blocked => "Blocked",
            Self::Rules => "Rules",
            Self::Lists => "Lists",
            Self::Settings => "Settings",
        }
    }

    /// The page's address.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/overview",
            Self::Ports => "/ports",
            Self::History => "/history",
            Self::Blocked => "/blocked",
            Self::Rules => "/rules",
            Self::Lists => "/lists",
            Self::Settings => "/settings",
        }
    }

    /// The symbol in the sprite.
    #[must_use]
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Overview => "panes",
            Self::Ports => "plug",
            Self::History => "clock",
            Self::Blocked => "stop",
            Self::Rules => "shield",
            Self::Lists => "list",
            Self::Settings => "gear",
        }
    }
}

/// A sentence shown once after an act, from a closed list so that no address can put words on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flash {
    /// The first account exists and is signed in.
    Welcome,
    /// The session ended on the server.
    SignedOut,
    /// A new password is in force.
    PasswordChanged,
    /// The colours are set.
    ThemeChanged,
    /// One other session of the user ended.
    SessionEnded,
    /// All other sessions of the user ended.
    OtherSessionsEnded,
    /// A new password is chosen, and a code has to be shown too.
    PasswordChosen,
    /// The second factor is gone.
    FactorRemoved,
    /// Which roles need a second factor is decided.
    FactorRolesSet,
    /// An account was changed.
    UserChanged,
    /// An account was removed.
    UserDeleted,
    /// Sessions of somebody else ended.
    SessionsOfEnded,
    /// The draft has something new.
    Staged,
    /// No row of a table was chosen.
    NothingChosen,
    /// A position wasn't a number.
    NoPosition,
    /// The chosen rules go different ways.
    SeveralDirections,
    /// A rule can't be moved any further.
    AtTheEnd,
    /// What the form was about isn't there any more.
    NotThere,
    /// Rules name what was to be removed.
    StillUsed,
    /// A pending revision was confirmed.
    Confirmed,
    /// A pending revision got more time.
    Extended,
    /// A pending revision was rolled back.
    RolledBack,
    /// The staged changes are gone.
    Discarded,
    /// The staged changes stand on top of another administrator's.
    Merged,
    /// The way back to another revision is staged.
    WayBackStaged,
    /// What another program changed is undone.
    PutBack,
    /// What another program changed is left as it is.
    DriftAccepted,
    /// It isn't what the reader saw any more.
    DriftChanged,
    /// It was applied and confirmed at once.
    InForce,
    /// It might cost somebody the way in, so it waits in the draft.
    StagedForSafety,
    /// A setting was changed.
    SettingSaved,
    /// A filter has a name.
    FilterSaved,
    /// A filter is forgotten.
    FilterForgotten,
    /// A filter was to be saved without a name.
    FilterNameless,
    /// There are too many filters.
    TooManyFilters,
    /// What was closed is as it was before.
    ClosureUndone,
    /// There is nothing left of it to undo.
    UndoneAlready,
    /// A note about an address is kept.
    RemarkKept,
    /// There is no note about an address any more.
    RemarkRemoved,
}

impl Flash {
    /// Every sentence there is.
    pub const ALL: [Self; 39] = [
        Self::Welcome,
        Self::PasswordChosen,
        Self::FactorRemoved,
        Self::FactorRolesSet,
        Self::UserChanged,
        Self::UserDeleted,
        Self::SessionsOfEnded,
        Self::SignedOut,
        Self::PasswordChanged,
        Self::ThemeChanged,
        Self::SessionEnded,
        Self::OtherSessionsEnded,
        Self::Staged,
        Self::NothingChosen,
        Self::NoPosition,
        Self::SeveralDirections,
        Self::AtTheEnd,
        Self::NotThere,
        Self::StillUsed,
        Self::Confirmed,
        Self::Extended,
        Self::RolledBack,
        Self::Discarded,
        Self::Merged,
        Self::WayBackStaged,
        Self::PutBack,
        Self::DriftAccepted,
        Self::DriftChanged,
        Self::InForce,
        Self::StagedForSafety,
        Self::SettingSaved,
        Self::FilterSaved,
        Self::FilterForgotten,
        Self::FilterNameless,
        Self::TooManyFilters,
        Self::ClosureUndone,
        Self::UndoneAlready,
        Self::RemarkKept,
        Self::RemarkRemoved,
    ];

    /// The word that stands for the sentence in the cookie.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::SignedOut => "signed-out",
            Self::PasswordChanged => "password-changed",
            Self::ThemeChanged => "theme-changed",
            Self::SessionEnded => "session-ended",
            Self::OtherSessionsEnded => "other-sessions-ended",
            Self::PasswordChosen => "password-chosen",
            Self::FactorRemoved => "factor-removed",
            Self::FactorRolesSet => "factor-roles-set",
            Self::UserChanged => "user-changed",
            Self::UserDeleted => "user-deleted",
            Self::SessionsOfEnded => "sessions-of-ended",
            Self::Staged => "staged",
            Self::NothingChosen => "nothing-chosen",
            Self::NoPosition => "no-position",
            Self::SeveralDirections => "several-directions",
            Self::AtTheEnd => "at-the-end",
            Self::NotThere => "not-there",
            Self::StillUsed => "still-used",
            Self::Confirmed => "confirmed",
            Self::Extended => "extended",
            Self::RolledBack => "rolled-back",
            Self::Discarded => "discarded",
            Self::Merged => "merged",
            Self::WayBackStaged => "way-back-staged",
            Self::PutBack => "put-back",
            Self::DriftAccepted => "drift-accepted",
            Self::DriftChanged => "drift-changed",
            Self::InForce => "in-force",
            Self::StagedForSafety => "staged-for-safety",
            Self::SettingSaved => "setting-saved",
            Self::FilterSaved => "filter-saved",
            Self::FilterForgotten => "filter-forgotten",
            Self::FilterNameless => "filter-nameless",
            Self::TooManyFilters => "too-many-filters",
            Self::ClosureUndone => "closure-undone",
            Self::UndoneAlready => "undone-already",
            Self::RemarkKept => "remark-kept",
            Self::RemarkRemoved => "remark-removed",
        }
    }

    /// The sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Welcome => "Your account is ready and you are signed in.",
            Self::SignedOut => "You are signed out. The session has ended on the server.",
            Self::PasswordChanged => "Your password is changed. Your other sessions have ended.",
            Self::ThemeChanged => "Your colours are set.",
            Self::SessionEnded => "The session has ended.",
            Self::OtherSessionsEnded => "All your other sessions have ended.",
            Self::PasswordChosen => "Your password is set. Sign in with it and your second factor.",
            Self::FactorRemoved => "The second factor is removed: your password alone opens the panel.",
            Self::FactorRolesSet => "Saved. Whoever now lacks a second factor sets one up before anything else.",
            Self::UserChanged => "The account is changed.",
            Self::UserDeleted => "The account is deleted.",
            Self::SessionsOfEnded => "Ended on the server, at once.",
            Self::Staged => "Staged in your draft. The firewall stays as it is until you apply the draft.",
            Self::NothingChosen => "Nothing was changed: choose at least one row first.",
            Self::NoPosition => "Nothing was changed: the position must be a number from 1.",
            Self::SeveralDirections => {
                "Nothing was changed: the chosen rules go different ways. Move those of one direction at a time."
            }
            Self::AtTheEnd => "Nothing was changed: the rule can’t be moved any further.",
            Self::NotThere => {
                "Nothing was changed: it isn’t in your draft any more. Perhaps you removed it in another window."
            }
            Self::StillUsed => "Nothing was changed: it is gone already, or a rule still uses it.",
            Self::Confirmed => "Confirmed over a new connection. The revision stays in force.",
            Self::Extended => "There are 2 more minutes to confirm.",
            Self::RolledBack => "Rolled back. The rules from before are in force.",
            Self::Discarded => "The staged changes are gone. What is in force stays.",
            Self::Merged => "Your changes now stand on top of the other administrator’s. Review them again.",
            Self::WayBackStaged => "The way back is staged. Nothing is in force before you apply it.",
            Self::PutBack => "The kernel has the rules of the revision in force again.",
            Self::DriftAccepted => "Left as it is. The next revision that is applied replaces it.",
            Self::DriftChanged => "Nothing was accepted: the table has changed since you looked. Look again.",
            Self::InForce => "Done, and in force. The history has a revision to undo it.",
            Self::SettingSaved => "The setting is saved and holds from now on.",
            Self::FilterSaved => "The filter is saved for you.",
            Self::FilterForgotten => "The filter is forgotten.",
            Self::FilterNameless => "Nothing was saved: give the filter a name of 1 to 60 characters.",
            Self::TooManyFilters => "Nothing was saved: there is room for 30 filters. Forget one first.",
            Self::StagedForSafety => {
                "It might cost somebody the way in to this panel or SSH, so it is staged in your draft. Review says who."
            }
            Self::ClosureUndone => "Undone: everything is as it was before.",
            Self::UndoneAlready => "Nothing was changed: somebody has undone it already.",
            Self::RemarkKept => "The note is kept.",
            Self::RemarkRemoved => "There is no note about it any more.",
        }
    }

    /// Whether it says that nothing was done.
    #[must_use]
    pub const fn is_refusal(self) -> bool {
        matches!(
            self,
            Self::NothingChosen
                | Self::NoPosition
                | Self::SeveralDirections
                | Self::DriftChanged
                | Self::AtTheEnd
                | Self::NotThere
                | Self::StillUsed
                | Self::FilterNameless
                | Self::TooManyFilters
                | Self::UndoneAlready
        )
    }
}
