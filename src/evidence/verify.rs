//! Is every file still the one that the manifest lists? And where do two results differ first?

use std::path::{Component, Path};

use serde::Serialize;
use serde_json::Value;

use crate::evidence::{HashedFile, Manifest, hash_file};
use crate::record::Diagnostic;

/// Which list of the manifest a file belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Files read.
    Input,
    /// study.toml and what it names.
    Configuration,
    /// Files written.
    Output,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Size and hash are those of the manifest.
    Same,
    /// They are not.
    Changed,
    /// The file is not there.
    Missing,
    /// The file is there, and the manifest does not list it.
    NotListed,
}

/// A file that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Which list.
    pub part: Part,
    /// Path as the manifest writes it.
    pub path: String,
    /// What became of it.
    pub standing: Standing,
    /// As listed; null where it is not.
    pub listed: Option<HashedFile>,
    /// As found; null where it is missing.
    pub found: Option<HashedFile>,
}

/// Every input, below the folder of study.toml; `present` are the files that study.toml names today.
///
/// # Errors
/// When a file that is there cannot be read.
pub fn verify_inputs(manifest: &Manifest, base: &Path, present: &[String]) -> Result<Vec<Verified>, Diagnostic> {
    verify(Part::Input, &manifest.inputs, base, present)
}

/// study.toml at `study`, and the files that it names beside it.
///
/// # Errors
/// When a file that is there cannot be read.
pub fn verify_configuration(manifest: &Manifest, study: &Path) -> Result<Vec<Verified>, Diagnostic> {
    let base = study.parent().unwrap_or(Path::new(""));
    let (own, layouts) = manifest.configuration.split_at(manifest.configuration.len().min(1));
    let mut all = Vec::new();
    for listed in own {
        all.push(look(Part::Configuration, listed, Some(study))?);
    }
    all.extend(verify(Part::Configuration, layouts, base, &[])?);
    Ok(all)
}

/// Every output; `present` are the files in the folder, the manifest left out.
///
/// # Errors
/// When a file that is there cannot be read.
pub fn verify_outputs(manifest: &Manifest, folder: &Path, present: &[String]) -> Result<Vec<Verified>, Diagnostic> {
    verify(Part::Output, &manifest.outputs, folder, present)
}

fn verify(part: Part, listed: &[HashedFile], base: &Path, present: &[String]) -> Result<Vec<Verified>, Diagnostic> {
    let mut all = Vec::with_capacity(listed.len());
    for file in listed {
        // An output stands below its folder, whatever a forged manifest says.
        let inside = Path::new(&file.path).components().all(|component| matches!(component, Component::Normal(_)));
        let path = (part != Part::Output || inside).then(|| base.join(&file.path));
        all.push(look(part, file, path.as_deref())?);
    }
    for name in present.iter().filter(|name| !listed.iter().any(|file| file.path == **name)) {
        let found = hash_file(&base.join(name), name)?;
        all.push(Verified { part, path: name.clone(), standing: Standing::NotListed, listed: None, found: Some(found) });
    }
    Ok(all)
}

fn look(part: Part, listed: &HashedFile, path: Option<&Path>) -> Result<Verified, Diagnostic> {
    let found = path.filter(|path| path.is_file()).map(|path| hash_file(path, &listed.path)).transpose()?;
    let standing = match &found {
        None => Standing::Missing,
        Some(found) if found == listed => Standing::Same,
        Some(_) => Standing::Changed,
    };
    Ok(Verified { part, path: listed.path.clone(), standing, listed: Some(listed.clone()), found })
}

/// A place where two JSON documents differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// JSON pointer (RFC 6901); empty for the whole document.
    pub path: String,
    /// What stands there in the one, as JSON; null where nothing does.
    pub was: Option<String>,
    /// And in the other.
    pub is: Option<String>,
}

/// The first place, in the order of the first document, where two documents differ.
#[must_use]
pub fn first_difference(was: &Value, is: &Value) -> Option<Difference> {
    let mut path = String::new();
    differ(was, is, &mut path).map(|(was, is)| {
        let shown = |value: Option<&Value>| value.map(ToString::to_string);
        Difference { path, was: shown(was), is: shown(is) }
    })
}

type Pair<'v> = (Option<&'v Value>, Option<&'v Value>);

fn differ<'v>(was: &'v Value, is: &'v Value, path: &mut String) -> Option<Pair<'v>> {
    let length = path.len();
    let step = |name: &str, one: Option<&'v Value>, other: Option<&'v Value>, path: &mut String| {
        path.push('/');
        path.push_str(&name.replace('~', "~0").replace('/', "~1"));
        let found = match (one, other) {
            (Some(one), Some(other)) => differ(one, other, path),
            pair => Some(pair),
        };
        if found.is_none() {
            path.truncate(length);
        }
        found
    };
    match (was, is) {
        (Value::Object(one), Value::Object(other)) => {
            let known = one.iter().find_map(|(name, value)| step(name, Some(value), other.get(name), path));
            known.or_else(|| {
                other.iter().filter(|(name, _)| !one.contains_key(*name)).find_map(|(name, value)| step(name, None, Some(value), path))
            })
        }
        (Value::Array(one), Value::Array(other)) => {
            (0..one.len().max(other.len())).find_map(|at| step(&at.to_string(), one.get(at), other.get(at), path))
        }
        (one, other) if one == other => None,
        (one, other) => Some((Some(one), Some(other))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_named_by_its_path() {
        let value = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
        let one = value(r#"{"a": [1, {"b/c": 2.5}], "d": null}"#);
        for (other, path, was, is) in [
            (r#"{"a": [1, {"b/c": 2.6}], "d": null}"#, "/a/1/b~1c", Some("2.5"), Some("2.6")),
            (r#"{"a": [1], "d": null}"#, "/a/1", Some(r#"{"b/c":2.5}"#), None),
            (r#"{"a": [1, {"b/c": 2.5}], "d": null, "e": 1}"#, "/e", None, Some("1")),
            ("3", "", Some(r#"{"a":[1,{"b/c":2.5}],"d":null}"#), Some("3")),
        ] {
            let found = first_difference(&one, &value(other)).expect("they differ");
            assert_eq!((found.path.as_str(), found.was.as_deref(), found.is.as_deref()), (path, was, is));
        }
        assert_eq!(first_difference(&one, &one), None);
    }
}
