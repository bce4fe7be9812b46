//! What every page must be made of, whatever stands on it.

use std::collections::BTreeSet;

use scraper::{ElementRef, Html, Selector};

use super::{HOSTILE, SAMPLES};

fn every_page(check: impl Fn(&str, &Html) -> Vec<String>) {
    let wrong: Vec<String> = SAMPLES
        .iter()
        .flat_map(|sample| {
            let found = check(&sample.html, &Html::parse_document(&sample.html));
            found.into_iter().map(|what| format!("{}: {what}", sample.name)).collect::<Vec<_>>()
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn all<'a>(page: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    page.select(&Selector::parse(selector).expect("a selector")).collect()
}

#[test]
fn the_markup_parses_without_errors() {
    every_page(|_, page| page.errors.iter().map(ToString::to_string).collect());
}

#[test]
fn hostile_text_stays_text() {
    every_page(|html, page| {
        let foreign =
            all(page, "script:not([src]), img, style, iframe, object, embed, base, [style], [onerror], [onclick]");
        let mut wrong: Vec<String> = foreign.iter().map(ElementRef::html).collect();
        let hidden = |character: char| matches!(character, '\u{202a}'..='\u{202e}' | '\u{1b}' | '\u{7}');
        // A value that the reader typed comes back as typed; it stands in a field and moves nothing around it.
        let shown: String = all(page, "body").iter().flat_map(ElementRef::text).collect();
        let typed = all(page, "textarea").into_iter().map(|area| area.text().collect::<String>());
        let shown = typed.filter(|typed| !typed.is_empty()).fold(shown, |shown, typed| shown.replace(&typed, ""));
        let is_kept = |text: &str| text.contains(hidden) && !html.contains("id=\"name\"");
        wrong.extend(is_kept(&shown).then(|| String::from("an invisible character reached the text")));
        wrong.extend(html.contains(HOSTILE).then(|| String::from("hostile text is unescaped")));
        wrong
    });
}

#[test]
fn ids_are_unique_and_one_heading_leads() {
    every_page(|_, page| {
        let mut seen = BTreeSet::new();
        let ids = all(page, "[id]").into_iter().filter_map(|element| element.value().id().map(str::to_owned));
        let mut wrong: Vec<String> =
            ids.filter(|id| !seen.insert(id.clone())).map(|id| format!("two of id {id}")).collect();
        let headings = all(page, "h1").len();
        wrong.extend((headings != 1).then(|| format!("{headings} h1")));
        wrong.extend((all(page, "main").len() != 1).then(|| String::from("not one main")));
        wrong
    });
}

#[test]
fn tables_have_caption_scope_and_row_headings() {
    every_page(|_, page| {
        let mut wrong = Vec::new();
        for table in all(page, "table") {
            let has = |selector| table.select(&Selector::parse(selector).expect("a selector")).next().is_some();
            wrong.extend((!has("caption")).then(|| String::from("no caption")));
            wrong.extend((!has("th[scope=col]") || !has("th[scope=row]")).then(|| String::from("no scope")));
            wrong.extend(has("th:not([scope])").then(|| String::from("a heading without scope")));
        }
        wrong
    });
}

#[test]
fn every_input_has_a_label_and_every_form_a_token() {
    every_page(|_, page| {
        let labels: BTreeSet<&str> = all(page, "label[for]").iter().filter_map(|label| label.attr("for")).collect();
        let inputs = all(page, "input:not([type=hidden]):not([type=checkbox]):not([hidden]), select, textarea");
        let bare = inputs.iter().filter(|input| !input.value().id().is_some_and(|id| labels.contains(id)));
        let mut wrong: Vec<String> = bare.map(ElementRef::html).collect();
        for form in all(page, "form[method=post]") {
            let token = Selector::parse("input[type=hidden][name=csrf]").expect("a selector");
            wrong.extend((form.select(&token).count() != 1).then(|| form.html()));
        }
        wrong
    });
}

#[test]
fn references_lead_somewhere() {
    every_page(|html, page| {
        let ids: BTreeSet<&str> = all(page, "[id]").iter().filter_map(|element| element.value().id()).collect();
        let mut wrong = Vec::new();
        for attribute in ["for", "aria-describedby", "data-reveal", "data-live"] {
            for element in all(page, &format!("[{attribute}]")) {
                let named = element.attr(attribute).unwrap_or_default().split_whitespace();
                wrong.extend(named.filter(|id| !ids.contains(id)).map(|id| format!("{attribute} of nothing: {id}")));
            }
        }
        let sprite = include_str!("../../static/icons/sprite.svg");
        for symbol in html.split("sprite.svg#").skip(1).filter_map(|rest| rest.split('"').next()) {
            wrong.extend((!sprite.contains(&format!("id=\"{symbol}\""))).then(|| format!("no symbol {symbol}")));
        }
        wrong
    });
}
