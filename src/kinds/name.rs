//! The names of fields: AWS's own, in `snake_case`.

/// AWS's name of a member, or an attribute's key, as checks write it: `KMSMasterKeyArn` becomes
/// `kms_master_key_arn`, `deletion_protection.enabled` becomes `deletion_protection_enabled`.
#[must_use]
pub fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name
        .replace("IPv", "Ipv")
        .replace("OAuth", "Oauth")
        .chars()
        .collect();
    let mut snake = String::with_capacity(name.len() + 4);
    for (at, c) in chars.iter().copied().enumerate() {
        if !c.is_ascii_alphanumeric() {
            if !snake.ends_with('_') && !snake.is_empty() {
                snake.push('_');
            }
            continue;
        }
        if c.is_ascii_uppercase()
            && begins_word(&chars, at)
            && !snake.ends_with('_')
            && !snake.is_empty()
        {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    while snake.ends_with('_') {
        snake.pop();
    }
    // In an expression, a field's name cannot begin with a digit.
    if snake.starts_with(|c: char| c.is_ascii_digit()) {
        snake.insert(0, '_');
    }
    snake
}

/// The name for people of a resource by its id: the end of an ARN or a URL, any other id unchanged.
#[must_use]
pub fn short_name(id: &str) -> &str {
    let address = id.starts_with("arn:") || id.contains("://");
    let end = id.rsplit(['/', ':']).next().unwrap_or(id);
    if address && !end.is_empty() { end } else { id }
}

/// The value of `$last`: the part of an id after its last `/` or `:`, or the whole id if that is empty.
#[must_use]
pub fn last_of(id: &str) -> &str {
    let end = id.rsplit(['/', ':']).next().unwrap_or(id);
    if end.is_empty() { id } else { end }
}

/// Whether an upper-case letter begins a word: after a lower-case letter or a digit, or as the last of
/// several capitals, such as the `S` of `Status` in `SSEStatus`.
fn begins_word(chars: &[char], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|at| chars.get(at)) else {
        return false;
    };
    if before.is_ascii_lowercase() || before.is_ascii_digit() {
        return true;
    }
    let small = |at: usize| chars.get(at).is_some_and(char::is_ascii_lowercase);
    // `ARNs` and `ACLs` are one word: the plural of an abbreviation.
    let plural = chars.get(at + 1) == Some(&'s') && !small(at + 2);
    before.is_ascii_uppercase() && small(at + 1) && !plural
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_an_id_is_what_follows_its_last_mark() {
        for (id, last) in [
            (
                "https://sqs.eu-west-1.amazonaws.com/111122223333/orders",
                "orders",
            ),
            ("arn:aws:ecs:eu-west-1:111122223333:cluster/shop", "shop"),
            ("arn:aws:sns:eu-west-1:111122223333:alarms", "alarms"),
            ("app/web/50dc6c495c0c9188", "50dc6c495c0c9188"),
            ("orders", "orders"),
            ("orders/", "orders/"),
        ] {
            assert_eq!(last_of(id), last);
        }
    }

    #[test]
    fn names_are_the_apis_in_snake_case() {
        for (api, field) in [
            ("TableName", "table_name"),
            ("KMSMasterKeyArn", "kms_master_key_arn"),
            ("SSEDescription", "sse_description"),
            ("serviceArn", "service_arn"),
            ("EC2InstanceId", "ec2_instance_id"),
            ("S3BucketName", "s3_bucket_name"),
            ("Ipv6CidrBlock", "ipv6_cidr_block"),
            ("IPv6Enabled", "ipv6_enabled"),
            ("SubnetIds", "subnet_ids"),
            ("ResourceARNs", "resource_arns"),
            ("ACLs", "acls"),
            ("DNSName", "dns_name"),
            ("MultiAZ", "multi_az"),
            ("AZMode", "az_mode"),
            ("VPCId", "vpc_id"),
            ("awsvpcConfiguration", "awsvpc_configuration"),
            ("Base64Encoded", "base64_encoded"),
            ("deletion_protection.enabled", "deletion_protection_enabled"),
            ("access_logs.s3.enabled", "access_logs_s3_enabled"),
            ("routing.http2.enabled", "routing_http2_enabled"),
            ("aws:tag-key", "aws_tag_key"),
            ("24x7", "_24x7"),
        ] {
            assert_eq!(snake_case(api), field);
        }
    }
}
