variable "name" {
  description = "Name of the function."
  type        = string

  validation {
    condition     = length(var.name) <= 64
    error_message = "A function's name can have 64 characters at most: shorten project_name or environment."
  }
}

variable "role_name" {
  description = "Name of the function's role, unique in the account whatever the region."
  type        = string

  validation {
    condition     = length(var.role_name) <= 64
    error_message = "A role's name can have 64 characters at most: shorten project_name or environment."
  }
}

variable "description" {
  description = "What the function does."
  type        = string
}

variable "handler" {
  description = "Python path of the handler."
  type        = string
}

variable "code_bucket" {
  description = "Bucket of the package."
  type        = string
}

variable "code_key" {
  description = "Key of the package in its bucket: another package, another key."
  type        = string
}

variable "runtime" {
  description = "Lambda runtime that the package was built for."
  type        = string
}

variable "architecture" {
  description = "Processor architecture that the package was built for."
  type        = string
}

variable "memory_size" {
  description = "Memory in MB."
  type        = number
}

variable "timeout_seconds" {
  description = "Time limit of one call."
  type        = number
}

variable "snap_start" {
  description = "Start from a snapshot of the initialised state."
  type        = bool
  default     = false
}

variable "reserved_concurrency" {
  description = "Concurrent executions reserved for the function; null for none."
  type        = number
  default     = null
}

variable "live_version" {
  description = "Version that the alias stays at while a newer one is published; null for the newest."
  type        = string
  default     = null
}

variable "environment" {
  description = "Environment variables."
  type        = map(string)
}

variable "encrypt_environment" {
  description = "Encrypt the environment variables with the key, too."
  type        = bool
  default     = true
}

variable "rights" {
  description = "What the function may do, besides writing its logs."
  type = list(object({
    actions   = list(string)
    resources = list(string)
  }))
}

variable "kms_key_arn" {
  description = "Key for logs, environment variables and what the function works on."
  type        = string
}

variable "log_retention_days" {
  description = "How long logs are kept, in days."
  type        = number
}

variable "log_level" {
  description = "Least severe level of the function's own log lines. Metrics are kept at every level."
  type        = string
}

variable "tracing" {
  description = "Trace with X-Ray."
  type        = bool
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds what the function's role may do; null for none."
  type        = string
  default     = null
}
