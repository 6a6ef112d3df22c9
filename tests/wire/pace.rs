//! Pace and the retry policy, on a clock that only moves when somebody sleeps.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use mapwright::clock::{Clock, TestClock};
use mapwright::http::{
    Outcome, Pace, Pacer, Repeat, Response, Step, WAIT_MAX, next_step, reset_moment, throttled_wait,
};

fn start() -> Timestamp {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

fn reply(status: u16, headers: &[(&str, &str)]) -> Response {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Response {
        status,
        headers: headers.iter().map(owned).collect(),
        body: Vec::new(),
    }
}

#[test]
fn no_hour_ever_sees_more_than_the_quota() {
    for quota in [1, 2, 10, 1000, 5000] {
        let clock = TestClock::at(start());
        let pacer = Pacer::new(Pace {
            per_second: None,
            is_spent: false,
            per_hour: Some(quota),
        });
        let mut sent = Vec::new();
        for _ in 0..quota * 3 {
            while let Err(wait) = pacer.take(clock.now()) {
                assert!(wait > Duration::ZERO);
                clock.sleep(wait);
            }
            sent.push(clock.now());
        }
        let quota = usize::try_from(quota).unwrap();
        for (first, beyond) in sent.iter().zip(&sent[quota..]) {
            let span = beyond.duration_since(*first);
            assert!(span >= SignedDuration::from_hours(1), "{quota}: {span}");
        }
        let whole = sent[sent.len() - 1].duration_since(sent[0]);
        assert!(
            whole <= SignedDuration::from_hours(4),
            "{quota} an hour took {whole}"
        );
    }
}

/// A process is last seen when it last writes to its ledger, and may ask on for a while; the one that comes an hour
/// after that begins without a burst.
#[test]
fn a_process_soon_after_another_one_begins_without_a_burst() {
    let quota = 30;
    let clock = TestClock::at(start());
    let mut sent = Vec::new();
    let mut send = |pacer: &Pacer, count: usize| {
        for _ in 0..count {
            while let Err(wait) = pacer.take(clock.now()) {
                clock.sleep(wait);
            }
            sent.push(clock.now());
        }
    };
    send(&Pacer::new(Pace::after(Some(quota), None, clock.now())), 12);
    clock.sleep(Duration::from_mins(50));
    let pace = Pace::after(Some(quota), Some(start()), clock.now());
    send(&Pacer::new(pace), 60);
    let quota = usize::try_from(quota).unwrap();
    for (first, beyond) in sent.iter().zip(&sent[quota..]) {
        let span = beyond.duration_since(*first);
        assert!(span >= SignedDuration::from_hours(1), "{span}");
    }
}

#[test]
fn without_a_quota_nothing_waits() {
    let pacer = Pacer::new(Pace::default());
    assert!((0..10_000).all(|_| pacer.take(start()).is_ok()));
}

#[test]
fn an_emptied_window_closes_until_its_reset() {
    let now = start();
    for reset in ["231126100500", "1795428300"] {
        let pacer = Pacer::new(Pace::default());
        let empty = reply(
            200,
            &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", reset)],
        );
        pacer.learn(&empty, now);
        assert_eq!(pacer.take(now), Err(Duration::from_mins(5)), "{reset}");
        assert!(pacer.take(now + SignedDuration::from_mins(5)).is_ok());
    }
}

#[test]
fn some_left_closes_nothing() {
    let pacer = Pacer::new(Pace::default());
    let some = [
        ("x-ratelimit-remaining", "1"),
        ("x-ratelimit-reset", "231126110000"),
    ];
    pacer.learn(&reply(200, &some), start());
    assert!(pacer.take(start()).is_ok());
}

#[test]
fn both_forms_of_the_reset_are_read() {
    let moment = start();
    assert_eq!(reset_moment("231126100000"), Some(moment));
    assert_eq!(reset_moment(" 1795428000 "), Some(moment));
    for nonsense in ["", "soon", "991399999999", "-5", "12:00"] {
        assert_eq!(reset_moment(nonsense), None, "{nonsense}");
    }
}

#[test]
fn a_nonsensical_wait_is_cut_to_an_hour() {
    let far = reply(429, &[("x-ratelimit-reset", "231227100000")]);
    assert_eq!(throttled_wait(&far, 1, start()), WAIT_MAX);
    let long = reply(429, &[("retry-after", "86400")]);
    assert_eq!(throttled_wait(&long, 1, start()), WAIT_MAX);
    let silent = reply(429, &[]);
    assert_eq!(throttled_wait(&silent, 1, start()), Duration::from_secs(2));
    assert_eq!(throttled_wait(&silent, 4, start()), Duration::from_secs(16));
    assert_eq!(throttled_wait(&silent, 99, start()), WAIT_MAX);
    let past = reply(429, &[("x-ratelimit-reset", "231126080000")]);
    assert_eq!(throttled_wait(&past, 1, start()), Duration::from_secs(2));
    let both = reply(
        429,
        &[("retry-after", "7"), ("x-ratelimit-reset", "231126100500")],
    );
    assert_eq!(throttled_wait(&both, 1, start()), Duration::from_secs(7));
}

#[test]
fn the_policy_says_whose_move_is_next() {
    let wait = Duration::from_secs(9);
    let answered = |status| Outcome::Answered { status, wait };
    for repeat in [Repeat::Safe, Repeat::Unsafe] {
        for status in [200, 201, 204, 400, 401, 403, 404, 422] {
            assert_eq!(
                next_step(1, answered(status), repeat),
                Step::Finish,
                "{status}"
            );
        }
        assert_eq!(
            next_step(1, answered(429), repeat),
            Step::Again { after: wait }
        );
        assert_eq!(next_step(12, answered(429), repeat), Step::Finish);
        assert!(matches!(
            next_step(1, Outcome::NotSent, repeat),
            Step::Again { .. }
        ));
        assert_eq!(next_step(5, Outcome::NotSent, repeat), Step::Finish);
    }
    for outcome in [answered(500), answered(503), Outcome::Unknown] {
        assert_eq!(next_step(1, outcome, Repeat::Unsafe), Step::Doubt);
        let after = Duration::from_secs(1);
        assert_eq!(next_step(2, outcome, Repeat::Safe), Step::Again { after });
        assert_eq!(next_step(5, outcome, Repeat::Safe), Step::Doubt);
    }
}

#[test]
fn a_pace_by_the_second_is_even_halved_by_too_many_and_won_back() {
    let clock = TestClock::at(start());
    let pacer = Pacer::new(Pace {
        per_second: Some(10),
        ..Pace::default()
    });
    let take = || {
        let before = clock.now();
        while let Err(wait) = pacer.take(clock.now()) {
            clock.sleep(wait);
        }
        clock.now().duration_since(before)
    };
    take();
    clock.sleep(Duration::from_hours(1));
    take();
    let gap = SignedDuration::from_millis(100);
    assert!(
        (0..20).all(|_| take() == gap),
        "an idle hour gives no burst"
    );
    pacer.learn(&reply(429, &[]), clock.now());
    take();
    assert_eq!(take(), gap * 2);
    for _ in 0..9 {
        pacer.learn(&reply(429, &[]), clock.now());
    }
    take();
    assert_eq!(take(), gap * 16, "it never stands still");
    for _ in 0..1000 {
        pacer.learn(&reply(200, &[]), clock.now());
    }
    take();
    assert_eq!(take(), gap);
}
