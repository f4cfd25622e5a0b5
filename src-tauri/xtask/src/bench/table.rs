//! Figures side by side: what was measured, what it came to, what it should be, and what it stands beside.

/// A figure that should be small.
pub struct Line {
    /// What was measured.
    pub what: String,
    /// What it came to.
    pub figure: f64,
    /// In what.
    pub unit: &'static str,
    /// What it should stay below, if that was promised.
    pub goal: Option<f64>,
    /// What it stands beside: others at the same work, or the rest of the same work.
    pub beside: String,
}

/// All figures of a run.
#[derive(Default)]
pub struct Table {
    lines: Vec<[String; 4]>,
}

impl Table {
    /// Takes a figure in and shows it, so that whoever waits has something to read.
    pub fn add(&mut self, line: Line) {
        let goal = match line.goal {
            Some(goal) if line.figure < goal => format!("< {} met", number(goal)),
            Some(goal) => format!("< {} MISSED", number(goal)),
            None => String::new(),
        };
        let figure = format!("{} {}", number(line.figure), line.unit);
        println!("  {}: {figure} {goal}", line.what);
        self.lines.push([line.what, figure.trim().to_owned(), goal, line.beside]);
    }

    /// Shows all figures.
    pub fn print(&self) {
        let heads = ["", "figure", "goal", "beside"].map(str::to_owned);
        let width = |column: usize| {
            let cells = self.lines.iter().chain([&heads]).filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths = [width(0), width(1), width(2)];
        println!();
        for [what, figure, goal, beside] in [&heads].into_iter().chain(&self.lines) {
            let [w, f, g] = widths;
            println!("{what:<w$}  {figure:>f$}  {goal:<g$}  {beside}");
        }
    }
}

/// Three digits that say something.
fn number(value: f64) -> String {
    match value.abs() {
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_has_the_digits_that_say_something() {
        assert_eq!([number(1234.5), number(12.345), number(0.0123)], ["1234", "12.3", "0.01"]);
    }

    #[test]
    fn a_goal_is_met_only_below_it() {
        let mut table = Table::default();
        for figure in [4.9, 5.0] {
            table.add(Line { what: String::new(), figure, unit: "ms", goal: Some(5.0), beside: String::new() });
        }
        let goals: Vec<_> = table.lines.iter().map(|[_, _, goal, _]| goal.as_str()).collect();
        assert_eq!(goals, ["< 5.00 met", "< 5.00 MISSED"]);
    }
}
