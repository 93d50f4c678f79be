# Six Pillars as a standing service: ECS on Fargate behind a load balancer with TLS, PostgreSQL in RDS,
# reports in EFS. The service assumes the role of ../member-role in each account that it audits.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  # A line of the log for each container.
  log = {
    logDriver = "awslogs"
    options = {
      awslogs-group         = aws_cloudwatch_log_group.this.name
      awslogs-region        = data.aws_region.current.region
      awslogs-stream-prefix = "sixpillars"
    }
  }
  secrets = merge({ PGPASSWORD = aws_secretsmanager_secret.database.arn }, var.secrets)
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

# Reading accounts is the member role's to allow. The task may assume that role, write to its own store,
# and tell those whom the configuration names.
data "aws_iam_policy_document" "task" {
  statement {
    sid       = "AssumeMemberRoles"
    actions   = ["sts:AssumeRole"]
    resources = ["arn:${data.aws_partition.current.partition}:iam::*:role/${var.member_role_name}"]
  }
  statement {
    sid       = "MountReports"
    actions   = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
    resources = [aws_efs_file_system.this.arn]
    condition {
      test     = "StringEquals"
      variable = "elasticfilesystem:AccessPointArn"
      values   = [aws_efs_access_point.this.arn]
    }
  }
  dynamic "statement" {
    for_each = var.topic_arns
    content {
      actions   = ["sns:Publish"]
      resources = [statement.value]
    }
  }
  dynamic "statement" {
    for_each = var.event_bus_arns
    content {
      actions   = ["events:PutEvents"]
      resources = [statement.value]
    }
  }
  dynamic "statement" {
    for_each = var.mail_identity_arns
    content {
      actions   = ["ses:SendEmail"]
      resources = [statement.value]
    }
  }
  dynamic "statement" {
    for_each = var.store_bucket[*]
    content {
      actions   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      resources = ["arn:${data.aws_partition.current.partition}:s3:::${statement.value}/*"]
    }
  }
  dynamic "statement" {
    for_each = var.store_bucket[*]
    content {
      actions   = ["s3:ListBucket"]
      resources = ["arn:${data.aws_partition.current.partition}:s3:::${statement.value}"]
    }
  }
}

resource "aws_iam_role" "task" {
  name               = "sixpillars-service-${data.aws_region.current.region}"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

resource "aws_iam_role_policy" "task" {
  name   = "service"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.task.json
}

# What ECS may do to start a task.
data "aws_iam_policy_document" "execution" {
  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = values(local.secrets)
  }
}

resource "aws_iam_role" "execution" {
  name_prefix        = "${var.name}-start-"
  assume_role_policy = data.aws_iam_policy_document.tasks.json
}

resource "aws_iam_role_policy" "execution" {
  name   = "start"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
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
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_task_definition" "this" {
  family                   = "sixpillars-service"
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
    efs_volume_configuration {
      file_system_id     = aws_efs_file_system.this.id
      transit_encryption = "ENABLED"
      authorization_config {
        access_point_id = aws_efs_access_point.this.id
        iam             = "ENABLED"
      }
    }
  }
  volume {
    name = "configuration"
  }
  volume {
    name = "tmp"
  }
  container_definitions = jsonencode([
    {
      # Writes the configuration, which names secrets and holds none, where the service reads it, and ends.
      name                   = "configuration"
      image                  = var.shell_image
      essential              = false
      readonlyRootFilesystem = true
      entryPoint             = ["sh", "-c"]
      command                = ["printf '%s' \"$CONFIGURATION\" >/etc/sixpillars/service.yaml"]
      environment            = [{ name = "CONFIGURATION", value = var.configuration }]
      mountPoints            = [{ sourceVolume = "configuration", containerPath = "/etc/sixpillars" }]
      logConfiguration       = local.log
    },
    {
      name                   = "service"
      image                  = var.image
      essential              = true
      user                   = "65532:65532"
      readonlyRootFilesystem = true
      linuxParameters        = { initProcessEnabled = true, capabilities = { drop = ["ALL"] } }
      # A run pauses within this time, and another task resumes it.
      stopTimeout = 60
      command     = ["serve", "--config", "/etc/sixpillars/service.yaml"]
      dependsOn   = [{ containerName = "configuration", condition = "SUCCESS" }]
      # `database` in the configuration names the host as ${PGHOST}; the password comes from PGPASSWORD by
      # itself.
      environment = [
        { name = "PGHOST", value = aws_db_instance.this.address },
        { name = "PGSSLMODE", value = "require" },
      ]
      secrets      = [for name, arn in local.secrets : { name = name, valueFrom = arn }]
      portMappings = [{ containerPort = 7317, protocol = "tcp" }]
      mountPoints = [
        { sourceVolume = "store", containerPath = "/var/lib/sixpillars" },
        { sourceVolume = "configuration", containerPath = "/etc/sixpillars", readOnly = true },
        { sourceVolume = "tmp", containerPath = "/tmp" },
      ]
      healthCheck = {
        command     = ["CMD", "/usr/bin/sixpillars", "serve", "health", "--config", "/etc/sixpillars/service.yaml"]
        interval    = 30
        timeout     = 15
        retries     = 3
        startPeriod = 60
      }
      logConfiguration = local.log
    },
  ])
}

resource "aws_ecs_service" "this" {
  name                               = var.name
  cluster                            = aws_ecs_cluster.this.id
  task_definition                    = aws_ecs_task_definition.this.arn
  launch_type                        = "FARGATE"
  desired_count                      = var.tasks
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"
  health_check_grace_period_seconds  = 90
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }
  network_configuration {
    assign_public_ip = false
    subnets          = var.private_subnet_ids
    security_groups  = [aws_security_group.task.id]
  }
  load_balancer {
    container_name   = "service"
    container_port   = 7317
    target_group_arn = aws_lb_target_group.this.arn
  }
  depends_on = [
    aws_efs_mount_target.this,
    aws_lb_listener.https,
    aws_vpc_security_group_egress_rule.path,
    aws_vpc_security_group_ingress_rule.path,
  ]
}

output "address" {
  description = "Point the host of `url` here"
  value       = aws_lb.this.dns_name
}

output "task_role_arn" {
  description = "The role that assumes the member roles"
  value       = aws_iam_role.task.arn
}
