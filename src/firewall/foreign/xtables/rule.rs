//! One rule: its parts as statements.

use super::{
    header,
    matches::{self, About},
    pieces::{Piece, cut},
    target::Target,
};
use crate::firewall::{
    Family,
    foreign::{Operand, Statement},
};

/// What a rule says.
pub(super) struct Read {
    /// In order.
    pub(super) statements: Vec<Statement>,
    /// The sets that it names.
    pub(super) sets: Vec<String>,
}

/// Reads a rule, given as its words without its chain, of a table with these chains.
pub(super) fn read(family: Family, chains: &[&str], words: &[String]) -> Read {
    let pieces = cut(words);
    let is_refusal = pieces.iter().filter_map(target).any(|target| target.is_refusal());
    let about = About { family, is_refusal };
    let statements: Vec<Statement> = pieces.iter().flat_map(|piece| statements(about, chains, piece)).collect();
    let sets = statements.iter().filter_map(set).collect();
    Read { statements, sets }
}

fn target(piece: &Piece) -> Option<Target<'_>> {
    match piece {
        Piece::Target { is_goto, name, choices, rest } => Some(Target { is_goto: *is_goto, name, choices, rest }),
        Piece::Header(_) | Piece::Match { .. } | Piece::Strange(_) => None,
    }
}

fn statements(about: About, chains: &[&str], piece: &Piece) -> Vec<Statement> {
    match piece {
        Piece::Header(choice) => {
            let read = header::read(about.family, choice);
            vec![read.unwrap_or_else(|| Statement::UnknownMatch(choice.words()))]
        }
        Piece::Match { name, choices, rest } => matches::read(about, name, choices, rest),
        Piece::Target { .. } => target(piece).map_or_else(Vec::new, |target| target.read(chains)),
        Piece::Strange(words) => vec![Statement::UnknownMatch(words.join(" "))],
    }
}

fn set(statement: &Statement) -> Option<String> {
    match statement {
        Statement::Match { operand: Operand::Set(name), .. } => Some(name.clone()),
        _ => None,
    }
}
