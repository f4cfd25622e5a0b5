//! Bringing two ordered lists together in which everything stands once.

use std::collections::BTreeMap;

/// What either side added is added, what either took away is away; nothing where both put the rest into different orders.
/// Everything must stand once in each list.
pub fn merge<T: Clone + Ord>(base: &[T], ours: &[T], theirs: &[T]) -> Option<Vec<T>> {
    if let Some(list) = super::one_sided(&base, &ours, &theirs) {
        return Some(list.to_vec());
    }
    let stays = |one: &&T| base.contains(one) && ours.contains(one) && theirs.contains(one);
    let [base_order, our_order, their_order] =
        [base, ours, theirs].map(|list| list.iter().filter(stays).cloned().collect::<Vec<T>>());
    let order = super::one_sided(&base_order, &our_order, &their_order)?;
    let added = added(base, order, [ours, theirs]);
    let mut merged = Vec::new();
    for place in 0..=order.len() {
        merged.extend(place.checked_sub(1).and_then(|before| order.get(before)).cloned());
        merged.extend(added.get(&place).into_iter().flatten().cloned());
    }
    Some(merged)
}

/// What the sides added, by the number of remaining ones it stands behind. What both added stands at the earlier place; which
/// side comes first at one place does not depend on whose it is.
fn added<T: Clone + Ord>(base: &[T], order: &[T], sides: [&[T]; 2]) -> BTreeMap<usize, Vec<T>> {
    let mut places = sides.map(|side| {
        let mut place = 0;
        let mut places: BTreeMap<usize, Vec<T>> = BTreeMap::new();
        for one in side {
            match order.iter().position(|kept| kept == one) {
                Some(position) => place = position + 1,
                None if !base.contains(one) => places.entry(place).or_default().push(one.clone()),
                None => {}
            }
        }
        places
    });
    let mut added: BTreeMap<usize, Vec<T>> = BTreeMap::new();
    let mut seen: Vec<T> = Vec::new();
    for place in 0..=order.len() {
        let [one, other] = &mut places;
        let mut lists = [one.remove(&place).unwrap_or_default(), other.remove(&place).unwrap_or_default()];
        lists.sort();
        for one in lists.into_iter().flatten() {
            if !seen.contains(&one) {
                seen.push(one.clone());
                added.entry(place).or_default().push(one);
            }
        }
    }
    added
}
