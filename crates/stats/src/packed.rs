//! Counts by time in few bytes.

/// How often each time came, ms, sorted by time.
pub(crate) type Counts = Vec<(u32, u64)>;

/// The bytes hold no counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are no packed counts")]
pub struct Unpackable;

/// For each time the difference to the one before and the count, both as LEB128: most pairs take
/// two bytes. The same counts give the same bytes.
pub(crate) fn pack(counts: impl IntoIterator<Item = (u32, u64)>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut before = 0;
    for (ms, count) in counts {
        write(&mut bytes, u64::from(ms - before));
        write(&mut bytes, count);
        before = ms;
    }
    bytes
}

/// Reads what [`pack`] wrote. Times have to grow and counts to be above 0.
pub(crate) fn unpack(bytes: &[u8]) -> Result<Counts, Unpackable> {
    // Most pairs take two bytes.
    let mut counts = Counts::with_capacity(bytes.len() / 2);
    let mut rest = bytes;
    while !rest.is_empty() {
        let step = u32::try_from(read(&mut rest)?).map_err(|_| Unpackable)?;
        let count = read(&mut rest)?;
        let ms = match counts.last() {
            None => step,
            Some(_) if step == 0 => return Err(Unpackable),
            Some((before, _)) => step.checked_add(*before).ok_or(Unpackable)?,
        };
        if count == 0 {
            return Err(Unpackable);
        }
        counts.push((ms, count));
    }
    Ok(counts)
}

/// Adds counts that are sorted, too.
pub(crate) fn add(counts: &Counts, more: &[(u32, u64)]) -> Counts {
    let mut sum = Counts::with_capacity(counts.len() + more.len());
    let (mut left, mut right) = (counts.iter().peekable(), more.iter().peekable());
    loop {
        let take = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) if a.0 == b.0 => {
                let both = (a.0, a.1.saturating_add(b.1));
                left.next();
                right.next();
                both
            }
            (Some(a), Some(b)) if a.0 > b.0 => {
                let next = **b;
                right.next();
                next
            }
            (Some(a), _) => {
                let next = **a;
                left.next();
                next
            }
            (None, Some(b)) => {
                let next = **b;
                right.next();
                next
            }
            (None, None) => return sum,
        };
        sum.push(take);
    }
}

fn write(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn read(bytes: &mut &[u8]) -> Result<u64, Unpackable> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first().ok_or(Unpackable)?;
        *bytes = rest;
        let part = u64::from(first & 0x7f);
        // The tenth byte has one bit left to give.
        if shift == 63 && part > 1 {
            return Err(Unpackable);
        }
        value |= part << shift;
        if first & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Unpackable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn damaged_bytes_are_refused() {
        for bytes in [
            &[0x80][..],
            &[5],
            &[5, 0],
            &[5, 1, 0, 1],
            &[0xff; 11],
            &[0xff, 0xff, 0xff, 0xff, 0x1f, 1],
            &[0xff, 0xff, 0xff, 0xff, 0x0f, 1, 1, 1],
        ] {
            assert_eq!(unpack(bytes), Err(Unpackable), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn unpacked_is_what_was_packed(
            counts in prop::collection::btree_map(any::<u32>(), 1..=u64::MAX, 0..50),
        ) {
            let counts: Counts = counts.into_iter().collect();
            let bytes = pack(counts.iter().copied());
            prop_assert_eq!(unpack(&bytes), Ok(counts));
        }

        #[test]
        fn no_bytes_are_a_surprise(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = unpack(&bytes);
        }

        #[test]
        fn sums_are_those_of_maps(
            a in prop::collection::btree_map(0_u32..40, 1_u64..9, 0..20),
            b in prop::collection::btree_map(0_u32..40, 1_u64..9, 0..20),
        ) {
            let mut sum = a.clone();
            for (ms, count) in &b {
                *sum.entry(*ms).or_default() += count;
            }
            let list = |map: std::collections::BTreeMap<u32, u64>| map.into_iter().collect::<Counts>();
            prop_assert_eq!(add(&list(a), &list(b)), list(sum));
        }
    }
}
