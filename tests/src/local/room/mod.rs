//! The control room: a page that shows the whole product at once, for people without a CRM. A demo dossier with the panel in it, the
//! traveller's page, the mailbox, the timeline of the trip, and buttons that play what happens on a trip.
//!
//! It stands in for the agency's CRM: its origin is the one that may frame our pages.

mod events;
mod pages;
mod trip;

use std::net::Ipv4Addr;
use std::sync::{Arc, OnceLock, Weak};

use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::Demo;
use crate::stack::Result;

pub use self::events::play;
pub use self::trip::Trip;

/// The running room. Dropping it closes it.
#[derive(Debug)]
pub struct Room {
    port: u16,
    doors: Arc<Doors>,
    serving: JoinHandle<()>,
}

/// What the handlers share. The demo holds the room, so that the room must not hold the demo.
#[derive(Debug, Default)]
struct Doors {
    demo: OnceLock<Weak<Demo>>,
    trip: tokio::sync::Mutex<Option<Trip>>,
}

impl Room {
    /// Opens the room on a free port; until it is furnished it can only frame.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn open() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (port, doors) = (listener.local_addr()?.port(), Arc::new(Doors::default()));
        let routes = Router::new()
            .route("/", get(whole))
            .route("/crm", get(crm))
            .route("/mailbox", get(mailbox))
            .route("/mail/{number}", get(mail))
            .route("/state", get(state))
            .route("/play/{event}", post(press))
            .route("/frame", get(frame))
            .with_state(Arc::clone(&doors));
        let serving = tokio::spawn(async move {
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self { port, doors, serving })
    }

    /// The origin that the agency lets frame its pages.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The same room by another name: another origin, which nobody allowed anything.
    #[must_use]
    pub fn other_origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// A page of this room that frames an address, as a CRM does.
    #[must_use]
    pub fn framing(origin: &str, url: &str) -> String {
        let mut page = url::form_urlencoded::Serializer::new(format!("{origin}/frame?"));
        page.append_pair("url", url);
        page.finish()
    }

    /// Shows a trip that was booked elsewhere.
    pub async fn show(&self, trip: &Trip) {
        *self.doors.trip.lock().await = Some(trip.clone());
    }

    /// Puts the demo in.
    pub fn furnish(&self, demo: &Arc<Demo>) {
        let _ = self.doors.demo.set(Arc::downgrade(demo));
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Doors {
    fn demo(&self) -> std::result::Result<Arc<Demo>, Trouble> {
        self.demo.get().and_then(Weak::upgrade).ok_or_else(|| Trouble("the demo is not up yet".to_owned()))
    }
}

/// What a person is told when something fails.
struct Trouble(String);

impl<E: std::error::Error> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, Html(pages::trouble(&self.0))).into_response()
    }
}

type Answer<T> = std::result::Result<T, Trouble>;

async fn whole(State(doors): State<Arc<Doors>>) -> Answer<Html<String>> {
    let demo = doors.demo()?;
    let mut trip = doors.trip.lock().await;
    if trip.is_none() {
        *trip = Some(Trip::book(&demo).await?);
    }
    Ok(Html(pages::whole()))
}

async fn crm(State(doors): State<Arc<Doors>>) -> Answer<Html<String>> {
    let demo = doors.demo()?;
    let trip = doors.trip.lock().await;
    let trip = trip.as_ref().ok_or_else(|| Trouble("no trip is booked".to_owned()))?;
    Ok(Html(pages::crm(trip, &trip.panel(&demo).await?)))
}

async fn state(State(doors): State<Arc<Doors>>) -> Answer<Json<serde_json::Value>> {
    let demo = doors.demo()?;
    let mut trip = doors.trip.lock().await;
    let trip = trip.as_mut().ok_or_else(|| Trouble("no trip is booked".to_owned()))?;
    Ok(Json(trip.state(&demo).await?))
}

async fn press(State(doors): State<Arc<Doors>>, Path(event): Path<String>) -> Answer<Json<serde_json::Value>> {
    let demo = doors.demo()?;
    let mut trip = doors.trip.lock().await;
    if event == "book" {
        *trip = Some(Trip::book(&demo).await?);
    }
    let trip = trip.as_mut().ok_or_else(|| Trouble("no trip is booked".to_owned()))?;
    if event != "book" {
        events::play(&demo, trip, &event).await?;
    }
    Ok(Json(trip.state(&demo).await?))
}

async fn mailbox(State(doors): State<Arc<Doors>>) -> Answer<Html<String>> {
    let demo = doors.demo()?;
    let messages = demo.sims.sendgrid.client().messages().await.map_err(|error| Trouble(error.to_string()))?;
    Ok(Html(pages::mailbox(&messages)))
}

/// One mail as the mail program shows it. It is served from here so that it can be framed at any width.
async fn mail(State(doors): State<Arc<Doors>>, Path(number): Path<usize>) -> Answer<Html<String>> {
    let demo = doors.demo()?;
    let url = format!("{}/_sim/messages/{number}.html", demo.sims.sendgrid.url);
    Ok(Html(demo.stack.aws.http().get(url).send().await?.error_for_status()?.text().await?))
}

#[derive(Deserialize)]
struct Framed {
    url: String,
}

async fn frame(Query(framed): Query<Framed>) -> Html<String> {
    Html(pages::frame(&framed.url))
}
