//! Deaths that a test means make no noise, and nothing that anybody logs goes unread.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, Once};

use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// What stands in every made-up value and in the key, and in nothing that may be logged.
const PRIVATE: [&str; 2] = ["zq", "x.example"];

static IS_READ: AtomicBool = AtomicBool::new(false);
static LINES: AtomicU64 = AtomicU64::new(0);
static LEAKS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A thread that dies takes the one that waits for it along; neither prints.
pub(crate) fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let words = info.payload().downcast_ref::<&str>().copied();
            if words != Some("a scoped thread panicked") {
                before(info);
            }
        }));
    });
}

/// From here on every line of every log is looked at, at the finest level.
pub(crate) fn read_logs() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let lines = fmt::layer().with_ansi(false).with_writer(Reader);
        let lines = lines.with_filter(dynamic_filter_fn(|_, _| IS_READ.load(Ordering::Relaxed)));
        tracing_subscriber::registry().with(lines).init();
    });
    IS_READ.store(true, Ordering::Relaxed);
}

/// Lines read so far.
pub(crate) fn lines_read() -> u64 {
    LINES.load(Ordering::Relaxed)
}

/// Lines with a value or a key in them, and no more of them from here on.
pub(crate) fn leaks() -> Vec<String> {
    std::mem::take(&mut LEAKS.lock().unwrap())
}

/// Looks at words that are shown to somebody.
pub(crate) fn read(words: &str) {
    LINES.fetch_add(1, Ordering::Relaxed);
    if is_private(words) {
        LEAKS.lock().unwrap().push(words.to_owned());
    }
}

/// Whether a made-up value, an address or the key stands in it.
pub(crate) fn is_private(words: &str) -> bool {
    PRIVATE.iter().any(|it| words.contains(it))
}

struct Reader;

impl io::Write for Reader {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        read(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Reader {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}
