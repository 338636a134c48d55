//! Numbers, booleans and strings.

use crate::error::Error;
use crate::name::Name;
use crate::value::{Value, text_value};
use crate::xml::{Reader, Writer};

macro_rules! integer {
    ($($type:ident $name:literal),*) => { $(
        text_value!($type, blank 0, parse |text| text.parse().ok(), what $name, text |value| itoa::Buffer::new().format(*value), sample |sampler| sampler.number() as $type);
    )* };
}

integer!(
    i8 "not an xs:byte", i16 "not an xs:short", i32 "not an xs:int", i64 "not an xs:long",
    u8 "not an xs:unsignedByte", u16 "not an xs:unsignedShort", u32 "not an xs:unsignedInt", u64 "not an xs:unsignedLong"
);

text_value!(bool, blank false, parse |text| match text {
    "true" | "1" => Some(true),
    "false" | "0" => Some(false),
    _ => None,
}, what "not an xs:boolean", text |value| if *value { "true" } else { "false" }, sample |sampler| sampler.number() % 2 == 0);

macro_rules! float {
    ($($type:ident $name:literal),*) => { $(
        text_value!($type, blank 0.0, parse |text| match text {
            "INF" | "+INF" | "Infinity" => Some($type::INFINITY),
            "-INF" | "-Infinity" => Some($type::NEG_INFINITY),
            "NaN" => Some($type::NAN),
            // Rust also reads `inf`, `nan` and the like.
            _ if text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) => text.parse().ok(),
            _ => None,
        }, what $name, text |value| if value.is_nan() {
            "NaN".to_owned()
        } else if value.is_infinite() {
            (if *value > 0.0 { "INF" } else { "-INF" }).to_owned()
        } else if *value != 0.0 && !(1e-5..1e15).contains(&value.abs()) {
            format!("{value:E}")
        } else {
            value.to_string()
        }, sample |sampler| (sampler.number() as i32) as $type / 8.0);
    )* };
}

float!(f32 "not an xs:float", f64 "not an xs:double");

impl Value for String {
    fn blank() -> Self {
        Self::new()
    }

    fn read_value(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let text = reader.text()?.into_owned();
        reader.charge(text.len())?;
        Ok(text)
    }

    fn write_value(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        writer.text(self)
    }

    fn write_element(&self, name: &Name, writer: &mut Writer<'_>) -> Result<(), Error> {
        writer.text_element(name, self)
    }

    #[cfg(feature = "test-util")]
    fn sample(sampler: &mut crate::schema::sample::Sampler) -> Self {
        sampler.text()
    }
}

#[cfg(test)]
mod tests {
    use crate::schema::slot::tests::{read, written};

    #[test]
    fn lexical_rules() {
        assert_eq!(read::<i32>(" +5 "), Some(5));
        assert_eq!(read::<i32>("05"), Some(5));
        for wrong in ["", "5.0", "2147483648", "0x5", "5 5"] {
            assert_eq!(read::<i32>(wrong), None, "{wrong}");
        }
        assert_eq!(read::<bool>(" 1 "), Some(true));
        for wrong in ["True", "yes", ""] {
            assert_eq!(read::<bool>(wrong), None, "{wrong}");
        }
        assert_eq!(read::<f64>("1e3"), Some(1000.0));
        assert_eq!(read::<f64>("-INF"), Some(f64::NEG_INFINITY));
        for wrong in ["", "inf", "nan", "1,5"] {
            assert_eq!(read::<f64>(wrong), None, "{wrong}");
        }
        assert_eq!(read::<String>(" a\tb&#xD;\r\n<![CDATA[<]]>&amp; ").as_deref(), Some(" a\tb\r\n<& "));
    }

    #[test]
    fn canonical_texts() {
        assert_eq!(written(&i32::MIN), "-2147483648");
        assert_eq!(written(&1.5e300_f64), "1.5E300");
        assert_eq!(written(&1e-5_f64), "0.00001");
        assert_eq!(written(&f64::INFINITY), "INF");
        assert_eq!(written(&0.1_f32), "0.1");
        assert_eq!(written(&"a\r<".to_owned()), "a&#xD;&lt;");
    }
}
