variable "audit_account" {
  description = "The account that Six Pillars runs in"
  type        = string
  validation {
    condition     = can(regex("^[0-9]{12}$", var.audit_account))
    error_message = "An account has twelve digits."
  }
}

variable "audit_roles" {
  description = "The roles there that may assume this one, as a pattern of their names"
  type        = string
  default     = "sixpillars-*"
}

variable "external_id" {
  description = "A random text that Six Pillars has to name"
  type        = string
  sensitive   = true
  validation {
    condition     = length(var.external_id) >= 16
    error_message = "At least 16 characters."
  }
}

variable "role_name" {
  description = "The name of the role"
  type        = string
  default     = "sixpillars-audit"
}

variable "billed_reads" {
  description = "Whether reads that AWS bills are allowed; a scan makes them with --allow-paid only"
  type        = bool
  default     = true
}
