//! Options: an object, each of whose fields may be left out.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::{Serialize, forward_to_deserialize_any};
use serde_wasm_bindgen::Error;
use wasm_bindgen::prelude::*;

use super::errors::{error, message};

#[wasm_bindgen(module = "/src/package/options.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = unknownOption)]
    fn unknown_option(options: &JsValue, names: &str) -> Result<Option<String>, JsValue>;

    #[wasm_bindgen(catch, js_name = readOption)]
    fn read_option(options: &JsValue, name: &str) -> Result<JsValue, JsValue>;
}

/// The options that a caller gave. `T` is a struct with `#[serde(default)]`: what is `undefined` or left out, down to the
/// object itself, has its default.
///
/// A value of the wrong type, and a name that is not a field, is an error with the code `invalid_options` and the name in
/// `option`. What is no object at all, such as an array, is a `TypeError`. What a getter throws is thrown as it is.
#[allow(dead_code, reason = "a library may have no options")]
pub(crate) fn options<T: DeserializeOwned>(value: &JsValue) -> Result<T, JsValue> {
    let mut given = Given { options: value, option: None, thrown: None };
    T::deserialize(&mut given).map_err(|cause| {
        let Given { option, thrown, .. } = given;
        thrown.unwrap_or_else(|| {
            let place = option.as_deref().map_or_else(String::new, |name| format!("the option `{name}`: "));
            error(&format!("{place}{}", message(cause)), InvalidOptions { option })
        })
    })
}

#[derive(Serialize)]
#[serde(tag = "code", rename = "invalid_options")]
struct InvalidOptions {
    option: Option<String>,
}

/// The caller's object, which is read field by field.
struct Given<'a> {
    options: &'a JsValue,
    /// The name of the option that is being read, or of the wrong one.
    option: Option<String>,
    /// What a getter threw.
    thrown: Option<JsValue>,
}

impl Given<'_> {
    /// Keeps what foreign code threw, to be thrown again as it is. serde's own error has only a message.
    fn caught<T>(&mut self, result: Result<T, JsValue>) -> Result<T, Error> {
        result.map_err(|cause| {
            self.thrown = Some(cause);
            Error::new("thrown by foreign code")
        })
    }
}

impl<'de> Deserializer<'de> for &mut Given<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let unknown = unknown_option(self.options, &fields.join("\n"));
        self.option = self.caught(unknown)?;
        if self.option.is_some() {
            return Err(Error::new(format!("there are only {}", fields.join(", "))));
        }
        visitor.visit_map(Fields { given: self, names: fields.iter(), value: JsValue::UNDEFINED })
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        Err(Error::new("only a struct can be read from options"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct
        seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// The options that have a value, in the order of the struct's fields.
struct Fields<'a, 'b> {
    given: &'a mut Given<'b>,
    names: std::slice::Iter<'static, &'static str>,
    /// The value of the option that is being read.
    value: JsValue,
}

impl<'de> MapAccess<'de> for Fields<'_, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        self.given.option = None;
        for name in self.names.by_ref() {
            let value = read_option(self.given.options, name);
            self.value = self.given.caught(value)?;
            if !self.value.is_undefined() {
                self.given.option = Some((*name).to_owned());
                return seed.deserialize(StrDeserializer::new(name)).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(serde_wasm_bindgen::Deserializer::from(self.value.clone()))
    }
}
