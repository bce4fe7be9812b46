//! Measures the colours of `static/css/tokens.css` against WCAG 2.2 AA, in both themes.

use std::collections::BTreeMap;

const TEXT: f64 = 4.5;
const SHAPE: f64 = 3.0;

/// What stands on what. The tinted rows and groups carry the same text as the paper.
const PAIRS: [(&[&str], &[&str], f64); 8] = [
    (&["ink", "ink-2", "accent", "accent-strong"], &["paper", "ground", "hover", "advise"], TEXT),
    (&["ink", "ink-2"], &["notice-back", "error-back", "host-back", "every-back", "some-back"], TEXT),
    (&["every"], &["every-back"], TEXT),
    (&["some"], &["some-back"], TEXT),
    (&["host"], &["host-back"], TEXT),
    (&["notice"], &["notice-back", "paper", "hover"], TEXT),
    (&["error"], &["error-back", "paper"], TEXT),
    (&["edge", "notice", "accent"], &["paper", "ground"], SHAPE),
];

/// One theme's colour, as red, green and blue.
type Colour = [u8; 3];

fn colour(text: &str) -> Colour {
    let part = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("a hexadecimal colour");
    [part(1), part(3), part(5)]
}

fn tokens() -> BTreeMap<&'static str, [Colour; 2]> {
    let sheet = include_str!("../../static/css/tokens.css");
    let read = |line: &'static str| {
        let (name, value) = line.trim().strip_prefix("--")?.split_once(": light-dark(")?;
        let (light, dark) = value.strip_suffix(");")?.split_once(", ")?;
        Some((name, [colour(light), colour(dark)]))
    };
    sheet.lines().filter_map(read).collect()
}

fn luminance(colour: Colour) -> f64 {
    let linear = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

fn contrast(one: Colour, other: Colour) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn black_on_white_is_21_to_1() {
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
    assert!((contrast(colour("#767676"), [255; 3]) - 4.54).abs() < 0.01);
}

#[test]
fn every_pair_that_meets_on_a_page_can_be_read() {
    let tokens = tokens();
    assert!(tokens.len() > 20, "the sheet was read");
    let mut wrong = Vec::new();
    let mut measure = |front: &str, back: &str, least: f64| {
        for (theme, at) in [("light", 0), ("dark", 1)] {
            let ratio = contrast(tokens[front][at], tokens[back][at]);
            if ratio < least {
                wrong.push(format!("{front} on {back}, {theme}: {ratio:.2} is below {least}"));
            }
        }
    };
    for (fronts, backs, least) in PAIRS {
        for (front, back) in fronts.iter().flat_map(|front| backs.iter().map(move |back| (front, back))) {
            measure(front, back, least);
        }
    }
    measure("accent-ink", "accent", TEXT);
    measure("accent-ink", "accent-strong", TEXT);
    assert!(wrong.is_empty(), "{wrong:#?}");
}
