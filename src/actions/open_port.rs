//! Opening a port, for a time or always.

use super::{Actions, Origin, QuickDone, QuickError, Right, SignedIn, author::Author, wish::Wish};
use crate::firewall::{
    Action, Direction, Moment, Peer, Port, Ports, Rule, RuleId, Ruleset, Target, Text, check::ports_of,
    closing::take_out, edit::Edit, listener::Transport, service,
};

/// Who shall get in at a port, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPort {
    /// The port.
    pub port: u16,
    /// TCP or UDP.
    pub transport: Transport,
    /// Who; everybody if it is empty.
    pub who: Vec<Peer>,
    /// For how long; always without a number.
    pub seconds: Option<i64>,
    /// Why.
    pub note: Text,
}

impl Actions {
    /// Lets some or everybody in at a port.
    ///
    /// # Errors
    /// [`QuickError`]; nothing was done then.
    pub async fn open_port(&self, by: &SignedIn, open: OpenPort, origin: &Origin) -> Result<QuickDone, QuickError> {
        by.need(Right::ChangeRules).ok_or(QuickError::Forbidden)?;
        if open.who.is_empty() {
            self.need_fresh(by).ok_or(QuickError::Unproved)?;
        }
        let Some(target) = target_of(open.port, open.transport) else { return Ok(QuickDone::NotThere) };
        let is_for_all = open.who.is_empty() && open.seconds.is_none();
        let sentence = sentence(&open, &target);
        let end = open.seconds.map(|seconds| Moment::from_millis((self.now().as_millis() / 1000 + seconds) * 1000));
        let owner = Author::of(by, origin).owner();
        let rule = allow(self.new_rule_id().await?, target, open.who, end, (owner, open.note));
        let wish = if is_for_all { Wish::OpenToAll(open.port, open.transport, rule) } else { Wish::Open(rule) };
        self.at_once(by, wish, sentence, origin).await
    }
}

fn sentence(open: &OpenPort, target: &Target) -> String {
    let who: Vec<String> = open.who.iter().take(4).map(ToString::to_string).collect();
    let who = if who.is_empty() { "everybody".to_owned() } else { who.join(", ") };
    let many = |number: i64, unit: &str| format!(" for {number} {unit}{}", if number == 1 { "" } else { "s" });
    let span = match open.seconds {
        None => String::new(),
        Some(seconds) if seconds % 86_400 == 0 => many(seconds / 86_400, "day"),
        Some(seconds) if seconds % 3600 == 0 => many(seconds / 3600, "hour"),
        Some(seconds) => many(seconds.div_euclid(60).max(1), "minute"),
    };
    format!("Open {target} to {who}{span}")
}

/// Takes a port out of the rules that keep everybody away from it.
pub(super) fn unbar(ruleset: &Ruleset, port: u16, transport: Transport) -> Vec<Edit> {
    let Some(port) = Port::new(port) else { return Vec::new() };
    let ports = [Ports { transport, range: port.into() }];
    let bars = |rule: &&Rule| {
        let is_for_all = rule.who.is_empty() && rule.at.is_empty() && rule.interfaces.is_empty();
        rule.enabled && rule.direction == Direction::In && rule.action != Action::Allow && is_for_all
    };
    let rules = ruleset.parts().rules.iter().filter(bars);
    let less = rules.filter_map(|rule| take_out(rule, &ports, |name| ports_of(ruleset, name).unwrap_or_default()));
    less.map(Edit::ReplaceRule).collect()
}

/// A port as a rule names it best.
pub(super) fn target_of(port: u16, transport: Transport) -> Option<Target> {
    let ports = Ports { transport, range: Port::new(port)?.into() };
    Some(service::named(ports).map_or(Target::Ports(ports), Target::Service))
}

/// A rule that lets some in at a port.
pub(super) fn allow(
    id: RuleId,
    target: Target,
    who: Vec<Peer>,
    expires_at: Option<Moment>,
    (owner, note): (Text, Text),
) -> Rule {
    Rule {
        id,
        enabled: true,
        action: Action::Allow,
        direction: Direction::In,
        who,
        to: vec![target],
        interfaces: Vec::new(),
        at: Vec::new(),
        new_connections: None,
        connections: None,
        log: false,
        starts_at: None,
        expires_at,
        owner,
        note,
    }
}
