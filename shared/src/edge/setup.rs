//! Building the house once, while the sandbox starts.

use lambda_runtime::{Context, Error};
use std::{sync::Arc, time::Duration};

use crate::{
    aws,
    config::Environment,
    domain::AgencyId,
    flows::{Certificates, CrmShelf, House, Phones, Settings},
    outbound::{Deadline, Outbound, ReqwestTransport},
    security::{AwsSecrets, Secrets},
    store::{Seals, Store},
    telemetry::{self, Metrics},
    world::World,
};

/// Everything that flows need, from the environment.
///
/// # Errors
/// Names the setting, secret or key that is missing or wrong.
pub async fn house(service: &'static str) -> Result<House, Error> {
    telemetry::init(service);
    let environment = Environment;
    let world = World::real();
    let config = aws::sdk_config().await;
    let prefix = environment.optional("AGENCY_SECRET_PREFIX").unwrap_or_else(|| "passerelle/agency/".to_owned());
    let source = Arc::new(AwsSecrets::new(aws_sdk_secretsmanager::Client::new(&config)));
    let secrets = Secrets::new(source, world.clone(), &prefix);
    let sealing_keys = environment.required("SEALING_KEYS_SECRET")?;
    let sealer = secrets.sealer(&sealing_keys).await?;
    let index = secrets.blind_index(&environment.required("INDEX_KEY_SECRET")?).await?;
    let table = environment.required("TABLE_NAME")?;
    let seals = Seals::new(sealer, world.clone(), &table);
    let store = Arc::new(Store::new(aws_sdk_dynamodb::Client::new(&config), table));
    let metrics = Metrics::new(service, world.clock.clone());
    let transport = Arc::new(ReqwestTransport::new(world.clone()));
    let outbound =
        Outbound::new(world.clone(), transport, store.clone(), Arc::new(seals.clone()), store.clone(), Arc::new(metrics.clone()));
    Ok(House {
        store: Store::clone(&store),
        secrets,
        seals,
        index,
        world,
        outbound,
        metrics,
        crms: CrmShelf::default(),
        certificates: Certificates::default(),
        phones: Phones::default(),
        settings: Settings {
            default_agency: environment.optional("DEFAULT_AGENCY").and_then(|id| AgencyId::parse(&id).ok()),
            public_base_url: environment.optional("PUBLIC_BASE_URL"),
            sealing_keys,
            retention_months: environment.optional("USAGE_RETENTION_MONTHS").and_then(|months| months.parse().ok()).unwrap_or(13),
        },
    })
}

/// When an invocation must be over. Some local runners state a deadline long past; then 29 seconds from now are taken,
/// API Gateway's own limit.
#[must_use]
pub fn deadline(context: &Context, house: &House) -> Deadline {
    let now = house.world.now();
    let stated = i64::try_from(context.deadline).ok().and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok());
    match stated.filter(|at| *at > now) {
        Some(at) => Deadline::at(at),
        None => Deadline::within(now, Duration::from_secs(29)),
    }
}
