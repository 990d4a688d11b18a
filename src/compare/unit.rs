//! Units: what numbers are counted in, and how one becomes another.
//!
//! In: names of units. Out: the factor between two of one kind. Must not know
//! criteria.

/// Unit, what it measures, and how many of the first unit of its kind it is.
/// Decimal prefixes mean powers of ten, binary ones (`KiB`) powers of two.
const UNITS: &[(&str, &str, f64)] = &[
    ("s", "time", 1.0),
    ("ns", "time", 1e-9),
    ("µs", "time", 1e-6),
    ("us", "time", 1e-6),
    ("ms", "time", 1e-3),
    ("min", "time", 60.0),
    ("h", "time", 3600.0),
    ("d", "time", 86_400.0),
    ("days", "time", 86_400.0),
    ("weeks", "time", 604_800.0),
    ("months", "calendar", 1.0),
    ("years", "calendar", 12.0),
    ("B", "data", 1.0),
    ("kB", "data", 1e3),
    ("KB", "data", 1e3),
    ("MB", "data", 1e6),
    ("GB", "data", 1e9),
    ("TB", "data", 1e12),
    ("KiB", "data", 1024.0),
    ("MiB", "data", 1_048_576.0),
    ("GiB", "data", 1_073_741_824.0),
    ("TiB", "data", 1_099_511_627_776.0),
    ("req/s", "requests", 1.0),
    ("kreq/s", "requests", 1e3),
    ("req/min", "requests", 1.0 / 60.0),
    ("ops/s", "operations", 1.0),
    ("kops/s", "operations", 1e3),
    ("Mops/s", "operations", 1e6),
    ("%", "share", 0.01),
    ("ratio", "share", 1.0),
    ("Hz", "frequency", 1.0),
    ("kHz", "frequency", 1e3),
    ("MHz", "frequency", 1e6),
    ("GHz", "frequency", 1e9),
];

/// By how much a number in `from` has to be multiplied to be one in `to`;
/// `None` when one cannot become the other.
pub fn factor(from: &str, to: &str) -> Option<f64> {
    if from == to {
        return Some(1.0);
    }
    let find = |name: &str| UNITS.iter().find(|(unit, ..)| *unit == name);
    let (from, to) = (find(from)?, find(to)?);
    (from.1 == to.1).then(|| from.2 / to.2)
}

/// Units that can become `unit`, for hints.
pub fn like(unit: &str) -> Vec<&'static str> {
    let Some((_, kind, _)) = UNITS.iter().find(|(name, ..)| *name == unit) else { return Vec::new() };
    UNITS.iter().filter(|(_, of, _)| of == kind).map(|(name, ..)| *name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_one_kind_become_one_another() {
        assert_eq!(factor("ms", "s"), Some(1e-3));
        assert_eq!(factor("GiB", "MiB"), Some(1024.0));
        assert_eq!(factor("points", "points"), Some(1.0));
        assert_eq!(factor("ms", "MB"), None);
        assert_eq!(factor("points", "s"), None);
        assert!(like("ms").contains(&"µs") && !like("ms").contains(&"MB"));
    }
}
