variable "name" {
  description = "Begins the names of what is made"
  type        = string
  default     = "sixpillars"
}

variable "image" {
  description = "The image of deploy/container, in a registry that the account can pull from, best with its digest"
  type        = string
}

variable "shell_image" {
  description = "An image with a shell, which writes the configuration into a volume"
  type        = string
  default     = "public.ecr.aws/docker/library/busybox:1.37.0"
}

variable "configuration" {
  description = "The text of service.yaml; ../../cloudformation/service.example.yaml is one"
  type        = string
}

variable "secrets" {
  description = "ARNs of secrets that the configuration names as `$${NAME}`, by name, such as OIDC_CLIENT_SECRET"
  type        = map(string)
  default     = {}
}

variable "tasks" {
  description = "How many processes share the queue; each audits as many targets at once as `concurrency` says"
  type        = number
  default     = 1
}

variable "cpu" {
  description = "Units of processor of a task"
  type        = number
  default     = 1024
}

variable "memory" {
  description = "Memory of a task in MiB"
  type        = number
  default     = 2048
}

variable "vpc_id" {
  description = "Where everything runs"
  type        = string
}

variable "public_subnet_ids" {
  description = "Two or more, in different zones, for the load balancer"
  type        = list(string)
}

variable "private_subnet_ids" {
  description = "Two or more, in different zones, with a way out to AWS, for the tasks, the database and EFS"
  type        = list(string)
}

variable "internal" {
  description = "Whether only networks that reach the VPC see the load balancer; its subnets may then be private ones"
  type        = bool
  default     = false
}

variable "certificate_arn" {
  description = "A certificate in ACM for the host of `url` in the configuration"
  type        = string
}

variable "allowed_cidr" {
  description = "Who may reach the load balancer"
  type        = string
}

variable "database_class" {
  description = "The class of the database"
  type        = string
  default     = "db.t4g.small"
}

variable "database_multi_az" {
  description = "Whether the database has a standby in another zone"
  type        = bool
  default     = false
}

variable "database_password_version" {
  description = "A higher number makes another password; the service has to be deployed anew then"
  type        = number
  default     = 1
}

variable "member_role_name" {
  description = "The name of the role to assume in each account"
  type        = string
  default     = "sixpillars-audit"
}

variable "topic_arns" {
  description = "SNS topics that the configuration tells"
  type        = list(string)
  default     = []
}

variable "event_bus_arns" {
  description = "EventBridge buses that the configuration tells"
  type        = list(string)
  default     = []
}

variable "mail_identity_arns" {
  description = "Identities of SES that the configuration sends mail from"
  type        = list(string)
  default     = []
}

variable "store_bucket" {
  description = "The name of a bucket, where the configuration says `store` is in S3"
  type        = string
  default     = null
}
