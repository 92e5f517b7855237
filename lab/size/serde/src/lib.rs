//! The API of wasm-client in the plainest way: `serde-wasm-bindgen` for every value, in and out.

use serde::Serialize;
use serde_wasm_bindgen::{Serializer, from_value};
use wasm_bindgen::prelude::*;

#[cfg(feature = "talc")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

fn object(value: &impl Serialize) -> Result<JsValue, JsValue> {
    Ok(value.serialize(&Serializer::json_compatible())?)
}

#[derive(Serialize)]
struct Failure<'a> {
    message: String,
    #[serde(flatten)]
    cause: &'a common::Error,
}

fn thrown(error: common::Error) -> JsValue {
    object(&Failure { message: error.to_string(), cause: &error }).unwrap_or_else(JsValue::from)
}

#[wasm_bindgen]
pub fn parse(text: &str) -> Result<JsValue, JsValue> {
    object(&common::parse(text).map_err(thrown)?)
}

#[wasm_bindgen]
pub fn summarize(values: JsValue) -> Result<JsValue, JsValue> {
    object(&common::summarize(&from_value::<Vec<f64>>(values)?).map_err(thrown)?)
}

#[wasm_bindgen]
pub fn histogram(values: JsValue, bins: usize) -> Result<JsValue, JsValue> {
    object(&common::histogram(&from_value::<Vec<f64>>(values)?, bins).map_err(thrown)?)
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
        let values = match values.as_f64() {
            Some(value) => vec![value],
            None => from_value(values)?,
        };
        self.0.push_slice(&values).map_err(thrown)
    }

    pub fn merge(&mut self, other: &Accumulator) {
        self.0.merge(&other.0);
    }

    #[wasm_bindgen(getter)]
    pub fn count(&self) -> f64 {
        self.0.count() as f64
    }

    pub fn summary(&self) -> Result<JsValue, JsValue> {
        object(&self.0.summary().map_err(thrown)?)
    }
}

#[derive(Serialize)]
struct BuildInfo {
    version: &'static str,
    digest: Option<&'static str>,
}

#[wasm_bindgen(js_name = buildInfo)]
pub fn build_info() -> Result<JsValue, JsValue> {
    object(&BuildInfo { version: env!("CARGO_PKG_VERSION"), digest: option_env!("MODULE_DIGEST") })
}
