//! Where an address is said to be and whose it is, as a database tells that somebody else made. It is shown and never a
//! ground for a decision.

use std::{fmt, net::IpAddr, sync::Arc};

use super::{AddressRange, Moment};

/// What is said of an address. The texts are a stranger's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// Two capital letters.
    pub code: Option<String>,
    /// The country's name.
    pub country: Option<String>,
    /// The number of the autonomous system that announces it.
    pub system: Option<u32>,
    /// Who that is.
    pub organisation: Option<String>,
}

impl Whereabouts {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What this says, and for the rest what `other` does.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            code: self.code.or(other.code),
            country: self.country.or(other.country),
            system: self.system.or(other.system),
            organisation: self.organisation.or(other.organisation),
        }
    }

    /// What both say.
    fn common(self, other: &Self) -> Self {
        fn same<T: PartialEq>(one: Option<T>, other: Option<&T>) -> Option<T> {
            one.filter(|one| other == Some(one))
        }
        Self {
            code: same(self.code, other.code.as_ref()),
            country: same(self.country, other.country.as_ref()),
            system: same(self.system, other.system.as_ref()),
            organisation: same(self.organisation, other.organisation.as_ref()),
        }
    }
}

/// Something that can be asked.
pub trait Atlas: fmt::Debug + Send + Sync {
    /// What is said of an address. Asks nobody else and takes no time.
    fn find(&self, address: IpAddr) -> Whereabouts;
}

/// One database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// The name of its file.
    pub file: String,
    /// What it is, in its maker's words.
    pub kind: String,
    /// When it was made.
    pub built_at: Option<Moment>,
    /// Why it can't be used.
    pub fault: Option<String>,
}

/// All databases there are.
#[derive(Debug, Clone, Default)]
pub struct Geography {
    /// Those that can be used, as one; none without any.
    pub atlas: Option<Arc<dyn Atlas>>,
    /// Each of them.
    pub volumes: Vec<Volume>,
}

impl Geography {
    /// What is said of addresses: of a network only what holds at both its ends.
    #[must_use]
    pub fn of(&self, addresses: AddressRange) -> Whereabouts {
        let Some(atlas) = &self.atlas else { return Whereabouts::default() };
        let first = atlas.find(addresses.first());
        if addresses.first() == addresses.last() { first } else { first.common(&atlas.find(addresses.last())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Halves;

    impl Atlas for Halves {
        fn find(&self, address: IpAddr) -> Whereabouts {
            let is_low = address < IpAddr::from([192, 0, 2, 128]);
            let code = Some(if is_low { "DE" } else { "FR" }.to_owned());
            Whereabouts { code, system: Some(64_500), ..Whereabouts::default() }
        }
    }

    #[test]
    fn of_a_network_only_what_holds_at_both_ends_is_said() {
        let geography = Geography { atlas: Some(Arc::new(Halves)), ..Geography::default() };
        let of = |text| geography.of(AddressRange::parse(text).expect(text));
        assert_eq!(of("192.0.2.200").code.as_deref(), Some("FR"));
        assert_eq!(of("192.0.2.0/25").code.as_deref(), Some("DE"));
        let whole = of("192.0.2.0/24");
        assert_eq!((whole.code, whole.system), (None, Some(64_500)));
        assert!(Geography::default().of(AddressRange::parse("::1").expect("one")).is_empty());
    }
}
