# The database, and the folder of reports and journals.
#
# SQLite in EFS is no choice: its write-ahead log needs memory that all readers share, which a network
# file system does not give, and two tasks (every deployment has two for a moment) would damage it.

ephemeral "random_password" "database" {
  length = 40
  # It stands in the address of the database.
  special = false
}

resource "aws_secretsmanager_secret" "database" {
  name_prefix = "${var.name}-database-"
  description = "Six Pillars, password of the database"
}

resource "aws_secretsmanager_secret_version" "database" {
  secret_id                = aws_secretsmanager_secret.database.id
  secret_string_wo         = ephemeral.random_password.database.result
  secret_string_wo_version = var.database_password_version
}

# Read back, so that both have the same one whenever it was made.
ephemeral "aws_secretsmanager_secret_version" "database" {
  secret_id = aws_secretsmanager_secret_version.database.secret_id
}

resource "aws_db_subnet_group" "this" {
  name_prefix = "${var.name}-"
  description = "Six Pillars"
  subnet_ids  = var.private_subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.name}-"
  description = "Six Pillars, TLS only"
  family      = "postgres18"
  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "this" {
  identifier_prefix               = "${var.name}-"
  engine                          = "postgres"
  engine_version                  = "18"
  instance_class                  = var.database_class
  db_name                         = "sixpillars"
  username                        = "sixpillars"
  password_wo                     = ephemeral.aws_secretsmanager_secret_version.database.secret_string
  password_wo_version             = var.database_password_version
  allocated_storage               = 20
  max_allocated_storage           = 200
  storage_type                    = "gp3"
  storage_encrypted               = true
  multi_az                        = var.database_multi_az
  publicly_accessible             = false
  backup_retention_period         = 14
  copy_tags_to_snapshot           = true
  deletion_protection             = true
  final_snapshot_identifier       = "${var.name}-final"
  auto_minor_version_upgrade      = true
  performance_insights_enabled    = true
  parameter_group_name            = aws_db_parameter_group.this.name
  db_subnet_group_name            = aws_db_subnet_group.this.name
  vpc_security_group_ids          = [aws_security_group.database.id]
  enabled_cloudwatch_logs_exports = ["postgresql"]
}

resource "aws_efs_file_system" "this" {
  encrypted       = true
  throughput_mode = "elastic"
  lifecycle_policy {
    transition_to_ia = "AFTER_30_DAYS"
  }
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_efs_backup_policy" "this" {
  file_system_id = aws_efs_file_system.this.id
  backup_policy {
    status = "ENABLED"
  }
}

resource "aws_efs_mount_target" "this" {
  for_each        = toset(var.private_subnet_ids)
  file_system_id  = aws_efs_file_system.this.id
  subnet_id       = each.value
  security_groups = [aws_security_group.files.id]
}

resource "aws_efs_access_point" "this" {
  file_system_id = aws_efs_file_system.this.id
  posix_user {
    uid = 65532
    gid = 65532
  }
  root_directory {
    path = "/sixpillars"
    creation_info {
      owner_uid   = 65532
      owner_gid   = 65532
      permissions = "0700"
    }
  }
}
