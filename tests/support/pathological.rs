//! The cases of `markdown-pathological.json` as texts.

use serde_json::Value;

/// Name and text of each.
pub(crate) fn cases() -> Vec<(String, String)> {
    let cases: Vec<Value> =
        serde_json::from_str(include_str!("../data/spec/markdown-pathological.json")).unwrap();
    cases.iter().map(|case| (case["name"].as_str().unwrap().to_owned(), text(case))).collect()
}

/// The text of one case.
pub(crate) fn text(case: &Value) -> String {
    let number = |name: &str| usize::try_from(case[name].as_u64().unwrap()).unwrap();
    let text = |name: &str| case[name].as_str().unwrap();
    let Some(generator) = case["generator"].as_str() else {
        let segments = case["segments"].as_array().unwrap();
        let times = |segment: &Value| usize::try_from(segment[1].as_u64().unwrap()).unwrap();
        return segments.iter().map(|segment| segment[0].as_str().unwrap().repeat(times(segment))).collect();
    };
    match generator {
        "nested_lists" => (0..number("count")).map(|i| format!("{}* a\n", "  ".repeat(i))).collect(),
        "growing_runs" => {
            (1..number("count")).map(|i| format!("{}{}", text("prefix"), text("char").repeat(i))).collect()
        }
        "numbered_refs" => {
            let definitions = (0..number("definitions")).map(|i| format!("[{i}]: u\n"));
            definitions.chain(std::iter::repeat_n("[0] ".to_owned(), number("uses"))).collect()
        }
        other => panic!("no generator `{other}`"),
    }
}
