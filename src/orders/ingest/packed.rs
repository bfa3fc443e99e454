//! Names as Parquet packs them: each distinct text once, and a number a row.

use std::sync::Arc;

use arrow::array::{Array, StringArray};
use arrow::datatypes::{DataType, FieldRef, Schema};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::{Encoding, EncodingMask};

/// The codes of packed names, so that each is looked up once for all batches that share their texts, as those of a row group do.
///
/// They are those of one worker's book: to be used on one thread.
#[derive(Default)]
pub(crate) struct KnownNames(Vec<KnownColumn>);

/// Those of one column.
#[derive(Default)]
pub(crate) struct KnownColumn {
    texts: Option<StringArray>,
    codes: Vec<Option<u32>>,
}

impl KnownNames {
    /// Those of the column that is read as the `at`th.
    pub(crate) fn of_column(&mut self, at: usize) -> &mut KnownColumn {
        if self.0.len() <= at {
            self.0.resize_with(at + 1, KnownColumn::default);
        }
        &mut self.0[at]
    }
}

impl KnownColumn {
    /// The code of each text, where it was looked up already.
    pub(crate) fn codes_of(&mut self, texts: &StringArray) -> &mut [Option<u32>] {
        // The texts are held, so that no others can come to lie at their address.
        let same =
            |known: &StringArray| known.value_data().as_ptr() == texts.value_data().as_ptr() && known.offsets().ptr_eq(texts.offsets());
        if !self.texts.as_ref().is_some_and(same) {
            (self.texts, self.codes) = (Some(texts.clone()), vec![None; texts.len()]);
        }
        &mut self.codes
    }
}

/// How packed texts are held.
pub(crate) fn packed_text() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// Has names left packed that the file packs throughout: a text of a few accounts is then decoded and looked up once a row group.
///
/// `is_name` tells of a column of the file whether it is read as names.
pub(crate) fn with_packed_names(metadata: ArrowReaderMetadata, is_name: impl Fn(usize) -> bool) -> ArrowReaderMetadata {
    let (schema, file) = (metadata.schema(), metadata.metadata());
    // Columns of columns would shift the numbers.
    if file.file_metadata().schema_descr().num_columns() != schema.fields().len() {
        return metadata;
    }
    let is_packed = |root: usize| {
        file.row_groups().iter().map(|group| group.column(root)).all(|chunk| {
            let only = |mask: &EncodingMask| mask.is_only(Encoding::RLE_DICTIONARY) || mask.is_only(Encoding::PLAIN_DICTIONARY);
            chunk.dictionary_page_offset().is_some() && chunk.page_encoding_stats_mask().is_some_and(only)
        })
    };
    let packed = |(root, field): (usize, &FieldRef)| {
        let fits = *field.data_type() == DataType::Utf8 && is_name(root) && is_packed(root);
        if fits { Arc::new(field.as_ref().clone().with_data_type(packed_text())) } else { field.clone() }
    };
    let fields: Vec<FieldRef> = schema.fields().iter().enumerate().map(packed).collect();
    let options = ArrowReaderOptions::new().with_schema(Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone())));
    ArrowReaderMetadata::try_new(file.clone(), options).unwrap_or(metadata)
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, Int64Array};
    use arrow::record_batch::RecordBatch;
    use parquet::arrow::ArrowWriter;
    use parquet::file::properties::WriterProperties;
    use proptest::prelude::*;

    use super::*;
    use crate::ingest::{ColumnSource, Mapping, Source, TextOptions, TimeFormat, discover, read};
    use crate::reconcile::{RecordsBuilder, RecordsPart};
    use crate::record::{Column, NameBooks, Progress, Zone};

    /// The accounts of a file of `names`, and whether it was read packed.
    fn read_back(names: &[Option<String>], properties: WriterProperties) -> (Vec<String>, bool) {
        let file = tempfile::Builder::new().suffix(".parquet").tempfile().expect("a file");
        let accounts: ArrayRef = Arc::new(StringArray::from(names.to_vec()));
        let times: ArrayRef = Arc::new(Int64Array::from_iter_values(1..=names.len() as i64));
        let batch = RecordBatch::try_from_iter([("who", accounts), ("at", times)]).expect("a batch");
        let mut writer = ArrowWriter::try_new(file.reopen().expect("the file"), batch.schema(), Some(properties)).expect("a writer");
        writer.write(&batch).expect("rows");
        writer.close().expect("a footer");

        let metadata = ArrowReaderMetadata::load(file.as_file(), ArrowReaderOptions::new()).expect("a footer");
        let packed = *with_packed_names(metadata, |root| root == 0).schema().field(0).data_type() == packed_text();
        let mut mapping = Mapping::default();
        mapping.insert(Column::Account, ColumnSource::Named("who".to_owned()));
        mapping
            .insert(Column::SentAt, ColumnSource::Time { column: "at".to_owned(), time: None, format: TimeFormat::Epoch(1), zone: None });
        let path = file.path().to_string_lossy().into_owned();
        let files = discover(std::path::Path::new("/"), &[path], None).expect("the file");
        let source = Source { files, mapping, zone: Zone::UTC, text: TextOptions::default(), options: Default::default() };
        let (books, mut records) = (NameBooks::default(), RecordsBuilder::default());
        let wanted = [Column::Account, Column::SentAt];
        read(
            &source,
            &wanted,
            &books,
            &Progress::default(),
            |chunk| RecordsPart::of(chunk, |_| true),
            |place, part| {
                records.append(place, part);
            },
        )
        .expect("its rows");
        let records = records.finish(books);
        ((0..records.len()).map(|row| records.name(Column::Account, row).to_owned()).collect(), packed)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

        #[test]
        fn names_are_the_same_however_the_file_holds_them(
            names in prop::collection::vec(
                prop_oneof![4 => "[A-D]{1,2}", 2 => " ?[客A]{0,20} ?", 1 => Just(String::new())].prop_map(Some),
                1..300,
            ),
            absent in prop::collection::vec(any::<prop::sample::Index>(), 0..2),
            group in 1_usize..120,
            // Beyond so many bytes of distinct names the writer gives packing up, in the middle of a row group.
            most in prop_oneof![Just(1_usize << 20), 1_usize..60],
            packs in any::<bool>(),
        ) {
            let mut names = names;
            absent.iter().for_each(|at| { let at = at.index(names.len()); names[at] = None; });
            let properties = WriterProperties::builder()
                .set_max_row_group_row_count(Some(group))
                .set_dictionary_enabled(packs)
                .set_dictionary_page_size_limit(most)
                .set_data_page_row_count_limit(16)
                .set_write_batch_size(8);
            let (found, packed) = read_back(&names, properties.build());
            let expected: Vec<String> = names.iter().map(|name| name.as_deref().unwrap_or_default().trim().to_owned()).collect();
            prop_assert_eq!(found, expected);
            prop_assert!(packed || !packs || most < 60);
            prop_assert!(packs || !packed);
        }
    }
}
