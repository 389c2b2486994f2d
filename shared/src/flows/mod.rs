//! The use cases, one file each. No flow knows AWS event shapes; time, chance and transport come with the [`House`].

pub mod absorb;
pub mod anonymise;
pub mod catalogue;
pub mod consume;
pub mod deliver;
pub mod esim_view;
pub mod exchange;
pub mod fulfil;
pub mod health;
pub mod house;
pub mod intake;
pub mod intake_air;
pub mod mail_events;
pub mod offer;
pub mod onboard;
pub mod order_view;
pub mod pages;
pub mod place_order;
pub mod poll_usage;
pub mod post_event;
pub mod purchase;
pub mod receive_webhook;
pub mod remind_topup;
pub mod renew_offers;
pub mod subscribe;
mod subscription_health;
pub mod subscriptions;
pub mod sync_catalogue;
pub mod sync_crm;
pub mod tasks;
pub mod topup;
pub mod watch_esim;

pub use house::{CrmShelf, House, Run, Settings};
