//! What the program is built from: where crates come from, under which licences, which must never come in, and why each is here.
//!
//! `deny.toml` says the same to cargo-deny, which also knows the advisories; this needs neither a network nor a further tool.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::support::{repository, stderr};

/// Licences under which parts may go into a program under Apache-2.0.
const LICENCES: [&str; 12] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// An audit tool that stays offline has no use for these, and one day a feature may bring them.
const BANNED: [&str; 11] =
    ["async-std", "curl", "git2", "hyper", "native-tls", "object_store", "openssl", "openssl-sys", "reqwest", "rustls", "ureq"];

/// Crates that compile C or assembly: for these the README asks for a C compiler.
const FOREIGN: [&str; 4] = ["libmimalloc-sys", "psm", "stacker", "zstd-sys"];

/// Every package of the build on this machine, as cargo says.
fn packages() -> Vec<Value> {
    let cargo = || Command::new(env!("CARGO"));
    let host = Command::new("rustc").arg("-vV").output().unwrap();
    let host = String::from_utf8(host.stdout).unwrap();
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    // Not offline: the Python module is a member whose packages a build of the program alone has not fetched.
    let arguments = ["metadata", "--locked", "--format-version", "1", "--filter-platform", host];
    let output = cargo().args(arguments).current_dir(repository(".")).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn text<'a>(package: &'a Value, key: &str) -> &'a str {
    package[key].as_str().unwrap_or_default()
}

/// Whether an SPDX expression can be met: `AND` binds before `OR`, parentheses before both; `/` is `OR` as it was written formerly.
fn may_be_used(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = expression.split_whitespace().collect();
    let mut at = 0;
    let usable = any_of(&words, &mut at);
    assert_eq!(at, words.len(), "{expression}");
    usable
}

fn any_of(words: &[&str], at: &mut usize) -> bool {
    let mut usable = all_of(words, at);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        usable |= all_of(words, at);
    }
    usable
}

fn all_of(words: &[&str], at: &mut usize) -> bool {
    let mut usable = one(words, at);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        usable &= one(words, at);
    }
    usable
}

fn one(words: &[&str], at: &mut usize) -> bool {
    let word = words[*at];
    *at += 1;
    if word == "(" {
        let usable = any_of(words, at);
        assert_eq!(words[*at], ")");
        *at += 1;
        return usable;
    }
    if words.get(*at) == Some(&"WITH") {
        *at += 2;
        return LICENCES.contains(&format!("{word} WITH {}", words[*at - 1]).as_str());
    }
    LICENCES.contains(&word)
}

#[test]
fn every_crate_comes_from_the_public_registry_under_a_licence_that_fits() {
    assert!(may_be_used("(MIT OR GPL-3.0) AND BSD-3-Clause") && !may_be_used("MIT AND GPL-3.0") && may_be_used("GPL-3.0 OR MIT AND Zlib"));
    for package in packages() {
        let (name, source) = (text(&package, "name"), text(&package, "source"));
        let own = package["source"].is_null() && text(&package, "manifest_path").starts_with(&*repository("").to_string_lossy());
        assert!(own || source == "registry+https://github.com/rust-lang/crates.io-index", "{name} comes from {source}");
        assert!(may_be_used(text(&package, "license")), "{name}: {}", text(&package, "license"));
        assert!(!BANNED.contains(&name), "{name} must not be in the tree: `cargo tree -i {name}`");
    }
}

#[test]
fn code_of_other_languages_comes_in_by_few_known_crates() {
    let compiles = |package: &&Value| {
        let mut parts = package["dependencies"].as_array().unwrap().iter();
        parts.any(|part| text(part, "name") == "cc" && part["kind"] == "build" && part["optional"] == false)
    };
    let packages = packages();
    let found: BTreeSet<&str> = packages.iter().filter(compiles).map(|package| text(package, "name")).collect();
    assert_eq!(found, BTreeSet::from(FOREIGN));
}

/// Every direct dependency has its line under "Dependencies" in docs/architecture.md, and every line has its dependency.
#[test]
fn every_direct_dependency_says_why_it_is_here() {
    let document = std::fs::read_to_string(repository("docs/architecture.md")).unwrap();
    let start = document.find("\n## Dependencies\n").unwrap();
    let section = &document[start + 2..];
    let section = &section[..section.find("\n## ").unwrap_or(section.len())];
    let names = section.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    let listed: BTreeSet<String> =
        names.filter(|name| *name != "crate").flat_map(|names| names.split(", ")).map(|name| name.trim_matches('`').to_owned()).collect();
    let packages = packages();
    let own: Vec<&Value> = packages.iter().filter(|package| package["source"].is_null()).collect();
    let direct: BTreeSet<String> = own
        .iter()
        .flat_map(|package| package["dependencies"].as_array().unwrap())
        .map(|dependency| text(dependency, "name").to_owned())
        .filter(|name| !name.starts_with("colofair"))
        .collect();
    assert_eq!(listed, direct);
}
