//! What is left out or repaired, listed so that somebody sees it.

/// The most warnings of a layer that are kept one by one.
const MAX_WARNINGS: usize = 50;

/// Something to be seen that is no error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerWarning {
    /// The file.
    pub file: String,
    /// The layer.
    pub layer: String,
    /// The feature, `feature 17`; empty for the whole layer.
    pub feature: String,
    /// What is to be seen.
    pub message: String,
}

/// Warnings of a layer, up to a number of them.
pub(super) struct Warnings {
    file: String,
    layer: String,
    kept: Vec<LayerWarning>,
    more: usize,
}

impl Warnings {
    pub(super) fn of(file: &str, layer: &str) -> Self {
        Self { file: file.to_owned(), layer: layer.to_owned(), kept: Vec::new(), more: 0 }
    }

    pub(super) fn add(&mut self, feature: &str, message: impl Into<String>) {
        if self.kept.len() >= MAX_WARNINGS {
            self.more += 1;
        } else {
            self.keep(feature, message.into());
        }
    }

    fn keep(&mut self, feature: &str, message: String) {
        let (file, layer) = (self.file.clone(), self.layer.clone());
        self.kept.push(LayerWarning { file, layer, feature: feature.to_owned(), message });
    }

    pub(super) fn finished(mut self) -> Vec<LayerWarning> {
        if self.more > 0 {
            self.keep("", format!("and {} warnings more", self.more));
        }
        self.kept
    }
}
