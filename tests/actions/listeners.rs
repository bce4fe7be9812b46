//! The list of listeners, against a helper that speaks the real protocol.

use std::{
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use portreeve::{
    boundary::{Refusal, Request, Response, VERSION, codec, limits},
    firewall::{
        Listener, Listing,
        listener::{Bind, Transport},
    },
};

use tokio::time::timeout;

use super::panel::Panel;

/// A helper that gives each question the next answer it is handed, and waits for it.
pub struct Helper {
    answers: mpsc::Sender<Response>,
    questions: Arc<AtomicUsize>,
}

impl Helper {
    pub fn start(state: &Path) -> Self {
        let socket = UnixListener::bind(state.join("helper.sock")).expect("a socket");
        let (answers, handed) = mpsc::channel();
        let questions = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&questions);
        thread::spawn(move || {
            for stream in socket.incoming().map_while(Result::ok) {
                converse(stream, &handed, &count);
            }
        });
        Self { answers, questions }
    }

    pub fn answer(&self, response: Response) {
        self.answers.send(response).expect("the helper runs");
    }
}

fn converse(mut stream: UnixStream, handed: &mpsc::Receiver<Response>, questions: &AtomicUsize) {
    while let Ok(request) = codec::read(&mut stream, limits::REQUEST_BYTES) {
        let response = match request {
            Request::Hello { version } if version == VERSION => Response::Hello { version },
            Request::ListListeners {} => {
                questions.fetch_add(1, Ordering::SeqCst);
                handed.recv().expect("an answer")
            }
            other => panic!("nobody asks {other:?} here"),
        };
        codec::write(&mut stream, &response, limits::RESPONSE_BYTES).expect("the panel listens");
    }
}

fn listeners(port: u16) -> Response {
    let listener = Listener {
        transport: Transport::Tcp,
        bind: Bind::Any4,
        port,
        interface: None,
        uid: 0,
        user: Some("root".to_owned()),
        processes: Vec::new(),
        unit: None,
        container: None,
    };
    Response::Listeners(Listing { listeners: vec![listener], omitted: 0 })
}

#[tokio::test]
async fn many_calls_at_once_ask_the_helper_once() {
    let panel = Panel::new().await;
    let helper = Helper::start(panel.state.path());
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let actions = panel.actions.clone();
            tokio::spawn(async move { actions.refresh_listeners().await })
        })
        .collect();
    // On one thread every call has begun once the first question has arrived and the others have had their turn.
    let asked = async {
        while helper.questions.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(30), asked).await.expect("the helper is asked");
    helper.answer(listeners(22));
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(helper.questions.load(Ordering::SeqCst), 1);
    assert_eq!(panel.actions.listeners().listing.listeners[0].port, 22);
}

#[tokio::test]
async fn a_later_call_asks_again() {
    let panel = Panel::new().await;
    let helper = Helper::start(panel.state.path());
    for port in [22, 443] {
        helper.answer(listeners(port));
        panel.actions.refresh_listeners().await;
        let view = panel.actions.listeners();
        assert_eq!(
            (view.listing.listeners[0].port, view.taken_at, view.fault),
            (port, Some(panel.actions.now()), None)
        );
        panel.pass(60);
    }
    assert_eq!(helper.questions.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_fault_stands_beside_the_last_good_list() {
    let panel = Panel::new().await;
    panel.actions.refresh_listeners().await;
    let view = panel.actions.listeners();
    assert!(view.listing.listeners.is_empty() && view.taken_at.is_none());
    assert!(view.fault.unwrap().contains("does not answer on"));

    let helper = Helper::start(panel.state.path());
    helper.answer(listeners(22));
    panel.actions.refresh_listeners().await;
    let good = panel.actions.listeners();
    assert!(good.fault.is_none());

    panel.pass(60);
    helper.answer(Response::Refused { refusal: Refusal::Kernel { reason: "no memory".to_owned() } });
    panel.actions.refresh_listeners().await;
    let view = panel.actions.listeners();
    assert_eq!((view.listing, view.taken_at), (good.listing, good.taken_at));
    assert!(view.fault.unwrap().contains("no memory"));
}
