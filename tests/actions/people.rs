//! Accounts of others: made, changed and removed, and never without an administrator.

use portreeve::{
    actions::{InvitationError, NewSession, PasswordProblem, PeopleError, SignInError, UserChange},
    store::{Role, User},
};

use super::panel::{HOME, NAME, PASSWORD, Panel, origin};

const NEW: &str = "brass heron 4 kites";

/// Makes an account and has its user choose a password.
async fn join(panel: &Panel, by: &NewSession, name: &str, role: Role) -> NewSession {
    let invitation = panel.actions.add_user(&by.signed_in, name, role, &origin(HOME)).await.expect("an account");
    panel
        .actions
        .accept_invitation(&invitation.token.expose(), NEW, &origin(HOME))
        .await
        .expect("a password")
        .expect("a session")
}

async fn lives(panel: &Panel, session: &NewSession) -> bool {
    panel.actions.find_session(&session.token).await.expect("a database").is_some()
}

async fn change(panel: &Panel, by: &NewSession, user: &User, change: UserChange) -> Result<(), PeopleError> {
    panel.actions.change_user(&by.signed_in, user.id, change, &origin(HOME)).await
}

#[tokio::test]
async fn a_new_account_opens_with_the_link_alone_and_once() {
    let (panel, anna) = Panel::with_account().await;
    let actions = &panel.actions;
    let invitation = actions.add_user(&anna.signed_in, "ben", Role::Operator, &origin(HOME)).await.unwrap();
    let token = invitation.token.expose();
    for guess in ["", NEW, PASSWORD] {
        assert!(matches!(panel.sign_in("ben", guess, HOME).await, Err(SignInError::Wrong)));
    }
    let weak = actions.accept_invitation(&token, "ben-password1", &origin(HOME)).await;
    assert!(matches!(weak, Err(InvitationError::Password(PasswordProblem::Guessable(_)))));
    let ben = actions.accept_invitation(&token, NEW, &origin(HOME)).await.unwrap().unwrap();
    assert_eq!((ben.signed_in.user.name.as_str(), ben.signed_in.user.role), ("ben", Role::Operator));
    let again = actions.accept_invitation(&token, "copper goose 7 doors", &origin(HOME)).await;
    assert!(matches!(again, Err(InvitationError::Token)));
    panel.sign_in("Ben", NEW, HOME).await.unwrap();
    let namesake = actions.add_user(&anna.signed_in, "BEN", Role::Viewer, &origin(HOME)).await;
    assert!(matches!(namesake, Err(PeopleError::NameTaken)));
}

#[tokio::test]
async fn a_link_is_void_after_a_day_and_when_there_is_a_newer_one() {
    let (panel, anna) = Panel::with_account().await;
    let (actions, home) = (&panel.actions, origin(HOME));
    let old = actions.add_user(&anna.signed_in, "ben", Role::Viewer, &home).await.unwrap();
    let new = actions.renew_password(&anna.signed_in, old.user.id, &home).await.unwrap();
    assert!(actions.invited(&old.token.expose()).await.unwrap().is_none());
    assert!(actions.invited(&new.token.expose()).await.unwrap().is_some());
    panel.pass(24 * 3600);
    let late = actions.accept_invitation(&new.token.expose(), NEW, &home).await;
    assert!(matches!(late, Err(InvitationError::Token)));
}

#[tokio::test]
async fn of_two_who_use_a_link_at_once_exactly_one_wins() {
    let (panel, anna) = Panel::with_account().await;
    let invitation = panel.actions.add_user(&anna.signed_in, "ben", Role::Viewer, &origin(HOME)).await.unwrap();
    let (token, home) = (invitation.token.expose(), origin(HOME));
    let (one, other) = tokio::join!(
        panel.actions.accept_invitation(&token, NEW, &home),
        panel.actions.accept_invitation(&token, "copper goose 7 doors", &home)
    );
    assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|won| **won).count(), 1);
}

#[tokio::test]
async fn another_role_and_switching_off_end_every_session_at_once() {
    let (panel, anna) = Panel::with_account().await;
    let ben = join(&panel, &anna, "ben", Role::Operator).await;
    let user = ben.signed_in.user.clone();
    change(&panel, &anna, &user, UserChange::Role(Role::Viewer)).await.unwrap();
    assert!(!lives(&panel, &ben).await);
    let ben = panel.sign_in("ben", NEW, HOME).await.unwrap();
    assert_eq!(ben.signed_in.user.role, Role::Viewer);
    change(&panel, &anna, &user, UserChange::Enabled(false)).await.unwrap();
    assert!(!lives(&panel, &ben).await);
    assert!(matches!(panel.sign_in("ben", NEW, HOME).await, Err(SignInError::Wrong)));
    change(&panel, &anna, &user, UserChange::Enabled(true)).await.unwrap();
    panel.sign_in("ben", NEW, HOME).await.unwrap();
    assert!(lives(&panel, &anna).await);
}

#[tokio::test]
async fn a_forced_new_password_voids_the_old_one_before_there_is_a_new_one() {
    let (panel, anna) = Panel::with_account().await;
    let ben = join(&panel, &anna, "ben", Role::Viewer).await;
    panel.actions.renew_password(&anna.signed_in, ben.signed_in.user.id, &origin(HOME)).await.unwrap();
    assert!(!lives(&panel, &ben).await);
    assert!(matches!(panel.sign_in("ben", NEW, HOME).await, Err(SignInError::Wrong)));
}

#[tokio::test]
async fn a_name_can_be_changed_but_not_taken_and_a_number_is_never_given_again() {
    let (panel, anna) = Panel::with_account().await;
    let ben = join(&panel, &anna, "ben", Role::Viewer).await.signed_in.user;
    for (name, is_free) in [("ANNA", false), ("<script>", false), ("Ben", true), ("carl", true)] {
        let renamed = change(&panel, &anna, &ben, UserChange::Name(name.to_owned())).await;
        assert_eq!(renamed.is_ok(), is_free, "{name}: {renamed:?}");
    }
    panel.sign_in("carl", NEW, HOME).await.unwrap();
    change(&panel, &anna, &ben, UserChange::Delete).await.unwrap();
    assert!(matches!(change(&panel, &anna, &ben, UserChange::Delete).await, Err(PeopleError::NotThere)));
    let dora = join(&panel, &anna, "dora", Role::Viewer).await.signed_in.user;
    assert_ne!(dora.id, ben.id);
}

#[tokio::test]
async fn the_last_administrator_stays_whatever_is_asked() {
    let (panel, anna) = Panel::with_account().await;
    let (actions, user) = (&panel.actions, anna.signed_in.user.clone());
    // Neither somebody without a password nor somebody who is switched off could help.
    actions.add_user(&anna.signed_in, "waits", Role::Administrator, &origin(HOME)).await.unwrap();
    let off = join(&panel, &anna, "off", Role::Administrator).await.signed_in.user;
    change(&panel, &anna, &off, UserChange::Enabled(false)).await.unwrap();
    for wish in [
        UserChange::Role(Role::Operator),
        UserChange::Role(Role::Viewer),
        UserChange::Enabled(false),
        UserChange::Delete,
    ] {
        let refused = change(&panel, &anna, &user, wish.clone()).await;
        assert!(matches!(refused, Err(PeopleError::LastAdministrator)), "{wish:?}");
    }
    let forced = actions.renew_password(&anna.signed_in, user.id, &origin(HOME)).await;
    assert!(matches!(forced, Err(PeopleError::LastAdministrator)));
    assert!(lives(&panel, &anna).await, "nothing of it happened");
    panel.sign_in(NAME, PASSWORD, HOME).await.unwrap();
    change(&panel, &anna, &off, UserChange::Enabled(true)).await.unwrap();
    change(&panel, &anna, &user, UserChange::Role(Role::Viewer)).await.expect("now there is another one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_administrators_who_demote_each_other_at_once_leave_one() {
    for _ in 0..5 {
        let (panel, anna) = Panel::with_account().await;
        let ben = join(&panel, &anna, "ben", Role::Administrator).await;
        let (first, second) = tokio::join!(
            change(&panel, &anna, &ben.signed_in.user, UserChange::Role(Role::Viewer)),
            change(&panel, &ben, &anna.signed_in.user, UserChange::Role(Role::Viewer))
        );
        assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|done| **done).count(), 1, "{first:?} {second:?}");
        let loser = if first.is_ok() { second } else { first };
        assert!(matches!(loser, Err(PeopleError::Forbidden)), "his session had ended: {loser:?}");
    }
}

#[tokio::test]
async fn sessions_of_somebody_else_end_one_by_one_or_all() {
    let (panel, anna) = Panel::with_account().await;
    let (one, two) = (join(&panel, &anna, "ben", Role::Viewer).await, panel.sign_in("ben", NEW, HOME).await.unwrap());
    let (id, home) = (one.signed_in.user.id, origin(HOME));
    let sessions = panel.actions.sessions_of(id).await.unwrap();
    let newest = sessions.iter().map(|session| session.id).max();
    panel.actions.end_sessions_of(&anna.signed_in, id, newest, &home).await.unwrap();
    assert_eq!((lives(&panel, &one).await, lives(&panel, &two).await), (true, false));
    panel.actions.end_sessions_of(&anna.signed_in, id, None, &home).await.unwrap();
    assert!(!lives(&panel, &one).await && lives(&panel, &anna).await);
}

#[tokio::test]
async fn what_was_done_to_whom_is_in_the_audit_log() {
    let (panel, anna) = Panel::with_account().await;
    let before = panel.audit().await.len();
    let ben = join(&panel, &anna, "ben", Role::Viewer).await.signed_in.user;
    change(&panel, &anna, &ben, UserChange::Role(Role::Operator)).await.unwrap();
    change(&panel, &anna, &anna.signed_in.user, UserChange::Delete).await.unwrap_err();
    change(&panel, &anna, &ben, UserChange::Delete).await.unwrap();
    let expected = [
        "user anna add_user ben done viewer",
        "user ben accept_invitation ben done",
        "user anna set_role ben done viewer to operator, sessions ended: 1",
        "user anna delete_user account refused this is the last administrator who can sign in: give somebody else that \
         role first",
        "user anna delete_user ben done operator",
    ];
    assert_eq!(panel.audit().await[before..], expected);
}
