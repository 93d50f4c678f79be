# Six Pillars without a server: EventBridge Scheduler starts a task on Fargate that scans, and writes the
# reports to a bucket. The task assumes the role of ../member-role in each account that it audits, its
# own included.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  arguments = concat(
    ["scan", "--quiet", "--output=/var/lib/sixpillars/report", "--format=${join(",", var.formats)}"],
    var.arguments,
  )
  # A line of the log for each container.
  log = {
    logDriver = "awslogs"
    options = {
      awslogs-group         = aws_cloudwatch_log_group.this.name
      awslogs-region        = data.aws_region.current.region
      awslogs-stream-prefix = "sixpillars"
    }
  }
}

resource "aws_s3_bucket" "reports" {
  bucket_prefix = "${var.name}-reports-"
}

# Reports describe weaknesses.
resource "aws_s3_bucket_public_access_block" "reports" {
  bucket                  = aws_s3_bucket.reports.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "reports" {
  bucket = aws_s3_bucket.reports.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "reports" {
  bucket = aws_s3_bucket.reports.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "reports" {
  bucket = aws_s3_bucket.reports.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "reports" {
  bucket = aws_s3_bucket.reports.id
  rule {
    id     = "old"
    status = "Enabled"
    filter {}
    expiration {
      days = var.keep_days
    }
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }
}

data "aws_iam_policy_document" "reports" {
  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.reports.arn, "${aws_s3_bucket.reports.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "reports" {
  bucket = aws_s3_bucket.reports.id
  policy = data.aws_iam_policy_document.reports.json
}

resource "aws_security_group" "this" {
  name_prefix = "${var.name}-"
  description = "Six Pillars, scans"
  vpc_id      = var.vpc_id
  egress {
    description = "AWS"
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["0.0.0.0/0"]
  }
}

data "aws_iam_policy_document" "tasks" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "task" {
  statement {
    sid       = "AssumeMemberRoles"
    actions   = ["sts:AssumeRole"]
    resources = ["arn:${data.aws_partition.current.partition}:iam::*:role/${var.member_role_name}"]
  }
  statement {
    sid       = "WriteReports"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.reports.arn}/*"]
  }
}

resource "aws_iam_role" "task" {
  name               = "sixpillars-scan-${data.aws_region.current.region}"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

resource "aws_iam_role_policy" "task" {
  name   = "scan"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.task.json
}

resource "aws_iam_role" "execution" {
  name_prefix        = "${var.name}-start-"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_cloudwatch_log_group" "this" {
  name_prefix       = "${var.name}-"
  retention_in_days = 90
}

resource "aws_ecs_cluster" "this" {
  name = var.name
}

resource "aws_ecs_task_definition" "this" {
  family                   = "sixpillars-scan"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  task_role_arn            = aws_iam_role.task.arn
  execution_role_arn       = aws_iam_role.execution.arn
  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }
  volume {
    name = "store"
  }
  volume {
    name = "tmp"
  }
  container_definitions = jsonencode([
    {
      name  = "scan"
      image = var.image
      # Its exit code says how the audit went; the reports go to the bucket in any case.
      essential              = false
      user                   = "65532:65532"
      readonlyRootFilesystem = true
      linuxParameters        = { initProcessEnabled = true, capabilities = { drop = ["ALL"] } }
      # A stopped scan still writes a report, which says that it is incomplete.
      stopTimeout = 60
      command     = local.arguments
      mountPoints = [
        { sourceVolume = "store", containerPath = "/var/lib/sixpillars" },
        { sourceVolume = "tmp", containerPath = "/tmp" },
      ]
      logConfiguration = local.log
    },
    {
      name                   = "upload"
      image                  = var.upload_image
      essential              = true
      readonlyRootFilesystem = true
      dependsOn              = [{ containerName = "scan", condition = "COMPLETE" }]
      entryPoint             = ["sh", "-c"]
      command = [
        "aws s3 cp --recursive --only-show-errors /var/lib/sixpillars/report \"s3://$BUCKET/$(date -u +%Y/%m/%d/%H%M%SZ)/\"",
      ]
      environment = [
        { name = "BUCKET", value = aws_s3_bucket.reports.bucket },
        { name = "HOME", value = "/tmp" },
      ]
      mountPoints = [
        { sourceVolume = "store", containerPath = "/var/lib/sixpillars", readOnly = true },
        { sourceVolume = "tmp", containerPath = "/tmp" },
      ]
      logConfiguration = local.log
    },
  ])
}

data "aws_iam_policy_document" "scheduler_trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "scheduler" {
  statement {
    actions   = ["ecs:RunTask"]
    resources = ["${aws_ecs_task_definition.this.arn_without_revision}:*"]
    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [aws_ecs_cluster.this.arn]
    }
  }
  statement {
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.task.arn, aws_iam_role.execution.arn]
    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "scheduler" {
  name_prefix        = "${var.name}-schedule-"
  assume_role_policy = data.aws_iam_policy_document.scheduler_trust.json
}

resource "aws_iam_role_policy" "scheduler" {
  name   = "start"
  role   = aws_iam_role.scheduler.id
  policy = data.aws_iam_policy_document.scheduler.json
}

resource "aws_scheduler_schedule" "this" {
  name                         = var.name
  description                  = "Audits by Six Pillars"
  schedule_expression          = var.schedule
  schedule_expression_timezone = var.time_zone
  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 15
  }
  target {
    arn      = aws_ecs_cluster.this.arn
    role_arn = aws_iam_role.scheduler.arn
    retry_policy {
      maximum_retry_attempts       = 3
      maximum_event_age_in_seconds = 3600
    }
    ecs_parameters {
      task_definition_arn = aws_ecs_task_definition.this.arn
      launch_type         = "FARGATE"
      task_count          = 1
      network_configuration {
        assign_public_ip = var.public_ip
        subnets          = var.subnet_ids
        security_groups  = [aws_security_group.this.id]
      }
    }
  }
}

# A gate that broke, an account that could not be read, reports that could not be written.
resource "aws_cloudwatch_event_rule" "failed" {
  count       = var.topic_arn == null ? 0 : 1
  name_prefix = "${var.name}-"
  description = "A scan by Six Pillars did not end with exit code 0"
  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Task State Change"]
    detail = {
      clusterArn = [aws_ecs_cluster.this.arn]
      lastStatus = ["STOPPED"]
      "$or" = [
        { containers = { exitCode = [{ anything-but = [0] }] } },
        { stopCode = ["TaskFailedToStart"] },
      ]
    }
  })
}

resource "aws_cloudwatch_event_target" "failed" {
  count = var.topic_arn == null ? 0 : 1
  rule  = aws_cloudwatch_event_rule.failed[0].name
  arn   = var.topic_arn
}

output "bucket" {
  description = "The bucket of the reports, a folder for each scan"
  value       = aws_s3_bucket.reports.bucket
}

output "task_role_arn" {
  description = "The role that assumes the member roles"
  value       = aws_iam_role.task.arn
}
