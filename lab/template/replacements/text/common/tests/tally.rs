//! Tallies of texts.

#[test]
fn counts_words_whatever_their_case() {
    let mut tally = common::Tally::default();
    tally.add("Row, row, row your boat");
    assert_eq!((tally.count("ROW"), tally.count("boat"), tally.count("stream")), (3, 1, 0));
    assert_eq!(tally.most_frequent(), Ok("row"));
    assert_eq!(common::Tally::default().most_frequent(), Err(common::Error::NoWords));
}

#[test]
fn counts_long_words_by_their_case() {
    let mut tally = common::Tally::new(4, true);
    tally.add("Row, row, row your boat");
    assert_eq!((tally.count("row"), tally.count("boat"), tally.count("Boat")), (0, 1, 0));
}
