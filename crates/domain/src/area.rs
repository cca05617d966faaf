//! Areas and scopes: who may hold and write what.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A code or scope that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an area: use letters, digits, `-` and `_`, at most 40")]
pub struct BadArea(String);

/// The code of an area: a rayon by ISO 3166-2 (`AZ-TOV`), or the country (`AZ`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema), ts(type = "string"))]
pub struct AreaCode(String);

impl AreaCode {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `self` is `other` or holds it: the country holds its rayons (`AZ` holds `AZ-TOV`).
    pub fn holds(&self, other: &Self) -> bool {
        other
            .0
            .strip_prefix(self.0.as_str())
            .is_some_and(|rest| rest.is_empty() || (rest.starts_with('-') && !self.0.contains('-')))
    }
}

impl TryFrom<String> for AreaCode {
    type Error = BadArea;
    fn try_from(code: String) -> Result<Self, BadArea> {
        let fits = (1..=40).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if fits { Ok(Self(code)) } else { Err(BadArea(code)) }
    }
}

impl std::str::FromStr for AreaCode {
    type Err = BadArea;
    fn from_str(code: &str) -> Result<Self, BadArea> {
        Self::try_from(code.to_owned())
    }
}

impl From<AreaCode> for String {
    fn from(code: AreaCode) -> Self {
        code.0
    }
}

impl std::fmt::Display for AreaCode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(&self.0)
    }
}

/// The smallest unit of access: one area in one project, written `project/area`. A log is one device's in one scope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "bindings", derive(ts_rs::TS, schemars::JsonSchema), ts(type = "string"))]
pub struct Scope {
    project: AreaCode,
    area: AreaCode,
}

impl Scope {
    /// The scope of an area in a project (project names follow the rules of area codes).
    pub const fn new(project: AreaCode, area: AreaCode) -> Self {
        Self { project, area }
    }

    /// The project's short name.
    pub const fn project(&self) -> &AreaCode {
        &self.project
    }

    /// The area.
    pub const fn area(&self) -> &AreaCode {
        &self.area
    }
}

impl TryFrom<String> for Scope {
    type Error = BadArea;
    fn try_from(text: String) -> Result<Self, BadArea> {
        let (project, area) = text.split_once('/').ok_or_else(|| BadArea(text.clone()))?;
        Ok(Self { project: project.parse()?, area: area.parse()? })
    }
}

impl std::str::FromStr for Scope {
    type Err = BadArea;
    fn from_str(text: &str) -> Result<Self, BadArea> {
        Self::try_from(text.to_owned())
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.project, self.area)
    }
}

/// The areas a person is responsible for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Areas(pub BTreeSet<AreaCode>);

impl Areas {
    /// Whether any of the areas is, or holds, `area`.
    pub fn hold(&self, area: &AreaCode) -> bool {
        self.0.iter().any(|own| own.holds(area))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_country_holds_its_rayons_and_a_rayon_only_itself() {
        let code = |text: &str| text.parse::<AreaCode>().unwrap();
        assert!(code("AZ").holds(&code("AZ-TOV")));
        assert!(code("AZ-TOV").holds(&code("AZ-TOV")));
        assert!(!code("AZ-SUS").holds(&code("AZ-SUS-city")));
        assert!(!code("AZ-TOV").holds(&code("AZ")));
        assert!(!code("AZ").holds(&code("AZX-TOV")));
    }

    #[test]
    fn a_scope_is_read_back_as_itself_and_rubbish_is_refused() {
        let scope = "demo/AZ-TOV".parse::<Scope>().unwrap();
        assert_eq!(scope.to_string(), "demo/AZ-TOV");
        for rubbish in ["", "demo", "demo/", "/AZ", "demo/AZ TOV", "demo/AZ/TOV"] {
            assert!(rubbish.parse::<Scope>().is_err(), "{rubbish}");
        }
    }
}
