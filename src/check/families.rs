//! Instance families: which one replaces which.
//!
//! Sources: <https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html> (current and
//! previous generations), <https://aws.amazon.com/ec2/previous-generation/>,
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.html> and
//! <https://github.com/aws/aws-graviton-getting-started>.

/// Families of Amazon EC2 that AWS counts as previous generation or has replaced by a like-for-like
/// successor, and the successor.
const EC2_NEWER: &[(&str, &str)] = &[
    ("a1", "m7g"),
    ("c1", "c7i"),
    ("c3", "c7i"),
    ("c4", "c7i"),
    ("cc2", "c7i"),
    ("cr1", "r7i"),
    ("d2", "d3"),
    ("g2", "g6"),
    ("g3", "g6"),
    ("g3s", "g6"),
    ("h1", "d3"),
    ("hs1", "d3"),
    ("i2", "i4i"),
    ("i3", "i4i"),
    ("inf1", "inf2"),
    ("m1", "m7i"),
    ("m2", "r7i"),
    ("m3", "m7i"),
    ("m4", "m7i"),
    ("p2", "g6"),
    ("p3", "p4d"),
    ("r3", "r7i"),
    ("r4", "r7i"),
    ("t1", "t3"),
    ("t2", "t3"),
];

/// Database instance classes that AWS counts as previous generation.
const RDS_NEWER: &[(&str, &str)] = &[
    ("m1", "m6i"),
    ("m2", "r6i"),
    ("m3", "m6i"),
    ("m4", "m6i"),
    ("r3", "r6i"),
    ("r4", "r6i"),
    ("t1", "t3"),
    ("t2", "t3"),
];

/// x86 families and the Graviton family of the same shape.
const EC2_GRAVITON: &[(&[&str], &str)] = &[
    (&["t2", "t3", "t3a"], "t4g"),
    (
        &[
            "m4", "m5", "m5a", "m5n", "m5zn", "m6i", "m6a", "m6in", "m7i", "m7a", "m7i-flex",
        ],
        "m7g",
    ),
    (&["m5d", "m5ad", "m5dn", "m6id", "m6idn"], "m7gd"),
    (
        &["c4", "c5", "c5a", "c6i", "c6a", "c7i", "c7a", "c7i-flex"],
        "c7g",
    ),
    (&["c5d", "c5ad", "c6id"], "c7gd"),
    (&["c5n", "c6in"], "c7gn"),
    (
        &[
            "r4", "r5", "r5a", "r5b", "r5n", "r6i", "r6a", "r6in", "r7i", "r7a",
        ],
        "r7g",
    ),
    (&["r5d", "r5ad", "r5dn", "r6id", "r6idn"], "r7gd"),
    (&["i3", "i4i"], "i4g"),
];

/// Database classes with a Graviton class of the same shape.
const RDS_GRAVITON: &[(&[&str], &str)] = &[
    (&["t2", "t3"], "t4g"),
    (&["m4", "m5", "m6i"], "m7g"),
    (&["m5d", "m6id"], "m6gd"),
    (&["r4", "r5", "r6i"], "r7g"),
    (&["r5d", "r6id"], "r6gd"),
];

/// The family that replaces an EC2 instance type's or RDS class's family: `t2.micro` gives `t3`,
/// `db.m4.large` gives `db.m6i`; `None` while the family is current or not known.
#[must_use]
pub fn newer_family(instance_type: &str) -> Option<String> {
    let (database, family) = family(instance_type)?;
    let table = if database { RDS_NEWER } else { EC2_NEWER };
    let (_, newer) = table.iter().find(|(old, _)| *old == family)?;
    Some(prefixed(database, newer))
}

/// The Graviton family with the shape of an x86 instance type's family: `m5.large` gives `m7g`;
/// `None` if there is none, or the type is Graviton already.
#[must_use]
pub fn graviton_family(instance_type: &str) -> Option<String> {
    let (database, family) = family(instance_type)?;
    let table = if database { RDS_GRAVITON } else { EC2_GRAVITON };
    let (_, arm) = table.iter().find(|(x86, _)| x86.contains(&family))?;
    Some(prefixed(database, arm))
}

fn family(instance_type: &str) -> Option<(bool, &str)> {
    let (database, rest) = match instance_type.strip_prefix("db.") {
        Some(rest) => (true, rest),
        None => (false, instance_type),
    };
    let (family, _size) = rest.split_once('.')?;
    Some((database, family))
}

fn prefixed(database: bool, family: &str) -> String {
    if database {
        format!("db.{family}")
    } else {
        family.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_are_replaced_within_their_service() {
        assert_eq!(newer_family("t2.micro").as_deref(), Some("t3"));
        assert_eq!(newer_family("db.m4.large").as_deref(), Some("db.m6i"));
        assert_eq!(newer_family("m7i.large"), None);
        assert_eq!(graviton_family("m5.large").as_deref(), Some("m7g"));
        assert_eq!(graviton_family("db.r5.xlarge").as_deref(), Some("db.r7g"));
        assert_eq!(graviton_family("m7g.large"), None);
        assert_eq!(graviton_family("nonsense"), None);
    }

    #[test]
    fn no_successor_is_itself_outdated() {
        for (_, newer) in EC2_NEWER {
            assert_eq!(newer_family(&format!("{newer}.large")), None, "{newer}");
        }
        for (_, newer) in RDS_NEWER {
            assert_eq!(newer_family(&format!("db.{newer}.large")), None, "{newer}");
        }
    }
}
