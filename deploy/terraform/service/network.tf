# Who reaches whom.

resource "aws_security_group" "balancer" {
  name_prefix = "${var.name}-balancer-"
  description = "Six Pillars, load balancer"
  vpc_id      = var.vpc_id
}

resource "aws_security_group" "task" {
  name_prefix = "${var.name}-task-"
  description = "Six Pillars, tasks"
  vpc_id      = var.vpc_id
}

resource "aws_security_group" "database" {
  name_prefix = "${var.name}-database-"
  description = "Six Pillars, database"
  vpc_id      = var.vpc_id
}

resource "aws_security_group" "files" {
  name_prefix = "${var.name}-files-"
  description = "Six Pillars, reports"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_ingress_rule" "people" {
  for_each          = toset(["80", "443"])
  security_group_id = aws_security_group.balancer.id
  description       = each.key == "443" ? "The page and the API" : "Redirected to 443"
  ip_protocol       = "tcp"
  from_port         = each.key
  to_port           = each.key
  cidr_ipv4         = var.allowed_cidr
}

locals {
  # From, to, port.
  paths = {
    service  = [aws_security_group.balancer.id, aws_security_group.task.id, 7317]
    database = [aws_security_group.task.id, aws_security_group.database.id, 5432]
    files    = [aws_security_group.task.id, aws_security_group.files.id, 2049]
  }
}

resource "aws_vpc_security_group_egress_rule" "path" {
  for_each                     = local.paths
  security_group_id            = each.value[0]
  referenced_security_group_id = each.value[1]
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value[2]
  to_port                      = each.value[2]
}

resource "aws_vpc_security_group_ingress_rule" "path" {
  for_each                     = local.paths
  security_group_id            = each.value[1]
  referenced_security_group_id = each.value[0]
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value[2]
  to_port                      = each.value[2]
}

resource "aws_vpc_security_group_egress_rule" "aws" {
  security_group_id = aws_security_group.task.id
  description       = "AWS and webhooks"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_lb" "this" {
  name_prefix                = "six-"
  load_balancer_type         = "application"
  internal                   = var.internal
  subnets                    = var.public_subnet_ids
  security_groups            = [aws_security_group.balancer.id]
  drop_invalid_header_fields = true
  enable_deletion_protection = true
  # The progress of a run is a stream that may be silent for a while.
  idle_timeout = 120
}

resource "aws_lb_target_group" "this" {
  name_prefix          = "six-"
  vpc_id               = var.vpc_id
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = 7317
  deregistration_delay = 30
  health_check {
    path                = "/readyz"
    matcher             = "200"
    interval            = 15
    timeout             = 10
    healthy_threshold   = 2
    unhealthy_threshold = 4
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTPS"
  port              = 443
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }
}

resource "aws_lb_listener" "redirect" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTP"
  port              = 80
  default_action {
    type = "redirect"
    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}
