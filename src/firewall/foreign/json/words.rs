//! Expressions as nft would print them, more or less: for people, not to be read back.

use serde_json::Value as Json;

pub(super) fn line(expressions: &[Json]) -> String {
    expressions.iter().filter(|expression| expression.get("counter").is_none()).map(of).collect::<Vec<_>>().join(" ")
}

/// One expression.
pub(super) fn of(expression: &Json) -> String {
    let Some((kind, content)) = expression.as_object().and_then(|object| object.iter().next()) else {
        return plain(expression);
    };
    match kind.as_str() {
        "match" => comparison(content),
        "vmap" => map(content),
        "limit" => format!("limit rate {}", limit(content)),
        "mangle" => mangle(content),
        "dnat" | "snat" | "redirect" | "masquerade" => translation(kind, content),
        "jump" | "goto" => format!("{kind} {}", plain(&content["target"])),
        "log" => "log".to_owned(),
        "set" | "meter" => format!("{} {}", plain(&content["set"]), of_all(&content["stmt"])).trim_end().to_owned(),
        "ct count" => format!("ct count{} {}", over(content), plain(&content["val"])),
        "xt" => format!("xt {}", plain(&content["name"])),
        _ => format!("{kind} {}", plain(content)).trim_end().to_owned(),
    }
}

fn of_all(json: &Json) -> String {
    json.as_array().map_or_else(|| plain(json), |list| line(list))
}

fn over(content: &Json) -> &'static str {
    if content["inv"] == true { " over" } else { "" }
}

pub(super) fn limit(content: &Json) -> String {
    format!("{}{}/{}", over(content).trim_start(), plain(&content["rate"]), plain(&content["per"]))
        .replace("over", "over ")
}

pub(super) fn comparison(content: &Json) -> String {
    let op = match content["op"].as_str() {
        Some("==" | "in") | None => String::new(),
        Some(op) => format!("{op} "),
    };
    format!("{} {op}{}", plain(&content["left"]), plain(&content["right"]))
}

pub(super) fn map(content: &Json) -> String {
    format!("{} vmap {}", plain(&content["key"]), plain(&content["data"]))
}

pub(super) fn mangle(content: &Json) -> String {
    format!("{} set {}", plain(&content["key"]), plain(&content["value"]))
}

pub(super) fn translation(kind: &str, content: &Json) -> String {
    let port = if content["port"].is_null() { String::new() } else { format!(":{}", plain(&content["port"])) };
    let to = format!("{}{port}", plain(&content["addr"]));
    if to.is_empty() { kind.to_owned() } else { format!("{kind} to {to}") }
}

/// A key or a value.
fn plain(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        Json::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(","),
        Json::Object(object) => object.iter().next().map_or_else(String::new, |(kind, content)| typed(kind, content)),
        Json::Bool(_) | Json::Number(_) => json.to_string(),
    }
}

fn typed(kind: &str, content: &Json) -> String {
    let all = |between: &str| content.as_array().into_iter().flatten().map(plain).collect::<Vec<_>>().join(between);
    match kind {
        "payload" => format!("{} {}", plain(&content["protocol"]), plain(&content["field"])),
        "meta" => match plain(&content["key"]) {
            short if short.starts_with("iif") || short.starts_with("oif") => short,
            key => format!("meta {key}"),
        },
        "ct" => format!("ct {} {}", plain(&content["dir"]), plain(&content["key"])).replace("  ", " "),
        "fib" => format!("fib {} {}", plain(&content["flags"]).replace(',', " . "), plain(&content["result"])),
        "prefix" => format!("{}/{}", plain(&content["addr"]), plain(&content["len"])),
        "range" => all("-"),
        "concat" => all(" . "),
        "set" => format!("{{ {} }}", elements(content)),
        "elem" => plain(&content["val"]),
        "&" | "|" | "^" => all(&format!(" {kind} ")),
        "jump" | "goto" => format!("{kind} {}", plain(&content["target"])),
        _ => format!("{kind} {}", plain(content)).trim_end().to_owned(),
    }
}

/// A pair is an entry of a map.
fn elements(content: &Json) -> String {
    let entry = |json: &Json| match json.as_array().map(Vec::as_slice) {
        Some([left, right]) => format!("{} : {}", plain(left), plain(right)),
        _ => plain(json),
    };
    content.as_array().map_or_else(|| plain(content), |list| list.iter().map(entry).collect::<Vec<_>>().join(", "))
}
