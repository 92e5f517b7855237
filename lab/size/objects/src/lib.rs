//! `make(value)` gives an object of seven fields, as `summarize` does.

use wasm_bindgen::prelude::*;

#[cfg(not(feature = "setters"))]
#[derive(serde::Serialize)]
#[cfg_attr(feature = "tsify", derive(serde::Deserialize, tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    count: usize,
    min: f64,
    max: f64,
    mean: f64,
    variance: Option<f64>,
    standard_deviation: Option<f64>,
    quartiles: [f64; 3],
}

#[cfg(not(feature = "setters"))]
fn summary(value: f64) -> Summary {
    let some = Some(value).filter(|value| *value > 0.0);
    Summary {
        count: value as usize,
        min: value,
        max: value,
        mean: value,
        variance: some,
        standard_deviation: some,
        quartiles: [value; 3],
    }
}

#[cfg(feature = "setters")]
mod setters {
    use super::*;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_name = Object)]
        type Fields;
        #[wasm_bindgen(constructor, js_class = "Object")]
        fn new() -> Fields;
        #[wasm_bindgen(method, setter)]
        fn set_count(this: &Fields, value: f64);
        #[wasm_bindgen(method, setter)]
        fn set_min(this: &Fields, value: f64);
        #[wasm_bindgen(method, setter)]
        fn set_max(this: &Fields, value: f64);
        #[wasm_bindgen(method, setter)]
        fn set_mean(this: &Fields, value: f64);
        #[wasm_bindgen(method, setter)]
        fn set_variance(this: &Fields, value: Option<f64>);
        #[wasm_bindgen(method, setter, js_name = standardDeviation)]
        fn set_standard_deviation(this: &Fields, value: Option<f64>);
        #[wasm_bindgen(method, setter)]
        fn set_quartiles(this: &Fields, value: JsValue);
        #[wasm_bindgen(js_namespace = Array, js_name = of)]
        fn three(first: f64, second: f64, third: f64) -> JsValue;
    }

    #[wasm_bindgen]
    pub fn make(value: f64) -> JsValue {
        let some = Some(value).filter(|value| *value > 0.0);
        let object = Fields::new();
        object.set_count(value);
        object.set_min(value);
        object.set_max(value);
        object.set_mean(value);
        object.set_variance(some);
        object.set_standard_deviation(some);
        object.set_quartiles(three(value, value, value));
        object.into()
    }
}

/// What wasm-client does: a setter on `Object.prototype` sees none of its fields.
#[cfg(feature = "entries")]
#[wasm_bindgen]
pub fn make(value: f64) -> Result<JsValue, JsValue> {
    use serde::Serialize;

    #[derive(Serialize)]
    struct Entries<'a> {
        #[serde(flatten)]
        of: &'a Summary,
    }

    let map = Entries { of: &summary(value) }.serialize(&serde_wasm_bindgen::Serializer::new())?;
    Ok(js_sys::Object::from_entries(&map)?.into())
}

#[cfg(feature = "serde")]
#[wasm_bindgen]
pub fn make(value: f64) -> Result<JsValue, JsValue> {
    Ok(serde_wasm_bindgen::to_value(&summary(value))?)
}

#[cfg(feature = "json")]
#[wasm_bindgen]
pub fn make(value: f64) -> Result<JsValue, JsValue> {
    let text = serde_json::to_string(&summary(value)).map_err(|error| error.to_string())?;
    js_sys::JSON::parse(&text)
}

#[cfg(feature = "tsify")]
#[wasm_bindgen]
pub fn make(value: f64) -> Result<tsify::Ts<Summary>, JsValue> {
    use tsify::Tsify;
    summary(value).into_ts().map_err(|error| error.to_string().into())
}
