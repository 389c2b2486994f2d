//! `openapi.yaml` as a judge: whether an answer of the running system is one that the contract describes.

use crate::stack::{During, Result, StackError, build::workspace, python, template::Template};
use serde_json::{Map, Value, json};

/// The API description.
#[derive(Debug)]
pub struct Contract(Value);

impl Contract {
    /// Reads the description of the root.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn read() -> Result<Self> {
        let python = python::environment(&|_| {}).await?;
        let text = Template::read(&python, &workspace().join("openapi.yaml"))?.body();
        let mut description = serde_json::from_str(&text).during(|| "openapi.yaml".to_owned())?;
        nullable(&mut description);
        Ok(Self(description))
    }

    /// Holds an answer against the description of its operation: the status must be described, and the body must fit it.
    ///
    /// # Errors
    /// Says what does not fit.
    pub fn check(&self, method: &str, path: &str, status: u16, body: &Value) -> Result<()> {
        let place = format!("{} {path} {status}", method.to_uppercase());
        let operation = self.0.get("paths").and_then(|paths| paths.get(path)).and_then(|path| path.get(method.to_lowercase()));
        let responses = operation.and_then(|operation| operation.get("responses"));
        let response = responses.and_then(|responses| responses.get(status.to_string()));
        let response = response.ok_or_else(|| StackError::new(format!("{place} is not described")))?;
        let response = self.resolved(response);
        let content = response.get("content").and_then(Value::as_object).into_iter().flatten();
        let schema = content.filter(|(kind, _)| kind.contains("json")).find_map(|(_, media)| media.get("schema"));
        let schema = schema.ok_or_else(|| StackError::new(format!("{place} describes no JSON")))?;
        let whole = json!({"allOf": [schema], "components": self.0.get("components")});
        let validator = jsonschema::validator_for(&whole).map_err(|fault| StackError::new(format!("{place}: {fault}")))?;
        let faults: Vec<String> = validator.iter_errors(body).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        if faults.is_empty() { Ok(()) } else { Err(StackError::new(format!("{place}: {}", faults.join("; ")))) }
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let pointer = value.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
        pointer.and_then(|pointer| self.0.pointer(pointer)).unwrap_or(value)
    }
}

/// OpenAPI 3.0's `nullable: true` in JSON Schema's words.
fn nullable(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(nullable);
            if members.get("nullable") == Some(&Value::Bool(true)) {
                *value = json!({"anyOf": [without_nullable(members), {"type": "null"}]});
            }
        }
        Value::Array(items) => items.iter_mut().for_each(nullable),
        _ => {}
    }
}

fn without_nullable(members: &Map<String, Value>) -> Value {
    let mut members = members.clone();
    members.remove("nullable");
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::nullable;
    use serde_json::json;

    #[test]
    fn what_may_be_null_is_said_in_json_schemas_words() {
        let mut schema = json!({"properties": {"next": {"type": "string", "nullable": true}}});
        nullable(&mut schema);
        assert_eq!(schema, json!({"properties": {"next": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}));
    }
}
