/// Counts by field. Most of them are small, and then so are all.
#[derive(Debug, Clone)]
pub(crate) enum Counts {
    Small(Vec<u8>),
    Large(Vec<u32>),
}

impl Counts {
    pub(crate) const NONE: Self = Self::Small(Vec::new());

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Small(counts) => counts.len(),
            Self::Large(counts) => counts.len(),
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Small(counts) => counts.len(),
            Self::Large(counts) => counts.len() * size_of::<u32>(),
        }
    }

    pub(crate) fn get(&self, field: usize) -> u64 {
        match self {
            Self::Small(counts) => counts.get(field).copied().map_or(0, u64::from),
            Self::Large(counts) => counts.get(field).copied().map_or(0, u64::from),
        }
    }

    /// Counts each field once more, up to one there is no room for: that one is the answer.
    #[inline]
    pub(crate) fn count(&mut self, mut fields: impl Iterator<Item = usize>) -> Option<usize> {
        match self {
            Self::Small(counts) => fields.find(|field| match counts.get_mut(*field) {
                Some(count) if *count < u8::MAX => {
                    *count += 1;
                    false
                }
                _ => true,
            }),
            Self::Large(counts) => fields.find(|field| match counts.get_mut(*field) {
                Some(count) => {
                    *count = count.saturating_add(1);
                    false
                }
                None => true,
            }),
        }
    }

    /// Adds to a field within the length. More than four billion are not told apart.
    pub(crate) fn add(&mut self, field: usize, times: u64) {
        let sum = self.get(field).saturating_add(times);
        if let Self::Small(counts) = self {
            if let Ok(small) = u8::try_from(sum) {
                counts[field] = small;
                return;
            }
            *self = Self::Large(counts.iter().map(|count| u32::from(*count)).collect());
        }
        if let Self::Large(counts) = self {
            counts[field] = u32::try_from(sum).unwrap_or(u32::MAX);
        }
    }

    /// Adds those of another that is no longer.
    pub(crate) fn merge(&mut self, other: &Self) {
        if let (Self::Small(own), Self::Small(more)) = (&mut *self, other)
            && own
                .iter()
                .zip(more)
                .all(|(a, b)| a.checked_add(*b).is_some())
        {
            for (count, more) in own.iter_mut().zip(more) {
                *count += more;
            }
            return;
        }
        for (field, count) in other.each() {
            self.add(field, count);
        }
    }

    /// Makes it so long at least.
    pub(crate) fn lengthen(&mut self, length: usize) {
        fn lengthen<T: Clone + Default>(counts: &mut Vec<T>, length: usize) {
            if length > counts.len() {
                counts.reserve_exact(length - counts.len());
                counts.resize(length, T::default());
            }
        }
        match self {
            Self::Small(counts) => lengthen(counts, length),
            Self::Large(counts) => lengthen(counts, length),
        }
    }

    /// Fields and counts that are not 0.
    pub(crate) fn each(&self) -> impl DoubleEndedIterator<Item = (usize, u64)> + '_ {
        (0..self.len())
            .map(|field| (field, self.get(field)))
            .filter(|(_, count)| *count > 0)
    }
}

/// Room does not matter.
impl PartialEq for Counts {
    fn eq(&self, other: &Self) -> bool {
        self.each().eq(other.each())
    }
}
