//! An endpoint that answers as AWS does: from the emulators, from a recording of their answers, or from
//! memory. [`Rule`]s say which calls fail, and how. It counts the requests. Tests and benchmarks share
//! it.

#![allow(dead_code, reason = "none of those who share it uses all of it")]

mod bucket;
mod call;
mod counts;
pub(crate) mod modelled;
mod operation;
mod pace;
mod page;
mod protocol;
mod rule;
mod source;
mod wire;

#[allow(unused_imports, reason = "none of those who share it uses all of it")]
pub(crate) use self::{
    bucket::{Documented, documented},
    call::{Answer, Call},
    counts::{CallKey, Count, Counts, Ending},
    operation::Operation,
    protocol::{Protocol, Refusal, Wait, error},
    rule::{Effect, Pages, Rule},
    source::{Source, Tape},
    wire::Cut,
};

use axum::body::Bytes;
use axum::http::{Request, Response, header};
use bucket::Buckets;
use call::Arrived;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use pace::Pace;
use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use wire::Wire;

/// The account of the seed, and nothing of the user's.
pub(crate) const CREDENTIALS: [(&str, &str); 6] = [
    ("AWS_ACCESS_KEY_ID", ACCOUNT),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("AWS_CONFIG_FILE", "/dev/null"),
    ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ("AWS_EC2_METADATA_DISABLED", "true"),
    ("AWS_REGION", "eu-west-1"),
];

/// Emulators take an access key id of twelve digits for the account's id.
pub(crate) const ACCOUNT: &str = "123456789012";

/// Tokens of the pages that the endpoint makes up begin so.
const TOKEN: &str = "page-of-the-endpoint-";

/// A running endpoint. It stops with the runtime it was started on.
#[derive(Clone)]
pub(crate) struct Endpoint {
    inner: Arc<Inner>,
    address: SocketAddr,
}

struct Inner {
    source: Source,
    pace: Pace,
    first: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    rules: Mutex<Vec<Rule>>,
    buckets: Mutex<Buckets>,
    /// What to answer to a token that the endpoint made up.
    pages: Mutex<HashMap<String, Page>>,
    /// The operations of which such a page was requested.
    turned: Mutex<BTreeSet<Operation>>,
    /// The number of the next token.
    token: AtomicU64,
    counts: Mutex<Counts>,
}

/// What a token leads to.
#[derive(Clone)]
enum Page {
    Real(Answer),
    /// This many empty pages, and then the real one.
    Empty(u32, Answer),
    /// Itself.
    Same,
}

impl Endpoint {
    pub(crate) async fn start(source: Source) -> Self {
        let inner = Arc::new(Inner {
            source,
            pace: Pace::default(),
            first: Mutex::default(),
            rules: Mutex::default(),
            buckets: Mutex::default(),
            pages: Mutex::default(),
            turned: Mutex::default(),
            token: AtomicU64::default(),
            counts: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        tokio::spawn(accept(listener, Arc::clone(&inner)));
        Self { inner, address }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    /// The variable that sends an AWS SDK here for every service.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        vec![("AWS_ENDPOINT_URL".to_owned(), self.url())]
    }

    /// Every answer waits this long from now on.
    pub(crate) fn set_delay(&self, delay: Duration) {
        self.inner.pace.set(delay);
    }

    /// Calls this once, when the next request arrives and before it is answered.
    pub(crate) fn on_first_request(&self, call: impl FnOnce() + Send + 'static) {
        *self.inner.first.lock().unwrap() = Some(Box::new(call));
    }

    /// Lays down a rule, after those that are there. The first one that matches decides.
    pub(crate) fn rule(&self, mut rule: Rule) {
        rule.begin();
        self.inner.rules.lock().unwrap().push(rule);
    }

    /// Takes all rules away.
    pub(crate) fn without_rules(&self) {
        self.inner.rules.lock().unwrap().clear();
    }

    /// What was counted so far.
    pub(crate) fn counts(&self) -> Counts {
        self.inner.counts.lock().unwrap().clone()
    }

    /// What was counted since the last time.
    pub(crate) fn take_counts(&self) -> Counts {
        std::mem::take(&mut self.inner.counts.lock().unwrap())
    }

    /// The operations of which a page was requested that the endpoint made up.
    pub(crate) fn turned(&self) -> BTreeSet<Operation> {
        self.inner.turned.lock().unwrap().clone()
    }

    /// How many requests were not on the tape and went to an emulator, since the last time.
    pub(crate) fn take_forwarded(&self) -> usize {
        match &self.inner.source {
            Source::Emulators(emulators) => emulators.take_forwarded(),
            Source::Tape(_) | Source::Memory(_) => 0,
        }
    }

    /// Writes what the emulators said to a file, for [`Tape::load`].
    pub(crate) fn save_tape(&self, path: &Path) {
        match &self.inner.source {
            Source::Emulators(emulators) => emulators.tape().save(path),
            Source::Tape(tape) => tape.save(path),
            Source::Memory(_) => panic!("an account in memory has no tape"),
        }
    }
}

async fn accept(listener: TcpListener, inner: Arc<Inner>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, Arc::clone(&inner)));
    }
}

/// One connection, until it is closed or cut.
async fn serve(stream: TcpStream, inner: Arc<Inner>) {
    let cut = Arc::new(Mutex::new(None));
    let wire = TokioIo::new(Wire::new(stream, Arc::clone(&cut)));
    let service = hyper::service::service_fn(move |request| {
        let (inner, cut) = (Arc::clone(&inner), Arc::clone(&cut));
        async move { Ok::<_, Infallible>(respond(&inner, &cut, request).await) }
    });
    // A connection that breaks is what some tests are about.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(wire, service)
        .await;
}

async fn respond(
    inner: &Arc<Inner>,
    cut: &Mutex<Option<Cut>>,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    // The caller went away.
    let Ok(body) = body.collect().await else {
        return Response::default();
    };
    let call = Arrived::new(parts, body.to_bytes());
    let mut flight = Flight::begin(inner, &call);
    let first = inner.first.lock().unwrap().take();
    if let Some(tell) = first {
        tell();
    }
    let due = inner.pace.begin();
    let (ending, answer, broken) = decide(inner, &call).await;
    due.await;
    flight.ending = ending;
    *cut.lock().unwrap() = broken;
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    // The body may have been changed since.
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response
}

/// How a call ends, with which answer, and where the connection breaks.
async fn decide(inner: &Arc<Inner>, call: &Arrived) -> (Ending, Answer, Option<Cut>) {
    if let Some(page) = turn(inner, call) {
        return (Ending::Answered, page, None);
    }
    let mut edits = Vec::new();
    for effect in meets(inner, call) {
        let answer = inner.source.answer(call);
        match effect {
            Effect::Delay(delay) => tokio::time::sleep(delay).await,
            Effect::Tell(notify) => notify.notify_one(),
            Effect::See(see) => see(&call.call()),
            Effect::Edit(edit) => edits.push(edit),
            Effect::Gather(barrier) => {
                barrier.wait().await;
            }
            Effect::Hang => std::future::pending().await,
            Effect::Throttle(wait) => {
                if !inner.buckets.lock().unwrap().take(&CallKey::of(call)) {
                    let refusal = Refusal::Throttled(wait).answer(&call.call());
                    return (Ending::Throttled, refusal, None);
                }
            }
            Effect::Refuse(refusal) => {
                let ending = match refusal {
                    Refusal::Throttled(_) => Ending::Throttled,
                    Refusal::Internal | Refusal::Unavailable => Ending::Failed,
                    _ => Ending::Refused,
                };
                return (ending, refusal.answer(&call.call()), None);
            }
            Effect::Cut(cut) => return (Ending::Failed, answer.await, Some(cut)),
            Effect::Malformed => {
                let mut answer = answer.await;
                answer.body.truncate(answer.body.len() / 2);
                return (Ending::Failed, answer, None);
            }
            Effect::Noise => {
                let mut answer = answer.await;
                answer.body = Bytes::from_static(b"\xff<<{{[not what you asked for");
                return (Ending::Failed, answer, None);
            }
            Effect::Pages(pages) => {
                let page = match pages {
                    Pages::Empty(more) => Page::Empty(more, answer.await),
                    Pages::SameToken => Page::Same,
                };
                return (Ending::Answered, open(inner, call, page), None);
            }
        }
    }
    let answer = inner.source.answer(call).await;
    let answer = edits.iter().fold(answer, |a, edit| edit(&call.call(), a));
    (Ending::Answered, answer, None)
}

/// The effects of all rules that match, in order. Those after one that ends the matter do not see
/// the call.
fn meets(inner: &Inner, call: &Arrived) -> Vec<Effect> {
    let mut effects = Vec::new();
    for rule in inner.rules.lock().unwrap().iter_mut() {
        let Some(effect) = rule.apply(call) else {
            continue;
        };
        let goes_on = matches!(
            effect,
            Effect::Delay(_)
                | Effect::Tell(_)
                | Effect::See(_)
                | Effect::Edit(_)
                | Effect::Gather(_)
                | Effect::Throttle(_)
        );
        effects.push(effect);
        if !goes_on {
            break;
        }
    }
    effects
}

/// Gives a page that comes before the real one, under a token of its own.
fn open(inner: &Inner, call: &Arrived, page: Page) -> Answer {
    let number = inner.token.fetch_add(1, Ordering::Relaxed);
    let token = format!("{TOKEN}{number:08}");
    // The first page is this one.
    let next = match page {
        Page::Empty(0 | 1, answer) => Page::Real(answer),
        Page::Empty(more, answer) => Page::Empty(more - 1, answer),
        other => other,
    };
    inner.pages.lock().unwrap().insert(token.clone(), next);
    page::empty(&call.call(), &token)
}

/// The page that a call asks for with a token that the endpoint made up.
fn turn(inner: &Inner, call: &Arrived) -> Option<Answer> {
    let whole = [call.parts.uri.to_string().as_bytes(), &call.body].concat();
    let at = whole
        .windows(TOKEN.len())
        .position(|w| w == TOKEN.as_bytes())?;
    let token = whole.get(at..at + TOKEN.len() + 8)?;
    let token = std::str::from_utf8(token).ok()?.to_owned();
    let page = inner.pages.lock().unwrap().get(&token).cloned()?;
    let operation = call.operation.clone();
    inner.turned.lock().unwrap().insert(operation);
    Some(match page {
        Page::Real(answer) => answer,
        Page::Same => page::empty(&call.call(), &token),
        page @ Page::Empty(..) => open(inner, call, page),
    })
}

/// A request in flight. It counts as abandoned unless an ending is set.
struct Flight {
    inner: Arc<Inner>,
    call_key: CallKey,
    ending: Ending,
}

impl Flight {
    fn begin(inner: &Arc<Inner>, call: &Arrived) -> Self {
        inner.counts.lock().unwrap().arrive(call);
        Self {
            inner: Arc::clone(inner),
            call_key: CallKey::of(call),
            ending: Ending::Abandoned,
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let mut counts = self.inner.counts.lock().unwrap();
        counts.end(&self.call_key, self.ending);
    }
}
