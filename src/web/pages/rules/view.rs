//! The page as the template sees it.

use askama::Template;

use crate::{
    firewall::{
        Rule, list,
        order::{self, Place, Step},
    },
    web::kit::{Frame, Pager, words},
};

use super::{
    answer::Answer,
    filter::Filter,
    marks::Mark,
    row::{Row, RuleRow},
    services::{self, ServiceGroup},
    sight::Sight,
};

const LINES_PER_PAGE: usize = 200;

/// The Rules page.
#[derive(Debug, Template)]
#[template(path = "pages/rules/rules.html")]
pub struct RulesView {
    frame: Frame,
    filter: Filter,
    answer: Answer,
    fault: Option<String>,
    is_stale: bool,
    can_edit: bool,
    errors: usize,
    total: usize,
    shown: usize,
    groups: Vec<Group>,
    services: Vec<ServiceGroup>,
    besides: Vec<(&'static str, String)>,
    pager: Pager,
}

/// The lines of one place.
#[derive(Debug)]
struct Group {
    place: Place,
    rows: Vec<Row>,
}

/// A line of the page before it is laid out.
enum Entry<'a> {
    Step(Step<'a>),
    Removed(&'a Rule),
}

impl RulesView {
    /// Lays the page out.
    #[must_use]
    pub fn new(frame: Frame, sight: &Sight<'_>, filter: Filter) -> Self {
        let entries = entries(sight, &filter);
        let shown = entries.iter().filter(|(_, entry)| entry.is_rule()).count();
        let groups_of_services = if filter.by_service { services::groups(sight, &filter) } else { Vec::new() };
        let size = if filter.by_service { groups_of_services.len() } else { entries.len() };
        let pager = Pager::new(size, LINES_PER_PAGE, filter.page, |page| filter.address(page));
        let (groups, services) = if filter.by_service {
            (Vec::new(), services::lay_out(&groups_of_services[pager.range()], sight))
        } else {
            (groups(&entries[pager.range()], sight), Vec::new())
        };
        Self {
            frame,
            answer: Answer::new(sight),
            fault: sight.fault.map(str::to_owned),
            is_stale: sight.is_stale,
            can_edit: sight.can_edit,
            errors: sight
                .problems
                .iter()
                .filter(|problem| problem.severity == crate::firewall::Severity::Error)
                .count(),
            total: sight.draft.parts().rules.len(),
            shown,
            groups,
            services,
            besides: besides(sight),
            pager,
            filter,
        }
    }

    fn result(&self) -> String {
        let all = words::count(self.total, "rule");
        if self.filter.is_set() { format!("{} of {all} shown", words::grouped(self.shown)) } else { all }
    }

    /// The address of what is shown now.
    fn here(&self) -> String {
        self.filter.address(self.pager.page)
    }

    fn errors_sentence(&self) -> String {
        format!("{} to mend before the draft can be applied", words::count(self.errors, "error"))
    }
}

/// The two lists that decide without a rule, with how many are on them.
fn besides(sight: &Sight<'_>) -> Vec<(&'static str, String)> {
    let size = |name: &'static str| {
        let list = sight.draft.parts().lists.iter().find(|list| list.name.as_str() == name)?;
        (!list.entries.is_empty()).then(|| (name, words::grouped(list.entries.len())))
    };
    [list::ALLOW, list::DENY].into_iter().filter_map(size).collect()
}

impl Entry<'_> {
    const fn is_rule(&self) -> bool {
        matches!(self, Self::Step(Step::Rule { .. }) | Self::Removed(_))
    }
}

/// Every line in order, with the rules that the draft removes after the others of their place; under a filter only the
/// rules that it lets through.
fn entries<'a>(sight: &Sight<'a>, filter: &Filter) -> Vec<(Place, Entry<'a>)> {
    let mut found = Vec::new();
    for stage in order::stages(sight.draft) {
        let removed = removed(sight, stage.place);
        let (last, before) = match stage.lines.split_last() {
            Some((last, before)) if !removed.is_empty() => (Some(*last), before.to_vec()),
            _ => (None, stage.lines),
        };
        let steps = before.into_iter().map(Entry::Step).chain(removed.into_iter().map(Entry::Removed));
        found.extend(steps.chain(last.map(Entry::Step)).map(|entry| (stage.place, entry)));
    }
    if filter.is_set() {
        found.retain(|(_, entry)| match entry {
            Entry::Step(Step::Rule { rule, .. }) => filter.fits(rule, false, sight),
            Entry::Removed(rule) => filter.fits(rule, true, sight),
            Entry::Step(Step::Automatic { .. }) => false,
        });
    }
    found
}

fn removed<'a>(sight: &Sight<'a>, place: Place) -> Vec<&'a Rule> {
    let is_removed = |rule: &&Rule| sight.marks.get(&rule.id) == Some(&Mark::Removed);
    let here = |rule: &&Rule| order::place_of(rule.direction) == place;
    sight.running.parts().rules.iter().filter(is_removed).filter(here).collect()
}

fn groups(entries: &[(Place, Entry<'_>)], sight: &Sight<'_>) -> Vec<Group> {
    let row = |(_, entry): &(Place, Entry<'_>)| match entry {
        Entry::Step(step) => Row::new(step, sight),
        Entry::Removed(rule) => Row::Rule(Box::new(RuleRow::new(rule, None, sight))),
    };
    let runs = entries.chunk_by(|(one, _), (next, _)| one == next);
    runs.map(|run| Group { place: run[0].0, rows: run.iter().map(row).collect() }).collect()
}
