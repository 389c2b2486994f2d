//! The way to the outside: the simulators, behind a network that loses, delays and garbles.

use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header::USER_AGENT};
use passerelle::outbound::{
    Answer, HttpRequest, Route, SendError, Transport,
    transport::{BROKE_OFF, NOT_REACHED, TIMED_OUT},
};
use passerelle_tests::sim::{
    airalo, bics, celitech,
    core::{in_process::InProcess, reply::Reply},
    esim_access, esim_go,
    hubspot::Desk,
    one_global, reference, sendgrid, telna,
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

use super::{
    faults::Fault,
    ground::{PUBLIC, webhook_address},
    stage::Stage,
    weather::{Blow, Weather},
};

/// Airalo as an account that orders asynchronously: what it takes is carried out when the run says so, and told by webhook.
pub const SLOW: &str = "airalo-async";

fn slow() -> InProcess {
    let sim = airalo::in_process_at("https://airalo-async.test");
    drop(sim.control(Method::POST, "settings", &json!({"hold_async": true})));
    let told_at = format!("{PUBLIC}/webhooks/{}", webhook_address(SLOW));
    drop(sim.control(Method::POST, "opt-in", &json!({"type": "async_orders", "webhook_url": told_at})));
    sim
}

/// Every outside system, each with records of its own.
#[derive(Clone)]
pub struct Outside {
    /// By account, which has the provider's name.
    pub providers: Arc<Vec<(&'static str, InProcess)>>,
    pub hubspot: InProcess,
    pub sendgrid: InProcess,
}

impl Outside {
    pub fn new(desk: &Desk) -> Self {
        let providers = vec![
            ("airalo", airalo::in_process()),
            (SLOW, slow()),
            ("bics", bics::in_process()),
            ("celitech", celitech::in_process()),
            ("esim-access", esim_access::in_process()),
            ("esim-go", esim_go::in_process()),
            ("one-global", one_global::in_process()),
            ("reference", reference::in_process()),
            ("telna", telna::in_process()),
        ];
        let sendgrid = sendgrid::in_process().expect("the published schema compiles");
        Self { providers: Arc::new(providers), hubspot: desk.hubspot.clone(), sendgrid }
    }

    pub fn provider(&self, account: &str) -> &InProcess {
        self.providers.iter().find(|(name, _)| *name == account).map(|(_, sim)| sim).expect("a provider of that name")
    }

    fn at(&self, host: &str) -> &InProcess {
        match host.trim_end_matches(".test") {
            "hubspot" => &self.hubspot,
            "sendgrid" => &self.sendgrid,
            account => self.provider(account),
        }
    }

    /// What a provider lists under a control.
    pub fn listed(&self, account: &str, control: &str) -> Vec<Value> {
        self.provider(account).control(Method::GET, control, &Value::Null).as_array().cloned().unwrap_or_default()
    }
}

/// The network.
#[derive(Clone)]
pub struct Wires {
    pub outside: Outside,
    pub stage: Stage,
    pub weather: Weather,
    pub fault: Option<Fault>,
}

/// What becomes of a call.
enum Fate {
    Fine,
    Unreachable,
    RequestLost,
    ReplyLost,
    AnswerLate,
    EffectLate,
    Refused(u16),
    Bad,
    Cut,
}

#[async_trait]
impl Transport for Wires {
    async fn send(&self, request: HttpRequest, _: &Route, time_out: Duration) -> Result<Answer, SendError> {
        let sent = self.once(&request, time_out).await;
        let spends = matches!(request.operation, "place_order" | "top_up");
        match (self.fault, sent) {
            (Some(Fault::RetriesOnTimeOut), Err(SendError::Unknown(_))) if spends => self.once(&request, time_out).await,
            (Some(Fault::TakesTimeOutForNotSent), Err(SendError::Unknown(_))) if spends => Err(SendError::NotSent(NOT_REACHED)),
            (_, sent) => sent,
        }
    }
}

impl Wires {
    async fn once(&self, request: &HttpRequest, time_out: Duration) -> Result<Answer, SendError> {
        let blow = self.weather.next_call();
        if blow == Some(Blow::CrashBefore) {
            self.stage.die().await;
        }
        self.weather.crash_here("before a call out").await;
        self.stage.pause(self.weather.delay(5, 120)).await;
        let fate = match blow {
            Some(Blow::Fails) => Fate::Unreachable,
            Some(Blow::ReplyLost) => Fate::ReplyLost,
            _ => self.fate(request),
        };
        self.stage.note(|| format!("{} {} → {}", request.operation, request.url.host_str().unwrap_or_default(), fate.name()));
        let result = match fate {
            Fate::Unreachable => Err(SendError::NotSent(NOT_REACHED)),
            Fate::RequestLost => self.silence(time_out).await,
            Fate::ReplyLost => {
                self.serve(request);
                Err(SendError::Unknown(BROKE_OFF))
            }
            Fate::AnswerLate => {
                self.serve(request);
                self.silence(time_out).await
            }
            Fate::EffectLate => {
                let (wires, request) = (self.clone(), request.clone());
                let late = time_out + self.weather.delay(0, 40_000);
                self.stage.spawn(async move {
                    wires.stage.pause(late).await;
                    wires.serve(&request);
                });
                self.silence(time_out).await
            }
            Fate::Refused(status) => Ok(refusal(status)),
            Fate::Bad => {
                self.serve(request);
                Ok(refusal(502))
            }
            Fate::Cut => Ok(answer(self.serve(request).truncated())),
            Fate::Fine => {
                let reply = self.serve(request);
                self.stage.pause(self.weather.delay(5, 600)).await;
                Ok(answer(reply))
            }
        };
        if blow == Some(Blow::CrashAfter) {
            self.stage.die().await;
        }
        self.weather.crash_here("after a call out").await;
        // Where it hurts: between what was learned and its writing down.
        self.weather.freeze_here().await;
        result
    }

    fn fate(&self, request: &HttpRequest) -> Fate {
        let strikes = |rate: fn(&super::weather::Rates) -> u64| self.weather.strikes(rate);
        if strikes(|r| r.forgets) {
            for (_, provider) in self.outside.providers.iter() {
                drop(provider.control(Method::POST, "tokens/expire", &Value::Null));
            }
        }
        match () {
            () if strikes(|r| r.unreachable) => Fate::Unreachable,
            () if strikes(|r| r.request_lost) => Fate::RequestLost,
            () if strikes(|r| r.reply_lost) => Fate::ReplyLost,
            // Nobody else's late effect can cost money, and the CRM's would be an older state over a newer one.
            () if strikes(|r| r.late) => match request.operation {
                "place_order" | "top_up" if self.stage.draw(|c| c.hits(500)) => Fate::EffectLate,
                _ => Fate::AnswerLate,
            },
            () if strikes(|r| r.refused) => Fate::Refused(*self.stage.draw(|c| *c.pick(&[&429, &503]))),
            () if strikes(|r| r.garbled) => {
                if self.stage.draw(|c| c.hits(500)) {
                    Fate::Bad
                } else {
                    Fate::Cut
                }
            }
            () => Fate::Fine,
        }
    }

    async fn silence(&self, time_out: Duration) -> Result<Answer, SendError> {
        self.stage.pause(time_out).await;
        Err(SendError::Unknown(TIMED_OUT))
    }

    fn serve(&self, request: &HttpRequest) -> Reply {
        let sim = self.outside.at(request.url.host_str().unwrap_or_default());
        sim.set_now(self.stage.now());
        let uri = request.url.as_str().parse().unwrap_or_default();
        let mut headers = request.headers.clone();
        // As the transport over sockets does for every call.
        headers.insert(USER_AGENT, HeaderValue::from_static("passerelle"));
        sim.serve(&request.method, &uri, &headers, &request.body)
    }
}

impl Fate {
    fn name(&self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Unreachable => "UNREACHABLE",
            Self::RequestLost => "REQUEST LOST",
            Self::ReplyLost => "REPLY LOST",
            Self::AnswerLate => "ANSWER LATE",
            Self::EffectLate => "EFFECT LATE",
            Self::Refused(_) => "REFUSED",
            Self::Bad => "502 AFTER THE EFFECT",
            Self::Cut => "ANSWER CUT",
        }
    }
}

fn refusal(status: u16) -> Answer {
    let reply = Reply::json(status, &json!({"message": "simulated fault"}));
    answer(if status == 429 { reply.with("retry-after", "7") } else { reply })
}

fn answer(reply: Reply) -> Answer {
    let mut headers = HeaderMap::new();
    for (name, value) in &reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            headers.append(name, value);
        }
    }
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    Answer { status, headers, body: reply.body.to_vec() }
}
