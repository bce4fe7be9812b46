//! The fields of the policy as they were typed, and the policy they make.

use serde::Deserialize;

use crate::{
    firewall::{Action, ParseError, Policy, Rate},
    web::{
        kit::Problems,
        pages::rules::fields::{Options, optional, parse_count, take},
    },
};

/// What was typed, kept exactly as it was. An empty limit is off.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct PolicyForm {
    /// What no rule decides and wants in.
    pub incoming: String,
    /// What no rule decides and goes out.
    pub outgoing: String,
    /// What no rule decides and passes through.
    pub forwarded: String,
    /// `yes` or nothing.
    pub invalid: String,
    /// `yes` or nothing.
    pub tcp_flags: String,
    /// `yes` or nothing.
    pub reverse_path: String,
    /// `yes` or nothing.
    pub dhcpv6: String,
    /// A rate.
    pub syn_flood: String,
    /// A number.
    pub connections: String,
    /// A rate.
    pub ping: String,
    /// `yes` or nothing.
    pub observe: String,
    /// `preview` or, to stage the policy, anything else.
    pub act: String,
}

impl PolicyForm {
    /// The form of a policy.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        let flag = |on: bool| if on { "yes".to_owned() } else { String::new() };
        let rate = |rate: Option<Rate>| rate.map(|rate| rate.to_string()).unwrap_or_default();
        Self {
            incoming: policy.incoming.as_str().to_owned(),
            outgoing: policy.outgoing.as_str().to_owned(),
            forwarded: policy.forwarded.as_str().to_owned(),
            invalid: flag(policy.invalid),
            tcp_flags: flag(policy.tcp_flags),
            reverse_path: flag(policy.reverse_path),
            dhcpv6: flag(policy.dhcpv6),
            syn_flood: rate(policy.syn_flood),
            connections: policy.connections.map(|most| most.to_string()).unwrap_or_default(),
            ping: rate(policy.ping),
            observe: flag(policy.observe),
            act: String::new(),
        }
    }

    pub(super) fn is_preview(&self) -> bool {
        self.act == "preview"
    }

    /// The policy that the fields make.
    ///
    /// # Errors
    /// Every problem of every field.
    pub fn read(&self) -> Result<Policy, Problems> {
        let mut problems = Problems::default();
        let incoming = take(&mut problems, "incoming", action(&self.incoming));
        let outgoing = take(&mut problems, "outgoing", action(&self.outgoing));
        let forwarded = take(&mut problems, "forwarded", action(&self.forwarded));
        let syn_flood = take(&mut problems, "syn_flood", optional(&self.syn_flood, Rate::parse));
        let connections = take(&mut problems, "connections", optional(&self.connections, parse_count));
        let ping = take(&mut problems, "ping", optional(&self.ping, Rate::parse));
        let (Some(incoming), Some(outgoing), Some(forwarded), Some(syn_flood), Some(connections), Some(ping)) =
            (incoming, outgoing, forwarded, syn_flood, connections, ping)
        else {
            return Err(problems);
        };
        let is_on = |flag: &str| flag == "yes";
        Ok(Policy {
            incoming,
            outgoing,
            forwarded,
            invalid: is_on(&self.invalid),
            tcp_flags: is_on(&self.tcp_flags),
            reverse_path: is_on(&self.reverse_path),
            dhcpv6: is_on(&self.dhcpv6),
            syn_flood,
            connections,
            ping,
            observe: is_on(&self.observe),
        })
    }

    /// What may happen to what no rule decides.
    #[must_use]
    pub fn verdicts(&self, chosen: &str) -> Options {
        [("drop", "Drop: no answer"), ("reject", "Reject: say no at once"), ("allow", "Allow")]
            .map(|(value, words)| (value, words, value == chosen))
            .into()
    }

    /// Whether a switch is on.
    #[must_use]
    pub fn is_on(&self, switch: &str) -> bool {
        let value = match switch {
            "invalid" => &self.invalid,
            "tcp_flags" => &self.tcp_flags,
            "reverse_path" => &self.reverse_path,
            "observe" => &self.observe,
            _ => &self.dhcpv6,
        };
        value == "yes"
    }
}

fn action(text: &str) -> Result<Action, ParseError> {
    let found = [Action::Allow, Action::Drop, Action::Reject].into_iter().find(|action| action.as_str() == text);
    found.ok_or_else(|| ParseError::new(text, "isn't a choice: drop, reject or allow"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_goes_into_the_form_and_comes_back() {
        let policy = Policy {
            connections: std::num::NonZeroU32::new(100),
            ping: None,
            invalid: false,
            observe: true,
            ..Policy::default()
        };
        assert_eq!(PolicyForm::of(&policy).read(), Ok(policy));
    }

    #[test]
    fn every_field_says_what_is_wrong_with_it() {
        let form = PolicyForm { incoming: "burn".into(), ping: "often".into(), ..PolicyForm::of(&Policy::default()) };
        let problems = form.read().expect_err("two problems");
        assert_eq!(problems.all().len(), 2);
        assert!(problems.of("ping").is_some_and(|text| text.contains("6/minute")));
    }
}
