variable "name" {
  description = "Begins the names of what is made"
  type        = string
  default     = "sixpillars-scan"
}

variable "image" {
  description = "The image of deploy/container, in a registry that the account can pull from, best with its digest"
  type        = string
}

variable "upload_image" {
  description = "An image with the AWS CLI and a shell"
  type        = string
  default     = "public.ecr.aws/aws-cli/aws-cli:2.36.43"
}

variable "arguments" {
  description = "Arguments of `sixpillars scan`: accounts, regions, policies, gates"
  type        = list(string)
}

variable "formats" {
  description = "What is written to the bucket"
  type        = list(string)
  default     = ["text", "json", "html", "sarif", "csv"]
}

variable "schedule" {
  description = "When, as EventBridge Scheduler has it"
  type        = string
  default     = "cron(0 3 * * ? *)"
}

variable "time_zone" {
  description = "The time zone of the schedule"
  type        = string
  default     = "UTC"
}

variable "vpc_id" {
  description = "Where the task runs"
  type        = string
}

variable "subnet_ids" {
  description = "Subnets with a way out to AWS"
  type        = list(string)
}

variable "public_ip" {
  description = "True in public subnets, where the way out takes an address of the task's own"
  type        = bool
  default     = false
}

variable "member_role_name" {
  description = "The name of the role to assume in each account"
  type        = string
  default     = "sixpillars-audit"
}

variable "topic_arn" {
  description = "An SNS topic that is told when a scan does not end with exit code 0; its policy has to allow events.amazonaws.com"
  type        = string
  default     = null
}

variable "keep_days" {
  description = "How long reports are kept"
  type        = number
  default     = 400
}

variable "cpu" {
  description = "Units of processor of the task"
  type        = number
  default     = 1024
}

variable "memory" {
  description = "Memory of the task in MiB"
  type        = number
  default     = 2048
}
