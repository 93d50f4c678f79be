//! The size of an instance class, derived from its name.

/// Virtual CPUs and memory of an instance class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Size {
    pub(super) vcpus: i64,
    pub(super) memory_gib: f64,
}

/// The size of a class such as `db.m6g.2xlarge`, where the name follows AWS's scheme: the size gives
/// the CPUs, the family the memory for each
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html>).
/// `None` for older families that do not, for serverless, and for classes with optional features in
/// their name (`db.r5.large.tpc1.mem2x`).
pub(super) fn size(class: &str) -> Option<Size> {
    let mut words = class.strip_prefix("db.")?.split('.');
    let (family, size) = (words.next()?, words.next()?);
    if words.next().is_some() {
        return None;
    }
    if let Some(gib) = burstable(family, size) {
        let vcpus = match size {
            "xlarge" => 4,
            "2xlarge" => 8,
            _ => 2,
        };
        return Some(Size {
            vcpus,
            memory_gib: gib,
        });
    }
    let vcpus = match size {
        "large" => 2,
        "xlarge" => 4,
        // A bare-metal size says nothing, and is not a number.
        times => 4 * times.strip_suffix("xlarge")?.parse::<i64>().ok()?,
    };
    #[allow(clippy::cast_precision_loss, reason = "a few hundred CPUs")]
    let memory_gib = vcpus as f64 * memory_for_each_cpu(family)?;
    Some(Size { vcpus, memory_gib })
}

/// Memory of the burstable families, which grows faster than their CPUs.
fn burstable(family: &str, size: &str) -> Option<f64> {
    if !matches!(family, "t3" | "t4g") {
        return None;
    }
    match size {
        "micro" => Some(1.0),
        "small" => Some(2.0),
        "medium" => Some(4.0),
        "large" => Some(8.0),
        "xlarge" => Some(16.0),
        "2xlarge" => Some(32.0),
        _ => None,
    }
}

fn memory_for_each_cpu(family: &str) -> Option<f64> {
    match family {
        "c6gd" => Some(2.0),
        "m4" | "m5" | "m5d" | "m6g" | "m6gd" | "m6i" | "m6id" | "m7g" | "m7i" | "m8g" => Some(4.0),
        // 61 GiB for 8 CPUs, not 64.
        "r4" => Some(7.625),
        "r5" | "r5b" | "r5d" | "r6g" | "r6gd" | "r6i" | "r6id" | "r7g" | "r7i" | "r8g" | "z1d" => {
            Some(8.0)
        }
        "x2g" => Some(16.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_follow_the_name() {
        let of = |class: &str| size(class).map(|s| (s.vcpus, s.memory_gib));
        assert_eq!(of("db.t3.micro"), Some((2, 1.0)));
        assert_eq!(of("db.t4g.2xlarge"), Some((8, 32.0)));
        assert_eq!(of("db.m6g.large"), Some((2, 8.0)));
        assert_eq!(of("db.r5.24xlarge"), Some((96, 768.0)));
        assert_eq!(of("db.r4.large"), Some((2, 15.25)));
    }

    #[test]
    fn what_the_name_does_not_tell_stays_unknown() {
        for class in [
            "db.serverless",
            "db.m1.small",
            "db.r5.large.tpc1.mem2x",
            "db.new9.large",
            "db.m5.metal",
            "large",
            "",
        ] {
            assert_eq!(size(class), None, "{class}");
        }
    }
}
