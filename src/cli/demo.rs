//! `demo`: the sample study that ships inside the program.

use std::fs;
use std::path::Path;

use colofair::record::{Diagnostic, in_chinese};
use colofair::report::i18n::Language;
use colofair::report::output::put_at;
use colofair::study::{Command, Depth, RunOptions};

use crate::cli::arguments::{DemoJob, Globals};
use crate::cli::{print, studies};

/// The committed sample: `data/sample/`, made by the command that its README names.
const SAMPLE: [(&str, &[u8]); 4] = [
    ("study.toml", include_bytes!("../../data/sample/study.toml")),
    ("orders.csv", include_bytes!("../../data/sample/orders.csv")),
    ("receipts.csv", include_bytes!("../../data/sample/receipts.csv")),
    ("clients.csv", include_bytes!("../../data/sample/clients.csv")),
];

pub(crate) fn demo(job: &DemoJob, globals: &Globals) -> Result<u8, Diagnostic> {
    unpack(&job.folder)?;
    let options = RunOptions {
        max_rejects: None,
        pseudonyms: None,
        command: Command::Study,
        hash: true,
        full_tables: false,
        depth: Depth::Standard,
        arguments: vec!["study".to_owned(), "study.toml".to_owned()],
    };
    let out = job.folder.join("out");
    let code = studies::run(&job.folder.join("study.toml"), &out, &options, globals)?;
    if !globals.quiet && globals.format.is_none() {
        let report = out.join("report.html");
        let study = job.folder.join("study.toml");
        let (report, study, out) = (report.display(), study.display(), out.display());
        print(&match Language::of(&studies::load(&job.folder.join("study.toml"), globals)?.language) {
            Language::ZhTw => {
                format!("\n範例研究已完成。請以瀏覽器開啟 {report}\n自行執行：colofair study {study} -o {out}（結束碼為 {code}）\n")
            }
            Language::En => format!(
                "\nThe sample study ran. Open {report} in a browser.\nThe same by hand: colofair study {study} -o {out} (it ends with exit code {code})\n"
            ),
        });
    }
    Ok(0)
}

/// Writes the sample files; a file of the same name with other contents is not overwritten.
fn unpack(folder: &Path) -> Result<(), Diagnostic> {
    let failed = |path: &Path, error: &std::io::Error| {
        let problem = (format!("無法寫出範例：{}", in_chinese(error)), format!("cannot write the sample: {error}"));
        Diagnostic::new("E0300", problem).in_file(path)
    };
    fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    for (name, contents) in SAMPLE {
        let path = folder.join(name);
        match fs::read(&path) {
            Ok(found) if found == contents => (),
            Ok(_) => {
                let problem = ("這裡已有同名但內容不同的檔案", "a file of this name stands here already, with other contents");
                let help = ("請指明空的資料夾：colofair demo DIR", "name an empty folder: colofair demo DIR");
                return Err(Diagnostic::new("E0303", problem).in_file(&path).help(help));
            }
            Err(_) => put_at(&path, contents)?,
        }
    }
    Ok(())
}
