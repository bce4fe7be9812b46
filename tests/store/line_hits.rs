//! What lines decided, over the lives of the kernel's counters.

use portreeve::{
    firewall::{Line, Moment, enforcement::Count},
    store::{LineHit, Store},
};

const NOW: Moment = Moment::from_millis(1_800_000_000_000);

fn count(line: &str, packets: u64) -> Count {
    Count { line: Line::parse(line).expect("a line"), packets, bytes: packets * 60 }
}

async fn find(store: &Store, line: &str) -> LineHit {
    let hits = store.list_line_hits().await.expect("rows");
    *hits.iter().find(|hit| hit.line.to_string() == line).expect("the line is known")
}

#[tokio::test]
async fn counters_are_summed_and_their_new_beginnings_seen() {
    let state = tempfile::tempdir().expect("a folder");
    let store = Store::open(state.path()).await.expect("a database");
    let note = async |minute: i64, packets| {
        store
            .upkeep()
            .note_counts(NOW.plus_seconds(minute * 60), &[count("r12", packets), count("ban", 0)])
            .await
            .unwrap();
        find(&store, "r12").await
    };
    for (minute, packets, sum, last) in [
        (0, 10, 10, Some(0)),
        (1, 10, 10, Some(0)),
        (2, 25, 25, Some(2)),
        // After a reboot the counter begins anew.
        (3, 4, 29, Some(3)),
        (4, 0, 29, Some(3)),
        (5, 7, 36, Some(5)),
    ] {
        let hit = note(minute, packets).await;
        assert_eq!((hit.packets, hit.bytes), (sum, sum * 60), "minute {minute}");
        assert_eq!(hit.last_hit_at, last.map(|minute| NOW.plus_seconds(minute * 60)), "minute {minute}");
        assert_eq!(hit.watched_since, NOW);
    }
    let ban = find(&store, "ban").await;
    assert_eq!((ban.packets, ban.last_hit_at), (0, None));
}
