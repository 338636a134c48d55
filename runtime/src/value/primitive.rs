//! Numbers and booleans.

use crate::value::text_value;

macro_rules! integer {
    ($($type:ident $name:literal),*) => { $(
        text_value!($type, parse |text| text.parse().ok(), what $name, text |value| itoa::Buffer::new().format(*value),
            order |value, bound| Some(value.cmp(bound)));
    )* };
}

integer!(
    i8 "not an xs:byte", i16 "not an xs:short", i32 "not an xs:int", i64 "not an xs:long",
    u8 "not an xs:unsignedByte", u16 "not an xs:unsignedShort", u32 "not an xs:unsignedInt", u64 "not an xs:unsignedLong"
);

text_value!(bool, parse |text| match text {
    "true" | "1" => Some(true),
    "false" | "0" => Some(false),
    _ => None,
}, what "not an xs:boolean", text |value| if *value { "true" } else { "false" });

macro_rules! float {
    ($($type:ident $name:literal),*) => { $(
        text_value!($type, parse |text| match text {
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
        },
            // What is no number is beyond every bound.
            order |value, bound| match value.partial_cmp(bound) {
                None => return false,
                order => order,
            });
    )* };
}

float!(f32 "not an xs:float", f64 "not an xs:double");

#[cfg(test)]
mod tests {
    use crate::value::tests::{read, written};

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
    }

    #[test]
    fn canonical_texts() {
        assert_eq!(written(&i32::MIN), "-2147483648");
        assert_eq!(written(&1.5e300_f64), "1.5E300");
        assert_eq!(written(&1e-5_f64), "0.00001");
        assert_eq!(written(&f64::INFINITY), "INF");
        assert_eq!(written(&0.1_f32), "0.1");
    }
}
