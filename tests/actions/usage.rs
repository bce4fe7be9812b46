//! Who used the ports and which listeners came and went, from what was seen to what a page asks for.

use portreeve::{
    boundary::Response,
    firewall::{
        Listener, Listing,
        listener::{Bind, Transport},
        package::{Package, Packages},
        usage::{Coverage, Sample},
    },
};

use super::{listeners::Helper, panel::Panel};

fn sample(port: u16, open: &[&str], over: &[&str]) -> Sample {
    let mut sample = Sample::default();
    sample.listen(Transport::Tcp, port);
    for peer in open {
        sample.open(Transport::Tcp, port, peer.parse().expect("an address"));
    }
    for peer in over {
        sample.over(Transport::Tcp, port, peer.parse().expect("an address"));
    }
    sample
}

#[tokio::test]
async fn what_was_seen_is_there_at_once_and_written_down_later() {
    let panel = Panel::new().await;
    let actions = &panel.actions;
    assert!(actions.connections().taken_at.is_none() && actions.port_uses().of(443, Transport::Tcp).is_none());

    let heard = sample(443, &[], &["192.0.2.9"]);
    let seen = sample(443, &["192.0.2.1", "192.0.2.1"], &["192.0.2.2"]);
    actions.note_connections(&heard, seen, Coverage::Every);
    let connections = actions.connections();
    let connected = connections.at(443, Transport::Tcp).unwrap();
    assert_eq!((connected.connections, connected.peers.len()), (2, 1));
    assert_eq!((connections.taken_at, connections.coverage), (Some(actions.now()), Coverage::Every));

    panel.pass(60);
    actions.write_usage().await.unwrap();
    let used_at = actions.now().plus_seconds(-60);
    for () in [(), ()] {
        let known = actions.port_uses();
        let used = known.of(443, Transport::Tcp).unwrap();
        assert_eq!((used.last_used_at, used.days.len(), used.days[0].peers), (Some(used_at), 1, 3));
        panel.pass(60);
        // Nothing new changes nothing.
        actions.write_usage().await.unwrap();
    }

    actions.note_unseen_connections("no memory".to_owned());
    let connections = actions.connections();
    assert_eq!(connections.fault.as_deref(), Some("no memory"));
    assert!(connections.at(443, Transport::Tcp).is_some(), "what was seen before stays");
}

fn listening(units: &[(u16, &str)]) -> Response {
    let listener = |(port, unit): &(u16, &str)| Listener {
        transport: Transport::Tcp,
        bind: Bind::AnyDual,
        port: *port,
        interface: None,
        uid: 0,
        user: None,
        processes: Vec::new(),
        unit: Some((*unit).to_owned()),
        container: None,
    };
    Response::Listeners(Listing { listeners: units.iter().map(listener).collect(), omitted: 0 })
}

#[tokio::test]
async fn a_user_who_comes_back_is_told_what_listens_now_and_what_no_more() {
    let (panel, session) = Panel::with_account().await;
    let (actions, user) = (&panel.actions, &session.signed_in);
    let helper = Helper::start(panel.state.path());
    let minute = async |units: &[(u16, &str)]| {
        helper.answer(listening(units));
        actions.refresh_listeners().await;
        actions.write_usage().await.unwrap();
        panel.pass(60);
    };
    let before = [(22, "ssh.service"), (80, "nginx.service")];
    minute(&before).await;
    minute(&before).await;
    assert_eq!(actions.listener_news(user).await.unwrap().since, None);

    panel.pass(3600);
    let now = [(22, "ssh.service"), (80, "apache2.service")];
    minute(&now).await;
    let early = actions.listener_news(user).await.unwrap();
    assert!(early.new.is_empty(), "seen once is not enough: {early:?}");
    minute(&now).await;
    let news = actions.listener_news(user).await.unwrap();
    assert_eq!((news.new.len(), news.new[0].owner.as_str()), (1, "apache2.service"));
    assert_eq!((news.gone.len(), news.gone[0].owner.as_str()), (1, "nginx.service"));
    let listing = actions.listeners().listing;
    let is_new = listing.listeners.iter().map(|listener| news.is_new(listener)).collect::<Vec<_>>();
    assert_eq!(is_new, [false, true]);
}

#[tokio::test]
async fn packages_are_handed_on() {
    let panel = Panel::new().await;
    let package = Package { name: "nginx-core".to_owned(), summary: "small web server".to_owned() };
    panel.actions.note_packages(Packages::from_iter([("/usr/sbin/nginx".to_owned(), package.clone())]));
    assert_eq!(panel.actions.packages().of("/usr/sbin/nginx"), Some(&package));
}
