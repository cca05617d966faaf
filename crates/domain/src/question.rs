//! How questions are answered.

use crate::vocabulary;

vocabulary! {
    /// How a question is answered, by its type in an `XLSForm` sheet.
    QuestionKind, "kind of question" {
        /// One of the choices.
        SelectOne = "select_one",
        /// Any of the choices.
        SelectMultiple = "select_multiple",
        /// Words: one line, or many with appearance `multiline`.
        Text = "text",
        /// A whole number.
        Integer = "integer",
        /// A number.
        Decimal = "decimal",
        /// A day.
        Date = "date",
        /// A time of day.
        Time = "time",
        /// A day and time.
        DateTime = "dateTime",
        /// A position.
        Geopoint = "geopoint",
        /// A yes given by a tap.
        Acknowledge = "acknowledge",
        /// A recording.
        Audio = "audio",
        /// A picture.
        Image = "image",
        /// Any file, such as a scanned sheet.
        File = "file",
        /// Worked out from other answers; read only.
        Calculate = "calculate",
    }
}
