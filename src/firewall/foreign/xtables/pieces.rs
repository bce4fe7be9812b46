//! A rule's words as what belongs together: each match with its options, and the target with its own.

/// One option, perhaps turned round, with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    /// Whether it is turned round by an exclamation mark.
    pub(super) is_not: bool,
    /// As it is written, with its dashes.
    pub(super) name: String,
    /// What follows.
    pub(super) values: Vec<String>,
}

impl Choice {
    /// The first value; empty if there is none.
    pub(super) fn value(&self) -> &str {
        self.values.first().map_or("", String::as_str)
    }

    /// As it is written, but for quotes.
    pub(super) fn words(&self) -> String {
        let not = self.is_not.then_some("!").into_iter();
        not.chain([self.name.as_str()]).chain(self.values.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
    }
}

/// A part of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// What every rule may have: addresses, interfaces, a protocol.
    Header(Choice),
    /// A match of an extension.
    Match {
        /// The extension.
        name: String,
        /// Its options.
        choices: Vec<Choice>,
        /// What was left that isn't one of its options.
        rest: Vec<String>,
    },
    /// What the rule does.
    Target {
        /// Whether it goes to a chain and not back.
        is_goto: bool,
        /// A chain, or an extension.
        name: String,
        /// Its options.
        choices: Vec<Choice>,
        /// What was left that isn't one of its options.
        rest: Vec<String>,
    },
    /// Words that are none of these.
    Strange(Vec<String>),
}

/// Cuts a rule, without its chain, into its parts.
pub(super) fn cut(mut words: &[String]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    while let Some((first, after)) = words.split_first() {
        let piece = match (first.as_str(), after) {
            ("-m", [name, after @ ..]) => {
                let (choices, after) = choices(after, |option| match_arity(name, option));
                let (rest, after) = upto_next(after);
                words = after;
                Piece::Match { name: name.clone(), choices, rest: rest.to_vec() }
            }
            ("-j" | "-g", [name, after @ ..]) => {
                let (choices, rest) = choices(after, target_arity);
                words = &[];
                Piece::Target { is_goto: first == "-g", name: name.clone(), choices, rest: rest.to_vec() }
            }
            _ => header_or_strange(&mut words),
        };
        pieces.push(piece);
    }
    pieces
}

fn header_or_strange(words: &mut &[String]) -> Piece {
    if let Some((choice, after)) = choice(words, header_arity) {
        *words = after;
        return Piece::Header(choice);
    }
    let (strange, after) = upto_next(&words[1..]);
    let piece = Piece::Strange(words[..=strange.len()].to_vec());
    *words = after;
    piece
}

/// What comes before the next match or target.
fn upto_next(words: &[String]) -> (&[String], &[String]) {
    let next = words.iter().position(|word| matches!(word.as_str(), "-m" | "-j" | "-g"));
    words.split_at(next.unwrap_or(words.len()))
}

fn choices(mut words: &[String], arity: impl Fn(&str) -> Option<usize>) -> (Vec<Choice>, &[String]) {
    let mut choices = Vec::new();
    while let Some((choice, after)) = choice(words, &arity) {
        choices.push(choice);
        words = after;
    }
    (choices, words)
}

fn choice(words: &[String], arity: impl Fn(&str) -> Option<usize>) -> Option<(Choice, &[String])> {
    let (is_not, words) = match words {
        [not, after @ ..] if not == "!" => (true, after),
        _ => (false, words),
    };
    let (name, after) = words.split_first()?;
    let (values, after) = after.split_at_checked(arity(name)?)?;
    Some((Choice { is_not, name: name.clone(), values: values.to_vec() }, after))
}

fn header_arity(option: &str) -> Option<usize> {
    Some(match option {
        "-s" | "-d" | "-i" | "-o" | "-p" => 1,
        "-f" => 0,
        _ => return None,
    })
}

/// How many values an option of a match has; none if it isn't known.
fn match_arity(name: &str, option: &str) -> Option<usize> {
    Some(match (name, option) {
        ("tcp", "--tcp-flags") | ("set", "--match-set") => 2,
        ("addrtype", "--limit-iface-in" | "--limit-iface-out")
        | ("connlimit", "--connlimit-saddr" | "--connlimit-daddr")
        | ("hashlimit", "--hashlimit-rate-match")
        | ("recent", "--set" | "--rcheck" | "--update" | "--remove" | "--reap" | "--rttl" | "--rsource" | "--rdest")
        | ("rpfilter", "--loose" | "--validmark" | "--accept-local" | "--invert")
        | ("set", "--return-nomatch" | "--update-counters" | "--update-subcounters")
        | ("string", "--icase")
        | ("physdev", "--physdev-is-in" | "--physdev-is-out" | "--physdev-is-bridged") => 0,
        ("comment", "--comment")
        | ("tcp" | "udp" | "udplite" | "sctp" | "dccp", "--sport" | "--dport")
        | ("tcp", "--tcp-option")
        | ("multiport", "--sports" | "--dports" | "--ports")
        | ("icmp", "--icmp-type")
        | ("icmp6", "--icmpv6-type")
        | ("state", "--state")
        | ("addrtype", "--src-type" | "--dst-type")
        | ("mark" | "connmark", "--mark")
        | ("pkttype", "--pkt-type")
        | ("iprange", "--src-range" | "--dst-range")
        | ("recent", "--seconds" | "--hitcount" | "--name" | "--mask")
        | ("physdev", "--physdev-in" | "--physdev-out")
        | ("mac", "--mac-source")
        | ("owner", "--uid-owner" | "--gid-owner")
        | ("string", "--algo" | "--from" | "--to" | "--string" | "--hex-string")
        | ("u32", "--u32")
        | ("bpf", "--bytecode" | "--object-pinned")
        | ("nfacct", "--nfacct-name")
        | ("helper", "--helper")
        | ("cgroup", "--path" | "--cgroup") => 1,
        ("conntrack", _) if option.starts_with("--ct") => 1,
        ("limit", _) if option.starts_with("--limit") => 1,
        ("hashlimit", _) if option.starts_with("--hashlimit") => 1,
        ("connlimit", _) if option.starts_with("--connlimit") => 1,
        _ => return None,
    })
}

/// How many values an option of a target has, whatever the target.
fn target_arity(option: &str) -> Option<usize> {
    Some(match option {
        "--random" | "--random-fully" | "--persistent" | "--notrack" | "--save-mark" | "--restore-mark" => 0,
        "--to-destination" | "--to-ports" | "--to-source" | "--reject-with" | "--set-xmark" | "--nfmask"
        | "--ctmask" => 1,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_text(text: &str) -> Vec<Piece> {
        cut(&text.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_comment_that_looks_like_a_target_is_a_comment() {
        let pieces = cut_text("! -i docker0 -m comment --comment -j -m set ! --match-set bad src -j DROP");
        let [
            Piece::Header(header),
            Piece::Match { .. },
            Piece::Match { choices, rest, .. },
            Piece::Target { name, .. },
        ] = pieces.as_slice()
        else {
            panic!("{pieces:?}");
        };
        assert_eq!((header.words().as_str(), name.as_str(), rest.len()), ("! -i docker0", "DROP", 0));
        assert_eq!(choices[0].words(), "! --match-set bad src");
    }

    #[test]
    fn what_is_not_known_is_kept() {
        let pieces = cut_text("-s ::/0 --new thing -m quux --a b -j LOG --log-prefix x");
        assert_eq!(pieces[1], Piece::Strange(vec!["--new".to_owned(), "thing".to_owned()]));
        assert!(matches!(&pieces[2], Piece::Match { rest, .. } if rest.join(" ") == "--a b"));
        assert!(matches!(&pieces[3], Piece::Target { rest, .. } if rest.join(" ") == "--log-prefix x"));
    }
}
