//! Means over cells, weighted with people and over the area.

use super::number::real;

/// What the means of some cells are made of: sums in f64, in the order in which cells come.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Mean {
    cells: usize,
    value: f64,
    people: f64,
    people_value: f64,
}

impl Mean {
    /// Adds a cell: its value, any unit and not NaN, and its people; below 0 and NaN are nobody.
    pub(super) fn add(&mut self, value: f32, people: f32) {
        let (value, people) = (f64::from(value), f64::from(people.max(0.0)));
        self.cells += 1;
        self.value += value;
        self.people += people;
        self.people_value += people * value;
    }

    /// Of some cells by their places: those without a value, and those beyond the list of people, have no part.
    pub(super) fn over(
        cells: impl IntoIterator<Item = usize>,
        population: &[f32],
        value: impl Fn(usize) -> Option<f32>,
    ) -> Self {
        let mut mean = Self::default();
        for at in cells {
            if let (Some(value), Some(people)) = (value(at), population.get(at)) {
                mean.add(value, *people);
            }
        }
        mean
    }

    /// `sum(p x) / sum(p)`, `x` values and `p` people of cells; `None` where nobody lives in any. Source: method 2.2, 4.
    pub(super) fn by_people(&self) -> Option<f64> {
        (self.people > 0.0).then(|| self.people_value / self.people)
    }

    /// `sum(x) / n` over `n` cells, which are of one size; `None` without any.
    pub(super) fn by_area(&self) -> Option<f64> {
        (self.cells > 0).then(|| self.value / real(self.cells))
    }

    /// The mean weighted with people, or over the area where nobody lives; `None` without cells. Source: method 2.2.
    pub(super) fn by_people_or_area(&self) -> Option<f64> {
        self.by_people().or_else(|| self.by_area())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cells: &[(f32, f32)]) -> Mean {
        let mut mean = Mean::default();
        for (value, people) in cells {
            mean.add(*value, *people);
        }
        mean
    }

    /// By hand: (1 * 10 + 3 * 30) / 4 and (10 + 30) / 2.
    #[test]
    fn people_weigh_one_mean_and_cells_the_other() {
        let mean = of(&[(10.0, 1.0), (30.0, 3.0)]);
        assert_eq!((mean.by_people(), mean.by_area()), (Some(25.0), Some(20.0)));
        assert_eq!(mean.by_people_or_area(), Some(25.0));
    }

    #[test]
    fn where_nobody_lives_the_area_decides() {
        let mean = of(&[(10.0, 0.0), (30.0, -1.0), (50.0, f32::NAN)]);
        assert_eq!((mean.by_people(), mean.by_people_or_area()), (None, Some(30.0)));
    }

    #[test]
    fn without_cells_there_is_no_mean() {
        assert_eq!((of(&[]).by_people(), of(&[]).by_people_or_area()), (None, None));
    }
}
