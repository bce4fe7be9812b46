//! Who acts on ports, what he may, and from where he does.

use std::net::{IpAddr, Ipv4Addr};

use super::{Origin, Right, SignedIn};
use crate::{
    firewall::{Moment, Text},
    store::Actor,
};

/// Somebody who acts: a signed-in user, or root on the console.
#[derive(Debug, Clone)]
pub(super) struct Author {
    pub(super) actor: Actor,
    pub(super) origin: Origin,
    /// Whose draft takes what can't take effect by itself; the console has none, and every right.
    signed_in: Option<SignedIn>,
}

impl Author {
    pub(super) fn of(signed_in: &SignedIn, origin: &Origin) -> Self {
        Self { actor: signed_in.actor(origin), origin: origin.clone(), signed_in: Some(signed_in.clone()) }
    }

    /// Whoever can run commands on the host may do everything. `from` is where he sits, if he came over the network.
    pub(super) fn on_console(uid: u32, from: Option<IpAddr>) -> Self {
        let address = from.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let origin = Origin { address, browser: String::new() };
        Self { actor: Actor::Console { uid }, origin, signed_in: None }
    }

    /// Some for whoever has the right.
    pub(super) fn need(&self, right: Right) -> Option<()> {
        self.signed_in.as_ref().is_none_or(|signed_in| signed_in.may(right)).then_some(())
    }

    /// Some for whoever has shown in the last minutes that it is him; the console is proof enough.
    pub(super) fn need_fresh(&self, now: Moment) -> Option<()> {
        self.signed_in.as_ref().is_none_or(|signed_in| signed_in.is_fresh(now)).then_some(())
    }

    /// Whoever has a draft.
    pub(super) const fn drafter(&self) -> Option<&SignedIn> {
        self.signed_in.as_ref()
    }

    /// Who answers for the rules that he makes.
    pub(super) fn owner(&self) -> Text {
        let name = self.signed_in.as_ref().map_or("root", |signed_in| signed_in.user.name.as_str());
        Text::parse(name).unwrap_or_else(|_| Text::empty())
    }
}
