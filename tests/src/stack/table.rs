//! Looking into the table.

use serde_json::{Map, Value, json};

use super::Stack;
use super::error::Result;

impl Stack {
    /// Every item of the table in DynamoDB's own JSON (`{"pk": {"S": "…"}}`).
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn scan(&self) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut start = Value::Null;
        loop {
            let mut body = json!({"TableName": self.deployed.table, "ConsistentRead": true});
            if let (Some(body), false) = (body.as_object_mut(), start.is_null()) {
                body.insert("ExclusiveStartKey".to_owned(), start);
            }
            let mut page = self.aws.json("dynamodb", "DynamoDB_20120810.Scan", &body).await?;
            if let Some(Value::Array(found)) = page.get_mut("Items").map(Value::take) {
                items.extend(found);
            }
            start = page.get_mut("LastEvaluatedKey").map(Value::take).unwrap_or(Value::Null);
            if start.is_null() {
                return Ok(items);
            }
        }
    }

    /// Every item of the table as plain JSON, see [`plain`].
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn items(&self) -> Result<Vec<Value>> {
        Ok(self.scan().await?.iter().map(plain).collect())
    }

    /// The items of one partition in the order of their sort keys, as plain JSON.
    ///
    /// # Errors
    /// When DynamoDB refuses.
    pub async fn partition(&self, pk: &str) -> Result<Vec<Value>> {
        let mut items = self.items().await?;
        let key = |item: &Value, name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        items.retain(|item| key(item, "pk") == pk);
        items.sort_by_key(|item| key(item, "sk"));
        Ok(items)
    }
}

/// An item without DynamoDB's type letters: numbers as JSON numbers, sets as arrays, bytes as their base64 text.
#[must_use]
pub fn plain(item: &Value) -> Value {
    match item.as_object() {
        Some(members) => members.iter().map(|(name, value)| (name.clone(), attribute(value))).collect::<Map<_, _>>().into(),
        None => item.clone(),
    }
}

fn attribute(value: &Value) -> Value {
    let Some((kind, inner)) = value.as_object().and_then(|typed| typed.iter().next()) else { return value.clone() };
    match (kind.as_str(), inner) {
        ("NULL", _) => Value::Null,
        ("N", Value::String(digits)) => serde_json::from_str(digits).unwrap_or_else(|_| inner.clone()),
        ("M", _) => plain(inner),
        ("L", Value::Array(list)) => list.iter().map(attribute).collect(),
        _ => inner.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::plain;

    #[test]
    fn type_letters_go_at_every_depth() {
        let item = json!({
            "pk": {"S": "ORDER#1"}, "attempt": {"N": "2"}, "late": {"BOOL": false}, "none": {"NULL": true},
            "history": {"L": [{"M": {"at": {"N": "1.5"}}}]}, "tags": {"SS": ["a"]}
        });
        let expected = json!({
            "pk": "ORDER#1", "attempt": 2, "late": false, "none": null, "history": [{"at": 1.5}], "tags": ["a"]
        });
        assert_eq!(plain(&item), expected);
    }
}
