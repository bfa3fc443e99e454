//! One sheet under way: typed cells, inert text, filter, frozen head, print set-up.

use std::cell::RefCell;

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError};

use crate::report::i18n::{Language, continued_on, cut_mark};
use crate::report::numbers::{display_width, like_a_formula, spelled};
use crate::report::table_rows::Cell;

/// Rows of a sheet, the head included.
pub(crate) const MAX_ROWS: u32 = 1_048_576;
/// UTF-16 units of a cell.
const MAX_TEXT: usize = 32_767;
/// Whole numbers up to here are exact in a cell.
const EXACT: i64 = 1 << 53;
/// The font of every cell.
const FONT: &str = "Microsoft JhengHei";

/// A finished sheet.
pub(crate) struct Made {
    pub(crate) sheet: Worksheet,
    /// Its name.
    pub(crate) name: String,
    /// Data rows on it.
    pub(crate) rows: u64,
    /// The table its rows come from; empty where they come from the result.
    pub(crate) source: String,
    /// What it leaves out; empty where it holds all.
    pub(crate) note: String,
}

/// How a column shows its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Text on one line, or a number by its own type.
    Plain,
    /// A sentence, on several lines.
    Wrapped,
    /// A share of 1 as per cent.
    Share,
    /// A real number in full.
    Real,
    /// Empty cells with a frame, for an answer.
    Answer,
}

/// A column: head, width in characters, look.
pub(crate) type Column = (String, f64, Look);

/// A workbook's formats, and the book that numbers them: a sheet that is written row by row has to be one of its own.
pub(crate) struct Styles {
    book: RefCell<Workbook>,
    pub(crate) language: Language,
    pub(crate) title: Format,
    pub(crate) bold: Format,
    head: Format,
    text: Format,
    wrapped: Format,
    inert: Format,
    inert_wrapped: Format,
    whole: Format,
    real: Format,
    full: Format,
    share: Format,
    answer: Format,
}

impl Styles {
    pub(crate) fn new(language: Language) -> Self {
        let base = || Format::new().set_font_name(FONT).set_font_size(10).set_align(FormatAlign::Top);
        let head = base().set_bold().set_text_wrap().set_background_color(Color::RGB(0x00E5_E7EB)).set_border_bottom(FormatBorder::Thin);
        Self {
            book: RefCell::default(),
            language,
            title: base().set_bold().set_font_size(14),
            bold: base().set_bold(),
            head,
            text: base(),
            wrapped: base().set_text_wrap(),
            inert: base().set_quote_prefix(),
            inert_wrapped: base().set_text_wrap().set_quote_prefix(),
            whole: base().set_num_format("#,##0"),
            real: base().set_num_format("#,##0.000"),
            full: base().set_num_format("General"),
            share: base().set_num_format("0.00%"),
            answer: base().set_text_wrap().set_unlocked().set_border(FormatBorder::Thin).set_border_color(Color::RGB(0x00A3_ADBA)),
        }
    }

    /// A sheet that keeps only the row being written in memory.
    fn sheet(&self) -> Result<Worksheet, XlsxError> {
        self.book.borrow_mut().new_worksheet_with_constant_memory()
    }

    /// The book, when every sheet is made.
    pub(crate) fn into_book(self) -> Workbook {
        self.book.into_inner()
    }

    fn of_text(&self, text: &str, look: Look) -> &Format {
        match (like_a_formula(text), look == Look::Wrapped) {
            (true, true) => &self.inert_wrapped,
            (true, false) => &self.inert,
            (false, true) => &self.wrapped,
            (false, false) => &self.text,
        }
    }
}

/// A text as a cell can hold it: controls spelled out, cut with a mark where it is too long.
pub(crate) fn held(text: &str, language: Language) -> String {
    let whole = spelled(text);
    if whole.encode_utf16().count() <= MAX_TEXT {
        return whole;
    }
    let mark = language.pick(&cut_mark(text.chars().count())).to_owned();
    let room = MAX_TEXT - mark.encode_utf16().count();
    let mut used = 0;
    let kept: String = whole
        .chars()
        .take_while(|character| {
            used += character.len_utf16();
            used <= room
        })
        .collect();
    kept + &mark
}

/// A list of rows on as many sheets as it needs.
pub(crate) struct List<'s> {
    styles: &'s Styles,
    name: String,
    source: String,
    columns: Vec<Column>,
    sheet: Worksheet,
    /// What stands above the head; empty for nothing.
    note: String,
    /// Rows on this sheet, note and head included.
    row: u32,
    most: u32,
    done: Vec<Made>,
}

impl<'s> List<'s> {
    /// A list of the rows of `source`, in memory only until they are written; a `note` of what it leaves out stands above its head.
    pub(crate) fn new(name: &str, [source, note]: [&str; 2], columns: Vec<Column>, styles: &'s Styles) -> Result<Self, XlsxError> {
        let sheet = opened(name, note, &columns, styles)?;
        let row = 1 + u32::from(!note.is_empty());
        let (name, source, note) = (name.to_owned(), source.to_owned(), note.to_owned());
        Ok(Self { styles, name, source, columns, sheet, note, row, most: MAX_ROWS, done: Vec::new() })
    }

    /// The same with fewer rows a sheet.
    #[cfg(test)]
    fn with_most(mut self, most: u32) -> Self {
        self.most = most;
        self
    }

    /// Adds a row; where the sheet is full, on the next one.
    pub(crate) fn push(&mut self, cells: &[Cell]) -> Result<(), XlsxError> {
        // The last line is kept free, to say where the list goes on.
        if self.row + 1 >= self.most {
            let number = self.done.len() + 2;
            let next = format!("{} ({number})", self.name);
            let said = continued_on(&next);
            let said = self.styles.language.pick(&said);
            self.sheet.write_string_with_format(self.row, 0, said, &self.styles.bold)?;
            let fresh = opened(&next, &self.note, &self.columns, self.styles)?;
            let full = std::mem::replace(&mut self.sheet, fresh);
            self.close(full)?;
            self.row = self.head() + 1;
        }
        // Not every program measures wrapped text for itself.
        let tallest = cells.iter().zip(&self.columns).map(|(cell, (_, width, look))| text_lines(cell, *width, *look)).max().unwrap_or(1);
        if tallest > 1 {
            self.sheet.set_row_height(self.row, height(tallest))?;
        }
        for (at, (cell, (_, _, look))) in (0..).zip(cells.iter().zip(&self.columns)) {
            write_cell(&mut self.sheet, (self.row, at), cell, *look, self.styles)?;
        }
        self.row += 1;
        Ok(())
    }

    /// The row of the head.
    fn head(&self) -> u32 {
        u32::from(!self.note.is_empty())
    }

    fn close(&mut self, mut sheet: Worksheet) -> Result<(), XlsxError> {
        let last = u16::try_from(self.columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
        let (head, name) = (self.head(), sheet.name());
        sheet.autofilter(head, 0, (self.row - 1).max(head + 1), last)?;
        let (source, note) = (self.source.clone(), self.note.clone());
        self.done.push(Made { sheet, name, rows: u64::from(self.row - 1 - head), source, note });
        Ok(())
    }

    /// The finished sheets.
    pub(crate) fn finish(mut self) -> Result<Vec<Made>, XlsxError> {
        let last = std::mem::replace(&mut self.sheet, Worksheet::new());
        self.close(last)?;
        Ok(self.done)
    }
}

/// A sheet with its note and head, ready for the first row.
fn opened(name: &str, note: &str, columns: &[Column], styles: &Styles) -> Result<Worksheet, XlsxError> {
    let mut sheet = styles.sheet()?;
    sheet.set_name(name)?;
    let head = u32::from(!note.is_empty());
    if head > 0 {
        sheet.write_string_with_format(0, 0, note, &styles.bold)?;
    }
    for (at, (title, width, _)) in (0..).zip(columns) {
        sheet.set_column_width(at, *width)?;
        sheet.write_string_with_format(head, at, held(title, styles.language), &styles.head)?;
    }
    sheet.set_freeze_panes(head + 1, 0)?;
    sheet.set_repeat_rows(0, head)?;
    printed(&mut sheet);
    Ok(sheet)
}

/// A4 across, one page wide, with name and page number.
pub(crate) fn printed(sheet: &mut Worksheet) {
    sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0).set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3);
    sheet.set_header("&L&A").set_footer("&R&P / &N");
}

/// Lines a text takes in a column of `width` characters; 1 where it is not wrapped.
pub(crate) fn text_lines(cell: &Cell, width: f64, look: Look) -> usize {
    match (cell, look) {
        // Words are not broken, so that a line is not filled to its end.
        (Cell::Text(text), Look::Wrapped) => (display_width(text) as f64 / (width * 0.92).max(1.0)).ceil().max(1.0) as usize,
        _ => 1,
    }
}

/// Height of a row with so many lines, in points; Excel allows 409.
pub(crate) fn height(lines: usize) -> f64 {
    (lines as f64 * 14.0 + 2.0).min(409.0)
}

/// Writes a cell by its type; no text becomes a formula.
pub(crate) fn write_cell(sheet: &mut Worksheet, place: (u32, u16), cell: &Cell, look: Look, styles: &Styles) -> Result<(), XlsxError> {
    let (row, column) = place;
    match cell {
        Cell::Text(text) => sheet.write_string_with_format(row, column, held(text, styles.language), styles.of_text(text, look))?,
        Cell::Whole(number) if number.unsigned_abs() > EXACT.unsigned_abs() => {
            sheet.write_string_with_format(row, column, number.to_string(), &styles.text)?
        }
        Cell::Whole(number) => sheet.write_number_with_format(row, column, *number as f64, &styles.whole)?,
        Cell::Real(number) if !number.is_finite() => sheet.write_string_with_format(row, column, "\u{2013}", &styles.text)?,
        Cell::Real(number) => {
            let format = match look {
                Look::Share => &styles.share,
                Look::Real => &styles.full,
                _ => &styles.real,
            };
            sheet.write_number_with_format(row, column, *number, format)?
        }
        Cell::Empty | Cell::Instant(_) if look == Look::Answer => sheet.write_blank(row, column, &styles.answer)?,
        Cell::Empty | Cell::Instant(_) => sheet,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_what_a_cell_holds_and_says_so() {
        let cut = held(&"𠮷".repeat(40_000), Language::En);
        assert!(cut.encode_utf16().count() <= MAX_TEXT && cut.ends_with("… [cut: 40000 characters]"));
        assert_eq!(held("a\u{7}b\u{202e}", Language::En), "a<U+0007>b<U+202E>");
    }

    #[test]
    fn a_full_sheet_says_on_which_one_it_goes_on() {
        let styles = Styles::new(Language::En);
        let mut list = List::new("R", ["tables/x", ""], vec![("n".into(), 10.0, Look::Plain)], &styles).expect("a sheet").with_most(5);
        for n in 0..7 {
            list.push(&[Cell::Whole(n)]).expect("a row");
        }
        let made = list.finish().expect("finished");
        assert_eq!(made.iter().map(|made| (made.name.as_str(), made.rows)).collect::<Vec<_>>(), [("R", 3), ("R (2)", 3), ("R (3)", 1)]);
    }
}
