# Delivery

variable "deployment_preference" {
  description = "How calls move to new versions of the functions: `all-at-once`; on AWS also `canary` (a tenth for five minutes) or `linear` (a tenth more every minute), both with a rollback when an alarm goes off."
  type        = string
  default     = "all-at-once"

  validation {
    condition     = contains(["all-at-once", "canary", "linear"], var.deployment_preference)
    error_message = "deployment_preference must be `all-at-once`, `canary` or `linear`."
  }

  validation {
    condition     = var.deployment_preference == "all-at-once" || var.target == "aws"
    error_message = "A deployment_preference other than `all-at-once` is for AWS only: local clouds have no CodeDeploy."
  }

  validation {
    condition     = var.deployment_preference == "all-at-once" || var.monitoring == "full"
    error_message = "A deployment_preference other than `all-at-once` requires monitoring = \"full\": alarms roll such a deployment back."
  }
}

variable "live_versions" {
  description = "Versions that calls stay at, by the function's name in the function map; the newest by default. `make deploy` sets it while CodeDeploy moves the calls."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for version in values(var.live_versions) : can(regex("^[1-9][0-9]*$", version))])
    error_message = "live_versions must hold numbers of published versions."
  }
}

variable "protect_data" {
  description = "Keep tables and buckets from being destroyed. By default true on AWS, false elsewhere."
  type        = bool
  default     = null
}

variable "backup_retention_days" {
  description = "How long AWS Backup keeps its daily copies of the tables, in days; 0 for no copies. Point-in-time recovery of 35 days is always on."
  type        = number
  default     = 0

  validation {
    condition     = var.backup_retention_days >= 0 && floor(var.backup_retention_days) == var.backup_retention_days
    error_message = "backup_retention_days must be a whole number, 0 or more."
  }

  validation {
    condition     = var.backup_retention_days == 0 || var.target == "aws"
    error_message = "backup_retention_days is for AWS only: local clouds have no AWS Backup."
  }
}
