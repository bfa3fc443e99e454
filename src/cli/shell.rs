//! `completions` and `man`: what a shell and its user need to know of the commands.

use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;
use colofair::record::{Diagnostic, in_chinese};

use crate::cli::arguments::Arguments;
use crate::cli::print;

pub(crate) fn completions(shell: Shell) -> Result<u8, Diagnostic> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "colofair", &mut text);
    print(&String::from_utf8_lossy(&text));
    Ok(0)
}

pub(crate) fn man(folder: Option<&Path>) -> Result<u8, Diagnostic> {
    let command = Arguments::command();
    let Some(folder) = folder else {
        let mut text = Vec::new();
        // Writing into memory cannot fail.
        let _ = clap_mangen::Man::new(command).render(&mut text);
        print(&String::from_utf8_lossy(&text));
        return Ok(0);
    };
    let written = std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(command, folder));
    written.map_err(|error| {
        let problem = (format!("無法寫出說明頁：{}", in_chinese(&error)), format!("cannot write the manual pages: {error}"));
        Diagnostic::new("E0300", problem).in_file(folder).help(("請檢查權限與空間", "check permissions and space"))
    })?;
    print(&format!("{}\n", folder.display()));
    Ok(0)
}
