//! A module with one bug of each kind, and with what every package has, for guard.test.js. It is in no package.

#![allow(
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unused_async,
    missing_docs,
    reason = "bugs are what it is for, and only its test uses it"
)]

#[path = "../../src/package/mod.rs"]
mod package;

use std::{cell::Cell, cell::RefCell, collections::BTreeMap, hint::black_box};

use js_sys::{Array, Function, Object, Promise};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

thread_local! {
    static STATE: RefCell<u32> = const { RefCell::new(0) };
}

/// Panics while the state is borrowed, which stays so in this instance.
#[wasm_bindgen]
pub fn panics(text: &str) {
    STATE.with_borrow_mut(|state| {
        *state += 1;
        panic!("`{text}` was too much");
    });
}

/// How often it was called in this instance.
#[wasm_bindgen]
pub fn counts() -> u32 {
    STATE.with_borrow_mut(|state| {
        *state += 1;
        *state
    })
}

/// What arrives of arguments that are copied into the memory.
#[wasm_bindgen]
pub fn echo(text: &str, values: &[f64], any: JsValue) -> Vec<JsValue> {
    vec![text.into(), values.iter().sum::<f64>().into(), any]
}

/// Recurses until the stack is exhausted.
#[wasm_bindgen]
#[expect(unconditional_recursion, reason = "the stack is to be exhausted")]
pub fn overflows(depth: u32) -> u32 {
    let frame = black_box([depth; 16]);
    overflows(depth.wrapping_add(1)).wrapping_add(frame.iter().sum())
}

/// Allocates, without asking whether it can, until the memory is exhausted.
#[wasm_bindgen]
pub fn exhausts() {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    loop {
        hoard.push(black_box(Vec::with_capacity(1 << 28)));
    }
}

/// Runs into the instruction that no program should reach.
#[wasm_bindgen]
pub fn traps() {
    std::process::abort();
}

/// Fails as an export does that uses wasm-bindgen's own error.
#[wasm_bindgen]
pub fn fails() -> Result<(), JsError> {
    Err(JsError::new("expected instance of a better day"))
}

/// Calls a function, and returns what it throws.
#[wasm_bindgen]
pub fn calls(function: &Function) -> Result<JsValue, JsValue> {
    function.call0(&JsValue::UNDEFINED)
}

/// Ends as `how` says, after the first `await`.
#[wasm_bindgen]
pub async fn later(how: String, until: Promise) -> Result<JsValue, JsValue> {
    let value = JsFuture::from(until).await?;
    ends(&how);
    Ok(value)
}

/// A function for JavaScript that ends as `how` says.
#[wasm_bindgen]
pub fn callback(how: String) -> JsValue {
    Closure::<dyn FnMut()>::new(move || ends(&how)).into_js_value()
}

fn ends(how: &str) {
    match how {
        "panic" => panics(how),
        "trap" => traps(),
        _ => {}
    }
}

#[wasm_bindgen]
#[derive(Default)]
pub struct Thing(Cell<u32>);

#[wasm_bindgen]
impl Thing {
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// One that no constructor in JavaScript made.
    pub fn make() -> Self {
        Self::default()
    }

    #[wasm_bindgen(getter)]
    pub fn value(&self) -> u32 {
        self.0.get()
    }

    pub fn join(&self, other: &Thing) {
        self.0.set(self.0.get() + other.0.get() + 1);
    }

    /// Calls a function while this object is borrowed.
    pub fn calls(&self, function: &Function) -> Result<JsValue, JsValue> {
        function.call0(&JsValue::UNDEFINED)
    }

    /// Calls a function while this object is borrowed exclusively.
    #[wasm_bindgen(js_name = callsAlone)]
    pub fn calls_alone(&mut self, function: &Function) -> Result<JsValue, JsValue> {
        function.call0(&JsValue::UNDEFINED)
    }

    /// Borrows this object until the promise is settled.
    pub async fn waits(&self, until: Promise) -> Result<JsValue, JsValue> {
        JsFuture::from(until).await
    }

    pub fn panics(&self) {
        panics("in a method");
    }

    pub fn ends(self) {}
}

/// Another class, whose memory is not a thing's.
#[wasm_bindgen]
#[derive(Default)]
pub struct Other([f64; 4]);

#[wasm_bindgen]
impl Other {
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    #[wasm_bindgen(getter)]
    pub fn sum(&self) -> f64 {
        self.0.iter().sum()
    }

    #[wasm_bindgen(js_name = "[Symbol.iterator]")]
    pub fn iterator(&self) -> JsValue {
        panic!("in a method with a symbol");
    }
}

/// One that cannot be freed.
#[wasm_bindgen]
pub struct Bad;

#[wasm_bindgen]
impl Bad {
    #[wasm_bindgen(constructor)]
    #[expect(clippy::new_without_default, reason = "only JavaScript makes one")]
    pub fn new() -> Self {
        Self
    }
}

impl Drop for Bad {
    fn drop(&mut self) {
        panics("while it was freed");
    }
}

#[wasm_bindgen(js_namespace = inner, js_name = panics)]
pub fn panics_in_namespace() {
    panics("in a namespace");
}

#[wasm_bindgen(js_namespace = ["inner", "most"])]
pub struct Hidden;

#[wasm_bindgen(js_namespace = ["inner", "most"])]
impl Hidden {
    pub fn make() -> Self {
        Self
    }

    pub fn panics(&self) {
        panics("in a class of a namespace");
    }
}

/// Takes several things.
#[wasm_bindgen(js_name = endsAll)]
pub fn ends_all(things: Vec<Thing>) -> usize {
    things.len()
}

#[wasm_bindgen(js_name = joinsWords)]
pub fn joins_words(words: Vec<String>) -> String {
    words.join(" ")
}

/// A colour.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Colour {
    Red,
    Blue = 4,
}

#[wasm_bindgen]
pub fn paints(colour: Colour) -> u32 {
    colour as u32
}

/// Calls a function with one of its own, which lives no longer than the call.
#[wasm_bindgen(js_name = lends)]
pub fn lends(function: &Function) -> Result<JsValue, JsValue> {
    let own = Closure::<dyn FnMut()>::new(|| {});
    function.call1(&JsValue::UNDEFINED, own.as_ref())
}

#[wasm_bindgen]
pub fn makes() -> Thing {
    Thing::default()
}

#[wasm_bindgen(js_name = makesTwo)]
pub fn makes_two() -> Vec<Thing> {
    vec![Thing::default(), Thing::default()]
}

#[wasm_bindgen(js_name = makesLater)]
pub async fn makes_later() -> Thing {
    Thing::default()
}

#[derive(Default, Deserialize, Serialize)]
#[serde(default, rename_all = "camelCase")]
struct Options {
    title: String,
    is_bold: bool,
    times: Option<u32>,
    nested: BTreeMap<String, u32>,
    list: Vec<String>,
    /// Every object of JavaScript has something of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    to_string: Option<u32>,
    #[serde(rename = "with a space", skip_serializing_if = "Option::is_none")]
    with_a_space: Option<Inner>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rows: Vec<Inner>,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct Inner {
    text: String,
}

/// The options as they were read.
#[wasm_bindgen]
pub fn reads(options: &JsValue) -> Result<Object, JsValue> {
    package::object(package::options::<Options>(options)?)
}

#[derive(Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
enum Odd {
    TooLarge { size: u64 },
}

/// An error with a field that no number can be.
#[wasm_bindgen]
pub fn fails_oddly() -> Result<(), JsValue> {
    Err(package::error("it is too large", Odd::TooLarge { size: u64::MAX }))
}

#[derive(Serialize)]
struct Value {
    map: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
    list: Vec<Option<u64>>,
}

/// Objects around an integer.
#[wasm_bindgen]
pub fn lists(integer: u64) -> Result<Array, JsValue> {
    let value =
        || Value { map: BTreeMap::from([("a", BTreeMap::from([("b", integer)]))]), list: vec![None, Some(integer)] };
    package::list([value(), value()])
}

#[derive(Serialize)]
struct Failure {
    code: &'static str,
    place: u32,
}

#[wasm_bindgen(js_name = failsWithFields)]
pub fn fails_with_fields() -> Result<(), JsValue> {
    Err(package::error("it failed", Failure { code: "failure", place: 5 }))
}
