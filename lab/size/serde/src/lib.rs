//! The API of wasm-client as it is commonly written: `serde-wasm-bindgen` for every value, in and out.

use serde::Serialize;
use wasm_bindgen::prelude::*;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure<'a> {
    code: &'a str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

fn failure(error: common::Error) -> JsValue {
    let mut failure = Failure {
        code: error.code(),
        message: error.to_string(),
        index: None,
        line: None,
        column: None,
        text: None,
    };
    match error.kind() {
        common::ErrorKind::NotFinite { index } => failure.index = Some(*index),
        common::ErrorKind::InvalidNumber { line, column, text } => {
            failure.line = Some(*line);
            failure.column = Some(*column);
            failure.text = Some(text);
        }
        _ => {}
    }
    object(&failure).unwrap_or_else(JsValue::from)
}

fn object(value: &impl Serialize) -> Result<JsValue, JsValue> {
    Ok(serde_wasm_bindgen::to_value(value)?)
}

fn numbers(values: JsValue) -> Result<Vec<f64>, JsValue> {
    Ok(serde_wasm_bindgen::from_value(values)?)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    count: usize,
    min: f64,
    max: f64,
    mean: f64,
    variance: Option<f64>,
    standard_deviation: Option<f64>,
    quartiles: [f64; 3],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Moments {
    count: u64,
    min: f64,
    max: f64,
    mean: f64,
    variance: Option<f64>,
    standard_deviation: Option<f64>,
}

#[derive(Serialize)]
struct Histogram {
    edges: Vec<f64>,
    counts: Vec<u32>,
}

#[derive(Serialize)]
struct BuildInfo {
    version: &'static str,
    profile: &'static str,
    digest: Option<&'static str>,
}

#[wasm_bindgen]
pub fn parse(text: &str) -> Result<JsValue, JsValue> {
    object(&common::parse(text).map_err(failure)?)
}

#[wasm_bindgen]
pub fn summarize(values: JsValue) -> Result<JsValue, JsValue> {
    let summary = common::summarize(&numbers(values)?).map_err(failure)?;
    object(&Summary {
        count: summary.count,
        min: summary.min,
        max: summary.max,
        mean: summary.mean,
        variance: summary.variance,
        standard_deviation: summary.standard_deviation,
        quartiles: summary.quartiles,
    })
}

#[wasm_bindgen]
pub fn histogram(values: JsValue, bins: usize) -> Result<JsValue, JsValue> {
    let histogram = common::histogram(&numbers(values)?, bins).map_err(failure)?;
    object(&Histogram { edges: histogram.edges, counts: histogram.counts })
}

#[wasm_bindgen]
#[derive(Default)]
pub struct Accumulator(common::Accumulator);

#[wasm_bindgen]
impl Accumulator {
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn push(&mut self, values: JsValue) -> Result<(), JsValue> {
        match values.as_f64() {
            Some(value) => self.0.push(value),
            None => self.0.push_slice(&numbers(values)?),
        }
        .map_err(failure)
    }

    pub fn merge(&mut self, other: &Accumulator) {
        self.0.merge(&other.0);
    }

    #[wasm_bindgen(getter)]
    pub fn count(&self) -> f64 {
        self.0.count() as f64
    }

    pub fn summary(&self) -> Result<JsValue, JsValue> {
        let moments = self.0.summary().map_err(failure)?;
        object(&Moments {
            count: moments.count,
            min: moments.min,
            max: moments.max,
            mean: moments.mean,
            variance: moments.variance,
            standard_deviation: moments.standard_deviation,
        })
    }
}

#[wasm_bindgen(js_name = buildInfo)]
pub fn build_info() -> Result<JsValue, JsValue> {
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    object(&BuildInfo {
        version: env!("CARGO_PKG_VERSION"),
        profile,
        digest: Some("0000000000000000000000000000000000000000000000000000000000000000"),
    })
}
