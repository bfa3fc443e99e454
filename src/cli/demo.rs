//! `demo`: the sample study that ships inside the program.

use std::path::Path;

use colofair::record::Diagnostic;
use colofair::report::i18n::Language;
use colofair::study::{Command, Depth, RunOptions};

use crate::cli::arguments::{DemoJob, Globals};
use crate::cli::put_new;
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
    let options =
        RunOptions { max_rejects: None, pseudonyms: None, command: Command::Study, hash: true, full_tables: false, depth: Depth::Standard };
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
    for (name, contents) in SAMPLE {
        put_new(&folder.join(name), contents, ("請指明空的資料夾：colofair demo DIR", "name an empty folder: colofair demo DIR"))?;
    }
    Ok(())
}
