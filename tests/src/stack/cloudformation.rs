//! Creating a stack and waiting for it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use roxmltree::{Document, Node};

use super::aws::Aws;
use super::error::{Result, StackError};

const VERSION: &str = "2010-05-15";
const LIMIT: Duration = Duration::from_secs(180);

/// What `CreateStack` is given.
#[derive(Debug, Clone)]
pub struct Creation {
    /// The stack's name.
    pub name: String,
    /// Where the template lies; a body in the call may hold 51,200 bytes only.
    pub template_url: String,
    /// The template's parameters.
    pub parameters: BTreeMap<String, String>,
    /// Tags of the stack and of everything in it.
    pub tags: BTreeMap<String, String>,
}

/// A resource of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// `AWS::SQS::Queue`.
    pub kind: String,
    /// The physical id: a name, a URL or an ARN, as the type has it.
    pub id: String,
}

/// Creates the stack and returns when all of it is there.
///
/// # Errors
/// When CloudFormation refuses the template, when a resource cannot be made (each one named with its reason), or
/// after three minutes.
pub async fn create(aws: &Aws, creation: &Creation) -> Result<()> {
    let mut form = vec![("StackName".to_owned(), creation.name.clone()), ("TemplateURL".to_owned(), creation.template_url.clone())];
    let capabilities = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"];
    form.extend(capabilities.iter().zip(1..).map(|(name, n)| (format!("Capabilities.member.{n}"), (*name).to_owned())));
    members(&mut form, "Parameters", ("ParameterKey", "ParameterValue"), &creation.parameters);
    members(&mut form, "Tags", ("Key", "Value"), &creation.tags);
    aws.query("cloudformation", VERSION, "CreateStack", &form).await?;
    wait(aws, &creation.name).await
}

fn members(form: &mut Vec<(String, String)>, list: &str, names: (&str, &str), pairs: &BTreeMap<String, String>) {
    for ((key, value), number) in pairs.iter().zip(1..) {
        form.push((format!("{list}.member.{number}.{}", names.0), key.clone()));
        form.push((format!("{list}.member.{number}.{}", names.1), value.clone()));
    }
}

async fn wait(aws: &Aws, stack: &str) -> Result<()> {
    let started = Instant::now();
    loop {
        let status = status(aws, stack).await?;
        match status.as_str() {
            "CREATE_COMPLETE" => return Ok(()),
            "CREATE_IN_PROGRESS" if started.elapsed() < LIMIT => tokio::time::sleep(Duration::from_millis(100)).await,
            _ => return Err(failure(aws, stack, &status).await),
        }
    }
}

async fn status(aws: &Aws, stack: &str) -> Result<String> {
    let answer = describe(aws, "DescribeStacks", stack).await?;
    let document = Document::parse(&answer)?;
    let status = text_of(document.root_element(), "StackStatus");
    status.ok_or_else(|| StackError::new(format!("the stack {stack} has no status")))
}

async fn failure(aws: &Aws, stack: &str, status: &str) -> StackError {
    let reasons = failed_events(aws, stack).await.unwrap_or_default();
    StackError::new(format!("the template does not deploy: {status}\n{}", reasons.join("\n")))
}

async fn failed_events(aws: &Aws, stack: &str) -> Result<Vec<String>> {
    let answer = describe(aws, "DescribeStackEvents", stack).await?;
    let document = Document::parse(&answer)?;
    let mut reasons: Vec<String> = document.descendants().filter(is_member).filter_map(failed_event).collect();
    reasons.reverse();
    Ok(reasons)
}

fn failed_event(event: Node<'_, '_>) -> Option<String> {
    let status = text_of(event, "ResourceStatus").filter(|status| status.ends_with("FAILED"))?;
    let part = |name| text_of(event, name).unwrap_or_default();
    let (id, kind, reason) = (part("LogicalResourceId"), part("ResourceType"), part("ResourceStatusReason"));
    Some(format!("  {id} ({kind}) {status}: {reason}"))
}

/// Every resource of a stack by logical id.
///
/// # Errors
/// When there is no such stack.
pub async fn resources(aws: &Aws, stack: &str) -> Result<BTreeMap<String, Resource>> {
    let answer = describe(aws, "DescribeStackResources", stack).await?;
    let document = Document::parse(&answer)?;
    let entry = |member: Node<'_, '_>| {
        let resource = Resource { kind: text_of(member, "ResourceType")?, id: text_of(member, "PhysicalResourceId")? };
        Some((text_of(member, "LogicalResourceId")?, resource))
    };
    Ok(document.descendants().filter(is_member).filter_map(entry).collect())
}

/// The outputs of a stack.
///
/// # Errors
/// When there is no such stack.
pub async fn outputs(aws: &Aws, stack: &str) -> Result<BTreeMap<String, String>> {
    let answer = describe(aws, "DescribeStacks", stack).await?;
    let document = Document::parse(&answer)?;
    let entry = |member: Node<'_, '_>| Some((text_of(member, "OutputKey")?, text_of(member, "OutputValue")?));
    Ok(document.descendants().filter(is_member).filter_map(entry).collect())
}

async fn describe(aws: &Aws, action: &str, stack: &str) -> Result<String> {
    aws.query("cloudformation", VERSION, action, &[("StackName".to_owned(), stack.to_owned())]).await
}

fn is_member(node: &Node<'_, '_>) -> bool {
    node.has_tag_name("member") || node.tag_name().name() == "member"
}

/// The text of a child with a name, whatever its namespace.
fn text_of(node: Node<'_, '_>, name: &str) -> Option<String> {
    let direct = node.children().find(|child| child.tag_name().name() == name);
    let found = direct.or_else(|| node.descendants().find(|child| child.tag_name().name() == name));
    found.and_then(|child| child.text()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing step fails the test")]
    use roxmltree::Document;

    use super::{failed_event, is_member};

    #[test]
    fn failed_events_are_told_with_their_reason() {
        let xml = "<R xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><StackEvents>\
            <member><LogicalResourceId>Table</LogicalResourceId><ResourceType>AWS::DynamoDB::Table</ResourceType>\
            <ResourceStatus>CREATE_FAILED</ResourceStatus><ResourceStatusReason>no key</ResourceStatusReason></member>\
            <member><LogicalResourceId>Api</LogicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>\
            </StackEvents></R>";
        let document = Document::parse(xml).unwrap();
        let told: Vec<_> = document.descendants().filter(is_member).filter_map(failed_event).collect();
        assert_eq!(told, ["  Table (AWS::DynamoDB::Table) CREATE_FAILED: no key"]);
    }
}
