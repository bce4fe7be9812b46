//! Where an address is said to be, made fit to show.

use super::Shown;
use crate::firewall::whereabouts::Whereabouts;

const LONGEST_COUNTRY: usize = 40;
const LONGEST_HOLDER: usize = 60;

/// What a page says. There is at least one of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// `Germany (DE)`, or what of it is known.
    pub country: Option<Shown>,
    /// `AS64500 Example Ltd`, or what of it is known.
    pub holder: Option<Shown>,
    /// `DE · Example Ltd`, for a row.
    pub short: Shown,
}

impl Located {
    /// None where nothing is said.
    #[must_use]
    pub fn new(known: &Whereabouts) -> Option<Self> {
        let country = match (&known.country, &known.code) {
            (Some(name), Some(code)) => Some(format!("{name} ({code})")),
            (name, code) => name.clone().or_else(|| code.clone()),
        };
        let system = known.system.map(|number| format!("AS{number}"));
        let holder: Vec<String> = system.clone().into_iter().chain(known.organisation.clone()).collect();
        let place = known.code.clone().or_else(|| known.country.clone());
        let short: Vec<String> = place.into_iter().chain(known.organisation.clone().or(system)).collect();
        let shown = |text: String, longest| Shown::new(&text, longest);
        (!known.is_empty()).then(|| Self {
            country: country.map(|text| shown(text, LONGEST_COUNTRY)),
            holder: (!holder.is_empty()).then(|| shown(holder.join(" "), LONGEST_HOLDER)),
            short: shown(short.join(" · "), LONGEST_COUNTRY),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_said_and_nothing_else() {
        let known = Whereabouts {
            code: Some("DE".into()),
            country: Some("Germany".into()),
            system: Some(64_500),
            organisation: Some("Example \u{202e}Ltd".into()),
        };
        let located = Located::new(&known).expect("something");
        assert_eq!(located.country.expect("a country").short, "Germany (DE)");
        assert_eq!(located.holder.expect("a holder").short, r"AS64500 Example \u{202e}Ltd");
        assert_eq!(located.short.short, r"DE · Example \u{202e}Ltd");
        let number = Located::new(&Whereabouts { system: Some(1), ..Whereabouts::default() }).expect("something");
        assert_eq!((number.country, number.short.short.as_str()), (None, "AS1"));
        assert_eq!(Located::new(&Whereabouts::default()), None);
    }
}
