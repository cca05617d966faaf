//! Tables as Parquet, for programs that compute with many rows.

use std::sync::Arc;

use ::parquet::{
    basic::{Compression, LogicalType, Repetition, Type as Physical},
    data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type},
    file::{
        metadata::KeyValue,
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::Type,
};

use super::{
    ResultError,
    table::{Column, Labels, Table, Values},
};

/// Rows of a group, which readers take in at once.
const GROUP_ROWS: usize = 1_000_000;

/// A table as Parquet, compressed by Snappy, which every reader knows; a missing value is null. Labels are in the file's
/// key-value metadata.
pub fn parquet(table: &Table, labels: &Labels) -> Result<Vec<u8>, ResultError> {
    let rows = table.rows()?;
    let fields = table.columns.iter().map(field).collect::<Result<_, _>>()?;
    let schema = Type::group_type_builder("table").with_fields(fields).build()?;
    let pair = |(key, value): (&str, &str)| KeyValue::new(key.to_owned(), value.to_owned());
    let metadata = [("table", table.name.as_str())].into_iter().chain(labels.pairs()).map(pair).collect();
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("Kend".to_owned())
        .set_key_value_metadata(Some(metadata))
        .build();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::new(properties))?;
    for begin in (0..rows).step_by(GROUP_ROWS) {
        let end = rows.min(begin + GROUP_ROWS);
        let mut group = writer.next_row_group()?;
        for column in &table.columns {
            part(&mut group, &column.values, begin..end)?;
        }
        group.close()?;
    }
    writer.close()?;
    Ok(bytes)
}

fn field(column: &Column) -> Result<Arc<Type>, ResultError> {
    let (physical, logical) = match column.values {
        Values::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Values::Whole(_) => (Physical::INT64, None),
        Values::Number(_) => (Physical::DOUBLE, None),
    };
    let builder = Type::primitive_type_builder(&column.name, physical);
    let field = builder.with_repetition(Repetition::OPTIONAL).with_logical_type(logical).build()?;
    Ok(Arc::new(field))
}

/// The rows of a group of one column.
fn part(
    group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>,
    values: &Values,
    rows: std::ops::Range<usize>,
) -> Result<(), ResultError> {
    match values {
        Values::Text(values) => {
            let values = values.get(rows).unwrap_or_default().iter();
            column::<ByteArrayType>(group, values.map(|text| text.as_deref().map(ByteArray::from)))
        }
        Values::Whole(values) => column::<Int64Type>(group, values.get(rows).unwrap_or_default().iter().copied()),
        Values::Number(values) => {
            let values = values.get(rows).unwrap_or_default().iter();
            column::<DoubleType>(group, values.map(|number| number.filter(|number| number.is_finite())))
        }
    }
}

fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>,
    values: impl Iterator<Item = Option<T::T>>,
) -> Result<(), ResultError> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    let mut there = Vec::new();
    // 1 where there is a value: the columns may be null and are not nested.
    let levels: Vec<i16> = values
        .map(|value| {
            let level = i16::from(value.is_some());
            there.extend(value);
            level
        })
        .collect();
    column.typed::<T>().write_batch(&there, Some(&levels), None)?;
    column.close()?;
    Ok(())
}
