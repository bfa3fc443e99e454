//! What every page has: head, style, script, the switch of the two languages; the same for a report and for a comparison.
//!
//! Every value goes through the template engine's HTML escaping; only the charts, whose text is escaped by their writer, do not.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use serde::Serialize;

use crate::report::charts::theme::{FONT_STACK, dark_css};
use crate::report::numbers::shown_name;

/// Templates by the names under which they include one another.
const TEMPLATES: [(&str, &str); 4] = [
    ("macros", include_str!("templates/macros.html.j2")),
    ("head", include_str!("templates/head.html.j2")),
    ("report", include_str!("templates/report.html.j2")),
    ("compare", include_str!("templates/compare.html.j2")),
];
pub(crate) const SCRIPT: &str = include_str!("templates/report.js");
/// The script by its hash: with it in the page's policy a browser runs this script and no other. A test computes it again.
pub(crate) const SCRIPT_HASH: &str = "sha256-zU2gq/gWZrlj6bmfFS222Pj/sp0U+mLUDC7GRgnk5hU=";
const STYLE: &str = include_str!("templates/report.css");

/// A page of `template`, with its title as it stands above each printed page.
pub(crate) fn rendered<V: Serialize>(template: &str, title: &str, view: V) -> String {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the default delimiters are valid"));
    for (name, source) in TEMPLATES {
        environment.add_template(name, source).expect("the templates are part of the program; a test renders them");
    }
    let dark = dark_css("@SCOPE");
    // Dark only on a screen: paper is white.
    let style =
        STYLE.replace("@FONTS", FONT_STACK).replace("@CHARTS_DARK", &dark.replace("@SCOPE", "")).replace("@TITLE", &css_string(title));
    let page = environment.get_template(template).and_then(|template| {
        template.render(context! {
            v => Serde(view),
            style => Value::from_safe_string(style),
            script => Value::from_safe_string(SCRIPT.to_owned()),
            script_hash => Value::from_safe_string(SCRIPT_HASH.to_owned()),
        })
    });
    page.expect("the template is part of the program and every field it names is in the view; a test renders it")
}

/// A text as the inside of a CSS string: everything but letters and digits as an escape, at most 60 columns.
fn css_string(text: &str) -> String {
    let escape = |c: char| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("\\{:x} ", u32::from(c)) };
    shown_name(text, 60).chars().map(escape).collect()
}
