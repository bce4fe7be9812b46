//! Netlink's bytes: messages with attributes, written and read. PURE.

/// `struct nlmsghdr`.
const HEADER: usize = 16;

/// `struct nlattr`.
const ATTRIBUTE: usize = 4;

/// The kernel marks what is nested and what is in network order; neither is part of an attribute's number.
const NUMBER: u16 = 0x3fff;

/// Marks an attribute that holds others.
const NESTED: u16 = 0x8000;

/// `NLM_F_REQUEST`.
pub const REQUEST: u16 = 0x1;
/// `NLM_F_ACK`.
pub const ACK: u16 = 0x4;
/// `NLM_F_DUMP`.
pub const DUMP: u16 = 0x300;
/// `NLM_F_CREATE`.
pub const CREATE: u16 = 0x400;
/// `NLM_F_DUMP_INTR`, in answers: something came or went during the dump.
pub const INTERRUPTED: u16 = 0x10;

/// `NLMSG_ERROR`: also an acknowledgement, with the number 0.
pub const ERROR: u16 = 2;
/// `NLMSG_DONE`.
pub const DONE: u16 = 3;

/// Messages to be sent in one piece.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
    last: usize,
}

impl Writer {
    /// Adds a message.
    pub fn message(&mut self, kind: u16, flags: u16, body: impl FnOnce(&mut Self)) {
        self.last = self.bytes.len();
        self.bytes.extend([0; 4]);
        self.bytes.extend([kind.to_ne_bytes(), (flags | REQUEST).to_ne_bytes()].concat());
        self.bytes.extend([0; 8]);
        body(self);
        let length = u32::try_from(self.bytes.len() - self.last).expect("a message is far below 4 GiB");
        self.bytes[self.last..][..4].copy_from_slice(&length.to_ne_bytes());
        self.pad();
    }

    /// Asks that the last message be answered once everything is done.
    pub fn acknowledge(&mut self) {
        if let Some(flags) = self.bytes.get_mut(self.last + 6) {
            *flags |= ACK.to_ne_bytes()[0];
        }
    }

    /// Adds bytes that are no attribute.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Adds an attribute.
    pub fn attribute(&mut self, number: u16, value: &[u8]) {
        self.enclose(number, |writer| writer.raw(value));
    }

    /// Adds a text with the zero that C wants.
    pub fn text(&mut self, number: u16, text: &str) {
        self.enclose(number, |writer| {
            writer.raw(text.as_bytes());
            writer.raw(&[0]);
        });
    }

    /// Adds an attribute that holds others; together they must stay below 64 KiB.
    pub fn nested(&mut self, number: u16, content: impl FnOnce(&mut Self)) {
        self.enclose(number | NESTED, content);
    }

    fn enclose(&mut self, number: u16, content: impl FnOnce(&mut Self)) {
        let start = self.bytes.len();
        self.bytes.extend([0; 2]);
        self.bytes.extend(number.to_ne_bytes());
        content(self);
        let length = u16::try_from(self.bytes.len() - start).expect("whoever nests keeps below 64 KiB");
        self.bytes[start..][..2].copy_from_slice(&length.to_ne_bytes());
        self.pad();
    }

    fn pad(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }

    /// How many bytes there are so far.
    pub const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// All messages.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// One message of a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    /// Its type.
    pub kind: u16,
    /// Its flags.
    pub flags: u16,
    /// The number of the question that it answers.
    pub sequence: u32,
    /// What follows its header.
    pub body: &'a [u8],
}

impl Message<'_> {
    /// The error that the kernel answers with; 0 is none.
    #[must_use]
    pub fn error(&self) -> i32 {
        field(self.body, 0).map_or(0, |bytes| i32::from_ne_bytes(bytes).saturating_neg())
    }
}

/// The messages of a datagram, as far as they are whole.
pub fn messages(mut rest: &[u8]) -> impl Iterator<Item = Message<'_>> {
    std::iter::from_fn(move || next_message(&mut rest))
}

/// Splits off the first message, if it is whole.
pub fn next_message<'a>(rest: &mut &'a [u8]) -> Option<Message<'a>> {
    let length = usize::try_from(u32_at(rest, 0)?).ok()?;
    let (kind, flags, sequence) = (u16_at(rest, 4)?, u16_at(rest, 6)?, u32_at(rest, 8)?);
    let body = rest.get(HEADER..length)?;
    *rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    Some(Message { kind, flags, sequence, body })
}

/// The attributes of a message or of another attribute, as far as they are whole.
pub fn attributes(mut rest: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || next_attribute(&mut rest))
}

/// Splits off the first attribute, if it is whole.
pub fn next_attribute<'a>(rest: &mut &'a [u8]) -> Option<(u16, &'a [u8])> {
    let (length, number) = (usize::from(u16_at(rest, 0)?), u16_at(rest, 2)?);
    let value = rest.get(ATTRIBUTE..length)?;
    *rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    Some((number & NUMBER, value))
}

/// A number in the host's byte order.
#[must_use]
pub fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    field(bytes, at).map(u16::from_ne_bytes)
}

/// A number in the host's byte order.
#[must_use]
pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    field(bytes, at).map(u32::from_ne_bytes)
}

/// Bytes as they are.
#[must_use]
pub fn field<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// The attribute of this number.
#[must_use]
pub fn attribute(bytes: &[u8], number: u16) -> Option<&[u8]> {
    attributes(bytes).find(|(found, _)| *found == number).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written() -> Writer {
        let mut writer = Writer::default();
        writer.message(7, CREATE, |writer| {
            writer.raw(&[1, 2, 3, 4]);
            writer.text(1, "set");
            writer.nested(2, |writer| writer.attribute(5, &[9; 5]));
        });
        writer.message(8, 0, |_| {});
        writer.acknowledge();
        writer
    }

    #[test]
    fn what_was_written_is_read_back() {
        let writer = written();
        let found: Vec<Message> = messages(writer.as_bytes()).collect();
        let [first, second] = found[..] else { panic!("two messages") };
        assert_eq!((first.kind, first.flags), (7, CREATE | REQUEST));
        assert_eq!(attribute(&first.body[4..], 1), Some(&b"set\0"[..]));
        let nested = attribute(&first.body[4..], 2).unwrap();
        assert_eq!(attributes(nested).collect::<Vec<_>>(), [(5, &[9; 5][..])]);
        assert_eq!((second.kind, second.flags, second.body), (8, ACK | REQUEST, &[][..]));
    }

    #[test]
    fn cut_and_lying_lengths_end_the_walk() {
        let writer = written();
        let whole = writer.as_bytes();
        for length in 0..whole.len() {
            assert!(messages(&whole[..length]).count() < 2, "{length}");
        }
        for bytes in [&[][..], &[0; 3], &[0; 16], &[255; 64], &[3, 0, 1, 0, 1]] {
            assert_eq!((messages(bytes).count(), attributes(bytes).count()), (0, 0), "{bytes:?}");
        }
    }
}
