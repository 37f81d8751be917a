//! Dividing a parameter's value among the agents.

/// Integers whose sum is `total`, one per agent, as equal as can be, the larger ones first.
pub(crate) fn divide(total: u64, agents: u32) -> Vec<u64> {
    let count = u64::from(agents.max(1));
    let (share, rest) = (total / count, total % count);
    (0..count)
        .map(|index| share + u64::from(index < rest))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_differ_by_one_at_most() {
        for total in [0, 1, 2, 7, 50, 51, 1000, u64::MAX] {
            for agents in 1..=50 {
                let shares = divide(total, agents);
                assert_eq!(shares.len(), agents as usize);
                assert_eq!(shares.iter().sum::<u64>(), total);
                let (least, most) = (shares.iter().min().unwrap(), shares.iter().max().unwrap());
                assert!(most - least <= 1, "{total} among {agents}");
            }
        }
    }
}
