//! Which listeners came and went since a user last looked.

use portreeve::{
    firewall::{
        Moment,
        listener::Transport,
        usage::{ListenerNews, SeenListener},
    },
    store::{Actor, Entry, NewUser, PasswordHash, Role, Store, UserId, UserName, Verb},
};

const NOW: Moment = Moment::from_millis(1_800_000_000_000);
const HOUR: i64 = 3600;

async fn open() -> (tempfile::TempDir, Store, UserId) {
    let state = tempfile::tempdir().expect("a folder");
    let store = Store::open(state.path()).await.expect("a database");
    let mut tx = store.write(Actor::System, NOW).await.expect("a database");
    let (name, hash) = (UserName::parse("anna").expect("a database"), PasswordHash::new("$argon2id$v=19$x".to_owned()));
    let user = tx
        .insert_user(&NewUser { name: &name, password_hash: &hash, role: Role::Administrator })
        .await
        .expect("a database");
    tx.commit(Entry::done(Verb::CreateFirstAccount, "anna")).await.expect("a database");
    (state, store, user.id)
}

fn listener(port: u16, owner: &str, at: Moment) -> SeenListener {
    SeenListener { transport: Transport::Tcp, port, owner: owner.to_owned(), first_seen_at: at, last_seen_at: at }
}

/// A look at this time, when these listen.
async fn look(store: &Store, user: UserId, at: Moment, here: &[(u16, &str)]) -> ListenerNews {
    let seen: Vec<_> = here.iter().map(|(port, owner)| listener(*port, owner, at)).collect();
    store.upkeep().note_listeners(&seen).await.expect("a database");
    store.upkeep().note_look(user, at).await.expect("a database");
    news(store, user, at, here).await
}

async fn news(store: &Store, user: UserId, at: Moment, here: &[(u16, &str)]) -> ListenerNews {
    let listens = |seen: &SeenListener| here.contains(&(seen.port, seen.owner.as_str()));
    store.find_listener_news(user, at, listens).await.expect("a database")
}

fn owners(seen: &[SeenListener]) -> Vec<&str> {
    seen.iter().map(|seen| seen.owner.as_str()).collect()
}

#[tokio::test]
async fn news_is_what_changed_since_the_visit_before() {
    let (_state, store, user) = open().await;
    let after = |seconds| NOW.plus_seconds(seconds);
    let first = look(&store, user, NOW, &[(22, "ssh.service"), (80, "nginx.service")]).await;
    assert_eq!(first, ListenerNews::default(), "at first nothing is news");

    let here = [(22, "ssh.service"), (80, "apache2.service"), (3306, "mariadb.service")];
    for seconds in [HOUR, HOUR + 60, HOUR + 20 * 60] {
        let news = look(&store, user, after(seconds), &here).await;
        assert_eq!(news.since, Some(NOW), "looks of one visit, {seconds} s");
        assert_eq!(owners(&news.new), ["apache2.service", "mariadb.service"]);
        assert_eq!(owners(&news.gone), ["nginx.service"]);
    }

    let unseen = news(&store, user, after(4 * HOUR), &[(22, "ssh.service")]).await;
    assert_eq!(unseen.since, Some(after(HOUR + 20 * 60)), "without a look it is counted from the last one");
    assert_eq!(owners(&unseen.gone), ["apache2.service", "mariadb.service"]);

    let news = look(&store, user, after(4 * HOUR), &here).await;
    assert_eq!(news, ListenerNews { since: Some(after(HOUR + 20 * 60)), ..ListenerNews::default() });

    let other = look(&store, user, after(8 * HOUR), &[(22, "ssh.service")]).await;
    assert_eq!(owners(&other.gone), ["apache2.service", "mariadb.service"]);
}

#[tokio::test]
async fn what_is_gone_for_a_month_is_forgotten_and_a_hoard_is_bounded() {
    let (_state, store, user) = open().await;
    look(&store, user, NOW, &[(22, "ssh.service")]).await;
    let hoard: Vec<_> = (1..=6_000).map(|port| listener(port, "hoard", NOW.plus_seconds(HOUR))).collect();
    store.upkeep().note_listeners(&hoard).await.unwrap();
    store.upkeep().note_look(user, NOW.plus_seconds(2 * HOUR)).await.unwrap();
    let news = store.find_listener_news(user, NOW.plus_seconds(2 * HOUR), |_| true).await.unwrap();
    assert_eq!(news.new.len(), 5_000 - 1);
    store.upkeep().delete_old_port_use(NOW.plus_seconds(31 * 24 * HOUR)).await.unwrap();
    let news = store.find_listener_news(user, NOW.plus_seconds(31 * 24 * HOUR), |_| true).await.unwrap();
    assert!(news.new.is_empty() && news.gone.is_empty());
}
