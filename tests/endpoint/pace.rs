//! How long answers take, to a tenth of a millisecond. The runtime's timers go by whole ones and
//! round up: as AWS, the endpoint would be slower than it says.

use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// An answer that waits until then.
type Waiting = (Instant, oneshot::Sender<()>);

/// One delay for all answers, so that those that came first are due first.
pub(super) struct Pace {
    delay: Mutex<Duration>,
    waiting: mpsc::Sender<Waiting>,
}

impl Default for Pace {
    fn default() -> Self {
        let (waiting, due) = mpsc::channel::<Waiting>();
        std::thread::spawn(move || {
            for (at, answer) in due {
                std::thread::sleep(at.saturating_duration_since(Instant::now()));
                // Who went away meanwhile needs no answer.
                let _ = answer.send(());
            }
        });
        Self {
            delay: Mutex::default(),
            waiting,
        }
    }
}

impl Pace {
    pub(super) fn set(&self, delay: Duration) {
        *self.delay.lock().unwrap() = delay;
    }

    /// Begins now. The future ends when the answer is due.
    pub(super) fn begin(&self) -> impl Future<Output = ()> + use<> {
        let delay = *self.delay.lock().unwrap();
        let due = (!delay.is_zero()).then(|| {
            let (answer, due) = oneshot::channel();
            let waiting = self.waiting.send((Instant::now() + delay, answer));
            waiting.expect("the thread lives as long as this");
            due
        });
        async move {
            if let Some(due) = due {
                due.await.expect("each is answered");
            }
        }
    }
}
