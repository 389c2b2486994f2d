//! From binaries to a running stack.

use std::collections::BTreeMap;
use std::path::Path;

use super::aws::Aws;
use super::build::Package;
use super::cloudformation::{self, Creation};
use super::deployed::{self, Deployed};
use super::error::{During, Result};
use super::template::{Template, architecture};

const BUCKET: &str = "passerelle-local";
const STACK: &str = "passerelle-local";
/// MiniStack gives a REST API the id that this tag holds. The API's URL is so known before the deployment, and can be
/// a parameter of it.
const API_ID_TAG: &str = "ms-custom-id";
const API_ID: &str = "passerelle";

/// Uploads the packages and deploys a template; `parameters` that it does not declare are left out.
///
/// # Errors
/// When the template cannot be read or does not deploy.
pub async fn deploy(
    aws: &Aws,
    python: &Path,
    template: &Path,
    packages: &BTreeMap<String, Package>,
    parameters: &BTreeMap<String, String>,
) -> Result<Deployed> {
    let template = Template::read(python, template)?;
    let functions = template.functions();
    let parameters = chosen(&template, aws, parameters);
    let template_url = upload(aws, &template.localise(BUCKET, packages)?, packages).await?;
    let tags = BTreeMap::from([(API_ID_TAG.to_owned(), API_ID.to_owned())]);
    cloudformation::create(aws, &Creation { name: STACK.to_owned(), template_url, parameters, tags }).await?;
    deployed::read(aws, STACK, &functions).await
}

fn chosen(template: &Template, aws: &Aws, given: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::from([("Architecture".to_owned(), architecture().to_owned())]);
    if let Some(stage) = template.stage("Api") {
        let base = format!("{}/_aws/execute-api/{API_ID}/{stage}", aws.endpoint());
        parameters.insert("PublicBaseUrl".to_owned(), base);
    }
    parameters.extend(given.clone());
    parameters.retain(|name, _| template.declares(name));
    parameters
}

async fn upload(aws: &Aws, template: &Template, packages: &BTreeMap<String, Package>) -> Result<String> {
    aws.make_bucket(BUCKET).await?;
    for package in packages.values() {
        let bytes = std::fs::read(&package.path).during(|| format!("reading {}", package.path.display()))?;
        aws.put_object(BUCKET, &package.key, bytes).await?;
    }
    aws.put_object(BUCKET, "template.json", template.body().into_bytes()).await?;
    Ok(format!("{}/{BUCKET}/template.json", aws.endpoint()))
}
