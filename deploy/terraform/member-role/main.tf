# The role that Six Pillars reads an account with. It allows the reads of a scan and nothing else.

data "aws_partition" "current" {}

locals {
  auditor  = "arn:${data.aws_partition.current.partition}:iam::${var.audit_account}"
  policies = "${path.module}/../../policies"
  reads = merge(
    { for name in fileset(local.policies, "read-*.json") : trimsuffix(name, ".json") => name },
    var.billed_reads ? { billed = "billed.json" } : {},
  )
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    # The account, since a role that is deleted and made again is another principal. The condition names
    # its roles.
    principals {
      type        = "AWS"
      identifiers = ["${local.auditor}:root"]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = ["${local.auditor}:role/${var.audit_roles}"]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = var.role_name
  description          = "Read by Six Pillars; changes nothing"
  max_session_duration = 3600
  assume_role_policy   = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_policy" "read" {
  for_each    = local.reads
  name        = "${var.role_name}-${each.key}"
  description = "What a scan by Six Pillars reads"
  policy      = file("${local.policies}/${each.value}")
}

resource "aws_iam_role_policy_attachment" "read" {
  for_each   = aws_iam_policy.read
  role       = aws_iam_role.this.name
  policy_arn = each.value.arn
}

output "role_arn" {
  description = "The role of this account, for `role` of a target"
  value       = aws_iam_role.this.arn
}
