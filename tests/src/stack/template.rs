//! The deployment template as it is, but for what differs between AWS and this machine: where the code lies and for
//! which processor it was built.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

use super::build::Package;
use super::error::{During, Result, StackError};

const TO_JSON: &str = include_str!("template_json.py");

/// A parsed template.
#[derive(Debug, Clone)]
pub struct Template(Value);

impl Template {
    /// Reads a SAM template in YAML with AWS's own reader.
    ///
    /// # Errors
    /// When the file is missing or is no YAML.
    pub fn read(python: &Path, file: &Path) -> Result<Self> {
        let output = Command::new(python).args(["-c", TO_JSON]).arg(file).output()?;
        if !output.status.success() {
            let told = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(StackError::new(format!("{} cannot be read\n{told}", file.display())));
        }
        Ok(Self(serde_json::from_slice(&output.stdout).during(|| format!("{} as JSON", file.display()))?))
    }

    /// The functions: logical id → name of the binary, which `Metadata` gives to the build.
    #[must_use]
    pub fn functions(&self) -> BTreeMap<String, String> {
        let resources = self.0.get("Resources").and_then(Value::as_object);
        let functions = resources.into_iter().flatten().filter(|(_, resource)| is_function(resource));
        functions.filter_map(|(id, resource)| Some((id.clone(), binary(resource)?))).collect()
    }

    /// Whether a parameter exists.
    #[must_use]
    pub fn declares(&self, parameter: &str) -> bool {
        self.parameter(parameter).is_some()
    }

    /// The name of the stage of the API with a logical id, a parameter's default read through.
    #[must_use]
    pub fn stage(&self, api: &str) -> Option<String> {
        let stage = self.0.pointer(&format!("/Resources/{api}/Properties/StageName"))?;
        match stage.get("Ref").and_then(Value::as_str) {
            Some(parameter) => text(self.parameter(parameter)?.get("Default")?),
            None => text(stage),
        }
    }

    fn parameter(&self, name: &str) -> Option<&Value> {
        self.0.get("Parameters")?.get(name)
    }

    /// Points every function to its package in a bucket and to the processor of this machine.
    ///
    /// # Errors
    /// When a function has no package.
    pub fn localise(mut self, bucket: &str, packages: &BTreeMap<String, Package>) -> Result<Self> {
        // Lists in Globals are added to a function's own, they do not give way to it.
        if let Some(globals) = self.0.pointer_mut("/Globals/Function").and_then(Value::as_object_mut) {
            globals.remove("Architectures");
            globals.remove("CodeUri");
        }
        let resources = self.0.get_mut("Resources").and_then(Value::as_object_mut);
        for (id, resource) in resources.into_iter().flatten().filter(|(_, resource)| is_function(resource)) {
            let name = binary(resource).ok_or_else(|| StackError::new(format!("{id} names no binary in its Metadata")))?;
            let package = packages
                .get(&name)
                .ok_or_else(|| StackError::new(format!("{id} needs the function {name}, and functions/{name} does not exist")))?;
            let properties = properties(resource)?;
            properties.insert("CodeUri".to_owned(), json!(format!("s3://{bucket}/{}", package.key)));
            properties.insert("Architectures".to_owned(), json!([architecture()]));
        }
        Ok(self)
    }

    /// The template as CloudFormation takes it.
    #[must_use]
    pub fn body(&self) -> String {
        self.0.to_string()
    }
}

/// The root's `template.yaml`.
#[must_use]
pub fn of_the_root() -> PathBuf {
    super::build::workspace().join("template.yaml")
}

/// Lambda's name of this machine's processor.
#[must_use]
pub fn architecture() -> &'static str {
    if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" }
}

fn is_function(resource: &Value) -> bool {
    resource.get("Type").and_then(Value::as_str) == Some("AWS::Serverless::Function")
}

fn binary(resource: &Value) -> Option<String> {
    text(resource.pointer("/Metadata/BuildProperties/Binary")?)
}

fn properties(resource: &mut Value) -> Result<&mut Map<String, Value>> {
    let properties = resource.as_object_mut().map(|resource| resource.entry("Properties").or_insert_with(|| json!({})));
    properties.and_then(Value::as_object_mut).ok_or_else(|| StackError::new("a function's properties are no object"))
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing step fails the test")]
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::{Package, Template, architecture};

    fn template() -> Template {
        Template(json!({
            "Globals": {"Function": {"CodeUri": ".", "Architectures": [{"Ref": "Architecture"}], "Timeout": 29}},
            "Parameters": {"Stage": {"Type": "String", "Default": "v1"}},
            "Resources": {
                "Api": {"Type": "AWS::Serverless::Api", "Properties": {"StageName": {"Ref": "Stage"}}},
                "OrdersFunction": {"Type": "AWS::Serverless::Function", "Properties": {"Handler": "bootstrap"},
                    "Metadata": {"BuildMethod": "rust-cargolambda", "BuildProperties": {"Binary": "orders"}}}
            }
        }))
    }

    #[test]
    fn only_code_and_processor_change() {
        let package = Package { key: "orders-1-2.zip".to_owned(), path: "orders.zip".into() };
        let local = template().localise("code", &BTreeMap::from([("orders".to_owned(), package)])).unwrap();
        let mut expected = template().0;
        *expected.pointer_mut("/Globals/Function").unwrap() = json!({"Timeout": 29});
        *expected.pointer_mut("/Resources/OrdersFunction/Properties").unwrap() = json!({
            "Handler": "bootstrap", "CodeUri": "s3://code/orders-1-2.zip", "Architectures": [architecture()]
        });
        assert_eq!(local.0, expected);
    }

    #[test]
    fn a_function_without_its_folder_is_named() {
        let told = template().localise("code", &BTreeMap::new()).unwrap_err().to_string();
        assert!(told.contains("functions/orders does not exist"), "{told}");
    }

    #[test]
    fn the_stage_is_read_through_its_parameter() {
        assert_eq!(template().stage("Api").unwrap(), "v1");
        assert_eq!(template().functions().into_iter().collect::<Vec<_>>(), [("OrdersFunction".into(), "orders".into())]);
    }
}
