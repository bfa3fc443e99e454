//! Times of Parquet and Arrow columns as nanoseconds since the epoch.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, TimeUnit};

use crate::ingest::TimeFault;
use crate::ingest::rows::Cell;
use crate::record::Zone;

/// The instants of a column.
pub(crate) struct Instants {
    /// Nanoseconds since the epoch; anything where there is none.
    values: ScalarBuffer<i64>,
    present: Option<NullBuffer>,
    /// Rows whose time names no instant, ascending, and why.
    faults: Vec<(usize, TimeFault)>,
}

impl Instants {
    /// Those of a timestamp column; naive ones are local times of `naive_in`.
    pub(crate) fn of_timestamps(array: &ArrayRef, unit: TimeUnit, naive_in: Option<Zone>) -> Self {
        let scale = match unit {
            TimeUnit::Second => 1_000_000_000,
            TimeUnit::Millisecond => 1_000_000,
            TimeUnit::Microsecond => 1_000,
            TimeUnit::Nanosecond => 1,
        };
        Self::of_counts(array, scale, naive_in)
    }

    /// Those of whole numbers that count `unit` nanoseconds since the epoch; `None` where one of them is too large.
    pub(crate) fn of_whole_numbers(array: &ArrayRef, unit: i64) -> Option<Self> {
        let lossless = array.data_type().is_integer() && *array.data_type() != DataType::UInt64;
        lossless.then(|| Self::of_counts(array, unit, None)).filter(|found| found.faults.is_empty())
    }

    fn of_counts(array: &ArrayRef, scale: i64, naive_in: Option<Zone>) -> Self {
        let counts = cast(array, &DataType::Int64).expect("a timestamp or whole number casts to its count");
        let (counts, present) =
            (counts.as_primitive::<Int64Type>().values(), counts.nulls().filter(|nulls| nulls.null_count() > 0).cloned());
        let mut faults = Vec::new();
        if scale == 1 && naive_in.is_none() {
            return Self { values: counts.clone(), present, faults };
        }
        let mut naive = naive_in.map(Zone::naive_reader);
        let mut instant = |(row, count): (usize, &i64)| {
            let nanos = count.checked_mul(scale).ok_or(TimeFault::OutOfRange);
            let utc = nanos.and_then(|nanos| match &mut naive {
                None => Ok(nanos),
                Some(reader) => {
                    let offset = reader.offset_of(nanos).ok_or(TimeFault::Ambiguous)?;
                    nanos.checked_sub(offset).ok_or(TimeFault::OutOfRange)
                }
            });
            utc.unwrap_or_else(|fault| {
                if present.as_ref().is_none_or(|present| present.is_valid(row)) {
                    faults.push((row, fault));
                }
                0
            })
        };
        let values: Vec<i64> = counts.iter().enumerate().map(&mut instant).collect();
        Self { values: values.into(), present, faults }
    }

    /// Why a row names no instant though it holds a time.
    pub(crate) fn fault(&self, row: usize) -> Option<TimeFault> {
        self.faults.binary_search_by_key(&row, |(at, _)| *at).ok().map(|at| self.faults[at].1)
    }

    pub(crate) fn cell(&self, row: usize) -> Cell<'static> {
        if self.is_present(row) { Cell::Instant(self.values[row]) } else { Cell::Absent }
    }

    fn is_present(&self, row: usize) -> bool {
        self.present.as_ref().is_none_or(|present| present.is_valid(row))
    }

    /// Every value, where none of them is at fault, with which of them are present; `None` where all are.
    pub(crate) fn all(&self) -> Option<(&[i64], Option<&NullBuffer>)> {
        self.faults.is_empty().then(|| (&self.values[..], self.present.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int32Array, Int64Array, TimestampMicrosecondArray, UInt64Array};
    use proptest::prelude::*;

    use super::*;

    /// What one value says, by itself.
    fn plain(count: i64, scale: i64, zone: Option<Zone>) -> Result<i64, TimeFault> {
        let local = count.checked_mul(scale).ok_or(TimeFault::OutOfRange)?;
        let offset = zone.map_or(Some(0), |zone| zone.offset_of_local(local)).ok_or(TimeFault::Ambiguous)?;
        local.checked_sub(offset).ok_or(TimeFault::OutOfRange)
    }

    fn shown(cell: Cell<'_>) -> Option<i64> {
        if let Cell::Instant(nanos) = cell { Some(nanos) } else { None }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_column_says_what_each_of_its_values_says(
            // Around two changes of the offset, before 1980, and beyond what nanoseconds count.
            counts in prop::collection::vec(prop_oneof![
                8 => (-9_000_i64..9_000).prop_map(|second| (1_772_953_200 + second) * 1_000_000 + 7),
                8 => (-9_000_i64..9_000).prop_map(|second| (1_793_498_400 + second) * 1_000_000),
                2 => -3_000_000_000_000_000_i64..3_000_000_000_000_000,
                1 => any::<i64>(),
            ], 0..60),
            absent in prop::collection::vec(any::<bool>(), 60),
            zone in prop::sample::select(vec![None, Some("America/New_York"), Some("Asia/Taipei")]),
        ) {
            let zone = zone.map(|name| Zone::named(name).expect("known"));
            let held: Vec<Option<i64>> = counts.iter().zip(&absent).map(|(count, absent)| (!absent).then_some(*count)).collect();
            let array: ArrayRef = Arc::new(TimestampMicrosecondArray::from(held.clone()));
            let found = Instants::of_timestamps(&array, TimeUnit::Microsecond, zone);
            let mut n_faults = 0;
            for (row, count) in held.iter().enumerate() {
                let expected = count.map(|count| plain(count, 1_000, zone));
                match expected {
                    Some(Err(fault)) => {
                        n_faults += 1;
                        prop_assert_eq!(found.fault(row), Some(fault));
                    }
                    expected => {
                        prop_assert_eq!(found.fault(row), None);
                        prop_assert_eq!(shown(found.cell(row)), expected.and_then(Result::ok));
                    }
                }
            }
            prop_assert_eq!(found.all().is_some(), n_faults == 0);
            if let Some((values, present)) = found.all() {
                let all: Vec<Option<i64>> = values.iter().enumerate().map(|(row, value)| present.is_none_or(|p| p.is_valid(row)).then_some(*value)).collect();
                prop_assert_eq!(all, held.iter().map(|count| count.map(|count| plain(count, 1_000, zone).expect("no fault"))).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn whole_numbers_that_do_not_fit_are_left_to_be_read_as_texts() {
        let of = |array: ArrayRef| Instants::of_whole_numbers(&array, 1_000_000_000);
        let small = of(Arc::new(Int32Array::from(vec![Some(7), None]))).expect("small numbers");
        assert_eq!([0, 1].map(|row| shown(small.cell(row))), [Some(7_000_000_000), None]);
        assert!(of(Arc::new(Int64Array::from(vec![i64::MAX]))).is_none());
        assert!(of(Arc::new(UInt64Array::from(vec![1]))).is_none());
    }
}
