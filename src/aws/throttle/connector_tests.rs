use super::*;
use crate::aws::throttle::gate::IN_FLIGHT;
use aws_smithy_types::body::SdkBody;
use std::collections::BTreeMap;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::yield_now;

/// Says where each request goes as it starts, and answers as permits are added.
#[derive(Debug, Clone)]
struct Held {
    started: UnboundedSender<String>,
    answers: Arc<Semaphore>,
}

impl HttpConnector for Held {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        HttpConnectorFuture::new(async move {
            let _ = this.started.send(request.uri().to_owned());
            let answer = this.answers.acquire().await;
            answer
                .map_err(|closed| ConnectorError::user(closed.into()))?
                .forget();
            let status = 200
                .try_into()
                .map_err(|_| ConnectorError::user("200".into()))?;
            Ok(HttpResponse::new(status, SdkBody::empty()))
        })
    }
}

impl HttpClient for Held {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// One gate before regions in which every answer is held back.
struct World {
    gate: Arc<Gate>,
    held: Held,
    started: UnboundedReceiver<String>,
    regions: BTreeMap<String, GatedConnector>,
}

impl World {
    fn new() -> Self {
        let (sender, started) = unbounded_channel();
        let allowed = [("ec2".to_owned(), "DescribeInstances".to_owned())];
        Self {
            // Ten tokens, and two more a second: a machine that is busy for a moment changes little.
            gate: Gate::new(Some(10.0), allowed),
            held: Held {
                started: sender,
                answers: Arc::new(Semaphore::new(0)),
            },
            started,
            regions: BTreeMap::new(),
        }
    }

    /// Sends a request to a region, and goes on as soon as it is sent or waits.
    async fn send(&mut self, region: &str) {
        let (gate, held) = (&self.gate, &self.held);
        let connector = self.regions.entry(region.to_owned());
        let connector = connector.or_insert_with(|| GatedConnector {
            gated: Gated {
                inner: SharedHttpClient::new(held.clone()),
                gate: Arc::clone(gate),
                account: "111122223333".to_owned(),
                service: "ec2".to_owned(),
                region: region.to_owned(),
                credentials: CredentialsCache::new(None),
            },
            inner: SharedHttpConnector::new(held.clone()),
        });
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri(region).expect("a path");
        request.add_extension(Operation("DescribeInstances".to_owned()));
        tokio::spawn(connector.call(request));
        yield_now().await;
    }

    /// Has one request answered, and returns where the next one goes.
    async fn next(&mut self) -> String {
        self.held.answers.add_permits(1);
        self.started.recv().await.expect("a request")
    }
}

#[tokio::test]
async fn requests_of_a_contended_bucket_do_not_wait_behind_those_of_others() {
    let mut world = World::new();
    // Until there is an answer, a region gets one request at a time.
    world.send("/busy").await;
    world.held.answers.add_permits(1);
    assert_eq!(world.started.recv().await.as_deref(), Some("/busy"));
    for number in 0..IN_FLIGHT {
        world.send(&format!("/{number}")).await;
        assert!(world.started.recv().await.is_some());
    }
    for number in 0..100 {
        world.send(&format!("/waiting-{number}")).await;
    }
    for _ in 0..8 {
        world.send("/busy").await;
    }
    assert!(world.started.is_empty(), "no more than that are in flight");
    // The first two or three find the bucket nearly full, and wait behind the others.
    for _ in 0..5 {
        assert_eq!(world.next().await, "/busy");
    }
    let rest = [world.next().await, world.next().await];
    assert!(rest.contains(&"/waiting-0".to_owned()), "{rest:?}");
}
