//! Sheets of figures: findings, checks, reconciliation, groups, pairs, stages, stamps, clocks, notices, options, inputs.

use rust_xlsxwriter::XlsxError;

use crate::record::Timestamp;
use crate::report::charts::{order_steps, receipt_steps};
use crate::report::figure_rows::{finding_heads, finding_rows, group_heads, group_rows, micros, pair_heads, pair_rows, text, whole};
use crate::report::i18n::{self, LABELS, Label, SHEETS, class_word};
use crate::report::model::{ClockStep, Reason, StudyResult};
use crate::report::table_rows::Cell;
use crate::report::view::{flattened, rule_words, source};
use crate::report::workbook::sheet::{Column, List, Look, Made, Styles};

/// Every sheet of figures, in the order of the workbook.
pub(crate) fn sheets(result: &StudyResult, styles: &Styles) -> Result<Vec<Made>, XlsxError> {
    let all = [findings, checks, reconciliation, groups, pairs, stages, stamps, clocks, notices, options, inputs];
    let mut made = Vec::new();
    for sheet in all {
        made.extend(sheet(result, styles)?);
    }
    Ok(made)
}

type Sheets = Result<Vec<Made>, XlsxError>;

fn list(name: Label, columns: Vec<Column>, rows: impl Iterator<Item = Vec<Cell>>, styles: &Styles) -> Sheets {
    let mut list = List::new(name.pick(styles.language), ["", ""], columns, styles)?;
    for row in rows {
        list.push(&row)?;
    }
    list.finish()
}

/// Columns from heads: the first few widths as given, the rest alike.
fn columns(heads: Vec<String>, widths: &[(f64, Look)]) -> Vec<Column> {
    let last = widths.last().copied().unwrap_or((14.0, Look::Plain));
    heads.into_iter().enumerate().map(|(at, head)| (head, widths.get(at).unwrap_or(&last).0, widths.get(at).unwrap_or(&last).1)).collect()
}

fn heads(labels: &[Label], styles: &Styles) -> Vec<String> {
    labels.iter().map(|label| label.pick(styles.language).to_owned()).collect()
}

fn findings(result: &StudyResult, styles: &Styles) -> Sheets {
    let plain = |width: f64| (width, Look::Plain);
    let widths = [plain(9.0), plain(8.0), plain(22.0), plain(10.0), (34.0, Look::Wrapped), plain(12.0), (10.0, Look::Share)];
    let more = [(60.0, Look::Wrapped), plain(28.0), plain(10.0), (50.0, Look::Answer)];
    let columns = columns(finding_heads(styles.language), &[&widths[..], &more[..]].concat());
    list(SHEETS.findings, columns, finding_rows(result, styles.language), styles)
}

fn checks(result: &StudyResult, styles: &Styles) -> Sheets {
    let language = styles.language;
    let labels = [LABELS.finding, SHEETS.family, SHEETS.title, LABELS.state, SHEETS.population, LABELS.found, SHEETS.clause];
    let more = [LABELS.reason, SHEETS.remedy, LABELS.ask, SHEETS.reply];
    let all = result.records.iter().flat_map(|records| &records.checks).chain(&result.checks);
    let rows = all.map(|check| {
        let rules: Vec<String> = check.rules.iter().map(|rule| language.pick(&rule_words(rule)).to_owned()).collect();
        let mut row =
            [&check.code, &check.family, language.pick(&check.title), i18n::state(&check.state).pick(language)].map(text).to_vec();
        row.extend([whole(check.population), whole(check.count), text(&rules.join("; "))]);
        row.extend([&check.reason, &check.remedy, &check.ask].map(|words| text(language.pick(words))));
        row.push(Cell::Empty);
        row
    });
    let plain = |width: f64| (width, Look::Plain);
    let wrapped = (44.0, Look::Wrapped);
    let widths = [plain(9.0), plain(8.0), (30.0, Look::Wrapped), plain(22.0), plain(12.0), plain(12.0), wrapped, wrapped, wrapped, wrapped];
    let columns = columns(heads(&[&labels[..], &more[..]].concat(), styles), &[&widths[..], &[(50.0, Look::Answer)]].concat());
    list(SHEETS.checks, columns, rows, styles)
}

fn reconciliation(result: &StudyResult, styles: &Styles) -> Sheets {
    let language = styles.language;
    let mut rows = Vec::new();
    let sides =
        [(LABELS.orders, &result.input.orders, order_steps(result)), (LABELS.receipts, &result.input.receipts, receipt_steps(result))];
    for (side, input, steps) in sides {
        rows.extend(
            steps
                .iter()
                .map(|step| vec![text(side.pick(language)), text(step.label.pick(language)), whole(step.n), Cell::Empty, Cell::Empty]),
        );
        rows.extend(input.rejects.iter().map(|reject| {
            vec![
                text(side.pick(language)),
                text(LABELS.rejected.pick(language)),
                whole(reject.rows),
                text(&reject.code),
                text(&reject.column),
            ]
        }));
    }
    let found = &result.reconciliation;
    let parts = [(LABELS.negative, found.negative), (LABELS.zero, found.zero)];
    rows.extend(parts.map(|(label, n)| {
        let step = format!("{}: {}", LABELS.matched.pick(language), label.pick(language));
        vec![text(LABELS.orders.pick(language)), text(&step), whole(n), Cell::Empty, Cell::Empty]
    }));
    // Orders that are not matched, by who sent them and how.
    rows.extend(result.breakdown.iter().map(|part| {
        let who =
            [&part.group, &part.channel, &part.algo].into_iter().filter(|text| !text.is_empty()).cloned().collect::<Vec<_>>().join(" / ");
        vec![
            text(LABELS.orders.pick(language)),
            text(class_word(&part.class).map_or(part.class.as_str(), |word| word.pick(language))),
            whole(part.n),
            Cell::Empty,
            text(&who),
        ]
    }));
    let columns = columns(
        heads(&[SHEETS.side, SHEETS.step, LABELS.rows, SHEETS.cause, SHEETS.column], styles),
        &[(12.0, Look::Plain), (26.0, Look::Plain), (14.0, Look::Plain), (20.0, Look::Plain), (40.0, Look::Plain)],
    );
    list(SHEETS.reconciliation, columns, rows.into_iter(), styles)
}

fn groups(result: &StudyResult, styles: &Styles) -> Sheets {
    list(SHEETS.groups, columns(group_heads(styles.language), &[(28.0, Look::Plain), (13.0, Look::Plain)]), group_rows(result), styles)
}

fn pairs(result: &StudyResult, styles: &Styles) -> Sheets {
    let language = styles.language;
    let all = pair_heads(language);
    let n_heads = all.len();
    let columns = all.into_iter().enumerate().map(|(at, head)| match at {
        0 | 1 => (head, 24.0, Look::Plain),
        2..=8 => (head, 14.0, if at == 7 { Look::Share } else { Look::Plain }),
        9..=11 => (head, 14.0, Look::Plain),
        _ if at + 1 == n_heads => (head, 60.0, Look::Wrapped),
        _ if at + 2 == n_heads => (head, 32.0, Look::Plain),
        _ => (head, 15.0, Look::Real),
    });
    list(SHEETS.pairs, columns.collect(), pair_rows(result, language), styles)
}

fn stages(result: &StudyResult, styles: &Styles) -> Sheets {
    let times = [LABELS.min, LABELS.p50, LABELS.p99, LABELS.max];
    let mut all = heads(&[LABELS.stage, LABELS.group, LABELS.n], styles);
    all.extend(heads(&times, styles).into_iter().map(|head| head + " (\u{b5}s)"));
    all.extend(heads(&times, styles).into_iter().map(|head| head + " (ns)"));
    all.extend(heads(&[LABELS.negative], styles));
    let rows = result.stages.iter().map(|row| {
        let times = [row.min, row.p50, row.p99, row.max];
        let stage = i18n::stage_words(&row.stage);
        let mut cells = vec![text(styles.language.pick(&stage)), text(&row.group), whole(row.n)];
        cells.extend(times.map(micros));
        cells.extend(times.map(Cell::Whole));
        cells.push(whole(row.negative));
        cells
    });
    list(SHEETS.stages, columns(all, &[(32.0, Look::Plain), (24.0, Look::Plain), (14.0, Look::Plain)]), rows, styles)
}

fn stamps(result: &StudyResult, styles: &Styles) -> Sheets {
    let language = styles.language;
    let mut all = heads(&[LABELS.source, LABELS.group, LABELS.verdict], styles);
    all.push(LABELS.resolution.pick(language).to_owned() + " (ns)");
    all.extend(heads(&[LABELS.signs], styles));
    let signs = |signs: &[Reason]| signs.iter().map(|sign| language.pick(&sign.words)).collect::<Vec<_>>().join("; ");
    let rows = result.stamps.iter().map(|row| {
        let verdict = i18n::verdict(&row.verdict).pick(language);
        vec![
            text(source(&row.source).pick(language)),
            text(&row.group),
            text(verdict),
            Cell::Whole(row.resolution),
            text(&signs(&row.signs)),
        ]
    });
    let widths = [(14.0, Look::Plain), (24.0, Look::Plain), (12.0, Look::Plain), (16.0, Look::Plain), (80.0, Look::Wrapped)];
    list(SHEETS.stamps, columns(all, &widths), rows, styles)
}

fn clocks(result: &StudyResult, styles: &Styles) -> Sheets {
    let language = styles.language;
    let all = vec![
        LABELS.source.pick(language).to_owned(),
        LABELS.offset.pick(language).to_owned() + " (ns)",
        SHEETS.drift.pick(language).to_owned(),
        SHEETS.steps_of_clock.pick(language).to_owned(),
    ];
    let real = |value: Option<f64>| value.map_or(Cell::Empty, Cell::Real);
    let rows = result.clocks.iter().map(|row| {
        let error = |step: &ClockStep| step.standard_error.map_or_else(String::new, |error| format!(" (SE {error:.0})"));
        let step = |step: &ClockStep| format!("{}: {:.0} ns{}", Timestamp(step.at), step.size, error(step));
        let steps: Vec<String> = row.steps.iter().map(step).collect();
        vec![text(source(&row.source).pick(language)), real(row.offset), real(row.drift), text(&steps.join("; "))]
    });
    let widths = [(14.0, Look::Plain), (18.0, Look::Real), (18.0, Look::Real), (80.0, Look::Wrapped)];
    list(SHEETS.clocks, columns(all, &widths), rows, styles)
}

fn notices(result: &StudyResult, styles: &Styles) -> Sheets {
    let rows = result.alerts.iter().chain(&result.notices).map(|words| vec![text(styles.language.pick(words))]);
    list(SHEETS.notices, columns(heads(&[SHEETS.notice], styles), &[(140.0, Look::Wrapped)]), rows, styles)
}

fn options(result: &StudyResult, styles: &Styles) -> Sheets {
    let rows = flattened(&result.options).into_iter().map(|option| {
        let origin = option.origin.map_or(Cell::Empty, |origin| text(origin.pick(styles.language)));
        vec![Cell::Text(option.key), Cell::Text(option.value), origin]
    });
    list(
        SHEETS.options,
        columns(
            heads(&[SHEETS.option, SHEETS.value, SHEETS.origin], styles),
            &[(48.0, Look::Plain), (90.0, Look::Wrapped), (16.0, Look::Plain)],
        ),
        rows,
        styles,
    )
}

fn inputs(result: &StudyResult, styles: &Styles) -> Sheets {
    let language = styles.language;
    let labels = [SHEETS.side, SHEETS.file, LABELS.format, SHEETS.encoding, LABELS.rows, LABELS.rejected, SHEETS.bytes];
    let mut all = heads(&labels, styles);
    all.push("SHA-256".to_owned());
    let sides = [(LABELS.orders, &result.input.orders), (LABELS.receipts, &result.input.receipts)];
    let rows = sides.into_iter().flat_map(|(side, input)| input.files.iter().map(move |file| (side, file))).map(|(side, file)| {
        let mut row = [side.pick(language), &file.path, &file.format, file.encoding.as_deref().unwrap_or("")].map(text).to_vec();
        row.extend([file.rows, file.rejected, file.bytes].map(whole));
        row.push(file.sha256.as_deref().map_or(Cell::Empty, text));
        row
    });
    let others = result.input.others.iter().map(|file| {
        let mut row = [LABELS.other_input.pick(language), &file.path, "", ""].map(text).to_vec();
        row.extend([Cell::Empty, Cell::Empty, whole(file.bytes), text(&file.sha256)]);
        row
    });
    let rows = rows.chain(others);
    let widths =
        [(12.0, Look::Plain), (48.0, Look::Plain), (10.0, Look::Plain), (12.0, Look::Plain), (14.0, Look::Plain), (12.0, Look::Plain)];
    let widths = [&widths[..], &[(16.0, Look::Plain), (70.0, Look::Plain)]].concat();
    list(SHEETS.inputs, columns(all, &widths), rows, styles)
}
