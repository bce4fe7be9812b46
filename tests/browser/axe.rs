//! axe-core: finds what keeps people out who can't see, or can't use a mouse.

use std::{fs, path::Path};

use serde_json::Value;

use super::webdriver::Browser;

/// The barriers on the open page, one line each.
pub fn barriers(browser: &Browser) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/axe-core-4.14.1/axe.min.js");
    let axe = fs::read_to_string(path).expect("tests/install.sh has fetched axe-core");
    let script = format!(
        "{axe}; const done = arguments[arguments.length - 1];
        const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
        const places = (found) => found.nodes.map((n) => n.html + ' ' + n.failureSummary).slice(0, 3).join(' | ');
        axe.run({{ runOnly: rules }}).then(
            (report) => done(report.violations.map((found) => found.id + ': ' + places(found))),
            (error) => done([String(error)]));"
    );
    let found = browser.run_async(&script, &[]);
    let lines = found.as_array().expect("a list").iter().filter_map(Value::as_str);
    lines.map(str::to_owned).collect()
}
